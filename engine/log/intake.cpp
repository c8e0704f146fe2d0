#include "engine/log/intake.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/trace.hpp"
#include "engine/log/record.hpp"
#include "engine/log/tables.hpp"

namespace engine {
namespace {

constexpr int kComeBackSoon_s = 5;
constexpr int kClosed_s = 30;
// What a bulletin adds to its record: keys of every table, RocksDB's own.
constexpr std::uint64_t kRecordExtraBytes = 8UL << 10;

Refusal refusal(Code code, std::string detail, int retry_after_s = 0) {
  Refusal made;
  made.code = code;
  made.detail = std::move(detail);
  made.retry_after_s = retry_after_s;
  return made;
}

Failure damaged(std::string_view table) {
  return {fmt::format("the log's table of {} is damaged", table)};
}

}  // namespace

Intake::Intake(const Store& store, ActiveSet& active, Sequence head)
    : store_(store), active_(active), head_(head) {}

void Intake::begin(const Conditions& conditions) {
  conditions_ = conditions;
  bytes_taken_ = 0;
}

void Intake::take_back(Sequence head) {
  head_ = head;
  windows_.clear();  // read again from what was spent in truth
}

Decision Intake::decide(const Candidate& candidate, Store::Change& change) {
  Result<Decision> decision = try_decide(candidate, change);
  if (decision) {
    if (auto* taken = std::get_if<Appended>(&decision->answer)) taken->id = candidate.bulletin->id;
    return *std::move(decision);
  }
  trace(Level::error, "log_read_failed", {{"what", decision.error().what}});
  return {refusal(Code::log_unavailable,
                  "The log cannot read what this bulletin needs: " + decision.error().what +
                      ". The operator must look at the disk; send it again then.",
                  kComeBackSoon_s),
          std::nullopt};
}

Result<Decision> Intake::try_decide(const Candidate& candidate, Store::Change& change) {
  const Bulletin& bulletin = *candidate.bulletin;
  const Precedents precedents(change, head_);
  const auto repeat = precedents.repeat_of(bulletin);
  if (!repeat) return repeat.error();
  if (*repeat) return Decision{**repeat, std::nullopt};

  const auto before = precedents.ended_before(bulletin.outline);
  if (!before) return before.error();
  const auto conflict = precedents.conflict_of(bulletin, *before);
  if (!conflict) return conflict.error();
  if (*conflict) return Decision{**conflict, std::nullopt};

  const auto effects = precedents.effects_of(bulletin.outline, *before);
  if (!effects) return effects.error();
  const bool is_cancel = bulletin.outline.msg_type == cap::MsgType::cancel;
  const bool counts = !candidate.rate_exempt && !(is_cancel && effects->cancels_something());
  if (counts) {
    const auto over = over_rate(candidate, change);
    if (!over) return over.error();
    if (*over) return Decision{**over, std::nullopt};
  }
  Record record{next(head_), conditions_.at, completed(candidate.bulletin, *effects)};
  const Bytes bytes = encode_record(record);
  if (auto full = no_room(bulletin, bytes.size())) return Decision{*std::move(full), std::nullopt};
  admit(record, bytes, *effects, change);
  if (counts) spend(record, conditions_.now, change);
  return Decision{Appended{record.sequence, record.at, false}, std::move(record), counts};
}

void Intake::spend(const Record& record, Time now, Store::Change& change) {
  const std::string& sender = record.bulletin->outline.identity.sender;
  const Spending spending{now, record.sequence};
  windows_[sender].add(spending);
  change.put(LogTable::spent, spending_key(sender, spending), {});
}

Result<Record> Intake::adopt(const Agreed& agreed, Store::Change& change) {
  Record record = agreed.record;
  const cap::Outline& outline = agreed.record.bulletin->outline;
  const Precedents precedents(change, head_);
  const auto before = precedents.ended_before(outline);
  if (!before) return before.error();
  const auto effects = precedents.effects_of(outline, *before);
  if (!effects) return effects.error();
  record.bulletin = completed(record.bulletin, *effects);
  if (agreed.counts) {
    // The window is read from the store before it is added to, as question 14 reads it.
    if (const auto window = window_of(outline.identity.sender); !window) return window.error();
    spend(record, record.at, change);
  }
  admit(record, encode_record(record), *effects, change);
  return record;
}

bool Intake::has_room(const Record& record) const {
  return !no_room(*record.bulletin, record.bulletin->envelope.payload.size());
}

/// Question 14.
Result<std::optional<Refusal>> Intake::over_rate(const Candidate& candidate,
                                                 Store::Change& change) {
  const std::string& sender = candidate.bulletin->outline.identity.sender;
  const Result<RateWindow*> window = window_of(sender);
  if (!window) return window.error();
  const RateWindow::Tidied tidied = (*window)->forget(conditions_.now);
  for (const Spending& left : tidied.dropped) {
    change.erase(LogTable::spent, spending_key(sender, left));
  }
  for (const Spending& moved : tidied.moved) {
    change.put(LogTable::spent, spending_key(sender, moved), {});
  }
  const int limit = std::max(candidate.rate_per_hour, 0);
  const auto wait = (*window)->wait(static_cast<std::size_t>(limit), conditions_.now);
  if (!wait) return std::optional<Refusal>{};
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(*wait).count();
  return std::optional<Refusal>{
      refusal(Code::too_many,
              fmt::format("{} has sent its {} bulletins of this hour. There is room for the next "
                          "in {} s; an Extreme alert with two holders is taken at once, and so is "
                          "a Cancel.",
                          sender, limit, seconds),
              static_cast<int>(std::max<std::int64_t>(seconds, 1)))};
}

Result<RateWindow*> Intake::window_of(const std::string& sender) {
  const auto known = windows_.find(sender);
  if (known != windows_.end()) return &known->second;
  RateWindow window;
  bool readable = true;
  // All there is: what an earlier process or a wrong clock has left behind is then dropped.
  const Bytes from = spending_key(sender, {Time::min(), {}});
  const Bytes until = spending_key(sender, {Time::max(), {}});
  const auto scanned = store_.scan(LogTable::spent, from, until, [&](BytesView key, BytesView) {
    const auto spending = parse_spending_key(sender, key);
    readable = spending.has_value();
    if (readable) window.add(*spending);
    return readable;
  });
  if (!scanned) return scanned.error();
  if (!readable) return damaged("rates");
  return &windows_.emplace(sender, std::move(window)).first->second;
}

/// Question 15, as far as it can be answered before the write.
std::optional<Refusal> Intake::no_room(const Bulletin& bulletin, std::size_t size) const {
  if (conditions_.state == Store::State::failed) {
    return refusal(Code::log_unavailable,
                   "The log could not be written and takes nothing until the engine is restarted. "
                   "Tell the operator; send this again then.",
                   kClosed_s);
  }
  const Store::Room& room = conditions_.room;
  if (!room.free_bytes && conditions_.state == Store::State::open) return std::nullopt;
  const std::uint64_t free_bytes = room.free_bytes.value_or(0);
  std::uint64_t needed = bytes_taken_ + size + kRecordExtraBytes;
  std::uint64_t usable = free_bytes;
  if (bulletin.outline.msg_type == cap::MsgType::cancel) {
    usable += room.held_bytes;
  } else {
    needed += conditions_.working_bytes + room.missing_bytes;
  }
  if (conditions_.state == Store::State::open && usable >= needed) return std::nullopt;
  return refusal(Code::log_full,
                 fmt::format("The engine's disk is full: {} MiB are free, and {} MiB of {} held "
                             "for Cancels. The operator must make room; the engine then takes "
                             "bulletins again by itself, and this one can be sent again.",
                             free_bytes >> 20, room.held_bytes >> 20,
                             (room.held_bytes + room.missing_bytes) >> 20));
}

void Intake::admit(const Record& record, BytesView bytes, const Effects& effects,
                   Store::Change& change) {
  const cap::Outline& outline = record.bulletin->outline;
  const Bytes key = sequence_key(record.sequence);
  bytes_taken_ += bytes.size() + kRecordExtraBytes;
  change.put(LogTable::records, key, bytes);
  change.put(LogTable::ids, view(record.bulletin->id),
             standing_value({record.sequence, record.at}));
  change.put(LogTable::identities, identity_key(outline.identity), key);

  end_named(record, effects, change);
  head_ = record.sequence;
}

void Intake::end_named(const Record& record, const Effects& effects, Store::Change& change) {
  const cap::Outline& outline = record.bulletin->outline;
  const bool is_cancel = outline.msg_type == cap::MsgType::cancel;
  const Ending ending = is_cancel ? Ending::cancelled : Ending::replaced;
  for (const auto& [identity, before] : effects.ended) {
    const std::size_t kept = std::min(before.size(), kEndedByMax - 1);
    Ended ended{ending, {before.end() - static_cast<std::ptrdiff_t>(kept), before.end()}};
    ended.by.push_back(record.sequence);
    change.put(LogTable::ended, identity_key(identity), ended_value(ended));
  }
  for (const Named& one : effects.named) {
    // A Cancel among them stays: it stops, and nothing starts again what it stopped.
    if (!is_alert_or_update(one.msg_type) || one.then == Named::Then::stays) continue;
    active_.leave(change, one.sequence, one.expires);
  }
  if (is_cancel) {
    const auto until = effects.latest_expiry();
    if (until) active_.enter(change, record.sequence, *until);
  } else if (is_alert_or_update(outline.msg_type) && !effects.ended_early) {
    active_.enter(change, record.sequence, outline.expires);
  }
}

}  // namespace engine
