#include "engine/log/intake.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "engine/base/trace.hpp"
#include "engine/log/record.hpp"
#include "engine/log/tables.hpp"

namespace engine {
namespace {

constexpr int kComeBackSoon_s = 5;
// What a record adds to its payload and signatures: outline, keys of every table, RocksDB's own.
constexpr std::uint64_t kRecordExtraBytes = 8UL << 10;

Refusal refusal(Code code, std::string detail, int retry_after_s = 0) {
  Refusal made;
  made.code = code;
  made.detail = std::move(detail);
  made.retry_after_s = retry_after_s;
  return made;
}

std::string text_of(const cap::Identity& identity) {
  return identity.sender + "," + identity.identifier + "," + format_cap_time(identity.sent);
}

bool is_alert_or_update(cap::MsgType type) {
  return type == cap::MsgType::alert || type == cap::MsgType::update;
}

Failure damaged(std::string_view table) {
  return {fmt::format("the log's table of {} is damaged", table)};
}

Result<std::optional<Standing>> standing_of(Result<std::optional<Bytes>> value) {
  if (!value) return value.error();
  if (!*value) return std::optional<Standing>{};
  const auto standing = parse_standing(**value);
  if (!standing) return damaged("ids");
  return standing;
}

Result<std::optional<Ending>> ending_of(const cap::Identity& identity,
                                        const Store::Change& change) {
  const auto value = change.get(LogTable::ended, identity_key(identity));
  if (!value) return value.error();
  if (!*value) return std::optional<Ending>{};
  const auto ending = parse_ending(**value);
  if (!ending) return damaged("ended alerts");
  return ending;
}

}  // namespace

/// Without what it reaches: there may be thousands, and each may reach as much as fits an outline.
struct Intake::Named {
  Sequence sequence = Sequence::none;
  cap::MsgType msg_type = cap::MsgType::alert;
  Time expires;
  std::optional<Ending> ending;
};

struct Intake::Effects {
  std::vector<Named> named;          // those it refers to that are in the log
  std::vector<cap::Reach> reaches;   // theirs
  std::vector<cap::Identity> ended;  // those it ends, in the log or not; without the cancelled
  bool ended_early = false;          // it was itself ended before it came

  void add(const Named& one, const cap::Outline& outline) {
    named.push_back(one);
    if (outline.shown()) cap::add_reaches(reaches, outline.reaches);
  }
  bool cancels_something() const {
    return std::any_of(named.begin(), named.end(), [](const Named& one) {
      return is_alert_or_update(one.msg_type) && one.ending != Ending::cancelled;
    });
  }
  /// When the last of the alerts named would have expired.
  std::optional<Time> latest_expiry() const {
    std::optional<Time> latest;
    for (const Named& one : named) {
      if (!is_alert_or_update(one.msg_type)) continue;
      latest = std::max(latest.value_or(one.expires), one.expires);
    }
    return latest;
  }
};

Intake::Intake(const Store& store, ActiveSet& active, Sequence head)
    : store_(store), active_(active), head_(head) {}

void Intake::begin(const Conditions& conditions) {
  conditions_ = conditions;
  bytes_taken_ = 0;
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
  const auto repeat = repeat_of(bulletin, change);
  if (!repeat) return repeat.error();
  if (*repeat) return Decision{**repeat, std::nullopt};

  const auto conflict = conflict_of(bulletin, change);
  if (!conflict) return conflict.error();
  if (*conflict) return Decision{**conflict, std::nullopt};

  const auto effects = effects_of(bulletin.outline, change);
  if (!effects) return effects.error();
  const bool is_cancel = bulletin.outline.msg_type == cap::MsgType::cancel;
  const bool counts = !candidate.rate_exempt && !(is_cancel && effects->cancels_something());
  if (counts) {
    const auto over = over_rate(candidate, change);
    if (!over) return over.error();
    if (*over) return Decision{**over, std::nullopt};
  }
  if (auto full = no_room(bulletin)) return Decision{*std::move(full), std::nullopt};

  Record record = admit(candidate.bulletin, *effects, change);
  if (counts) {
    const std::string& sender = bulletin.outline.identity.sender;
    const Spending spending{conditions_.now, record.sequence};
    windows_[sender].add(spending);
    change.put(LogTable::spent, spending_key(sender, spending), {});
  }
  return Decision{Appended{record.sequence, record.at, false}, std::move(record)};
}

Result<std::optional<Appended>> Intake::repeat_of(const Bulletin& bulletin,
                                                  const Store::Change& change) const {
  const auto standing = standing_of(change.get(LogTable::ids, view(bulletin.id)));
  if (!standing) return standing.error();
  if (!*standing) return std::optional<Appended>{};
  // Of a commit that failed nothing is promised, whatever of it can be read.
  if ((*standing)->sequence > head_) return Failure{"it holds a record beyond its end"};
  return std::optional<Appended>{{(*standing)->sequence, (*standing)->at, true}};
}

/// Question 13.
Result<std::optional<Refusal>> Intake::conflict_of(const Bulletin& bulletin,
                                                   const Store::Change& change) const {
  const cap::Identity& identity = bulletin.outline.identity;
  const auto used = change.get(LogTable::identities, identity_key(identity));
  if (!used) return used.error();
  if (*used) {
    return std::optional<Refusal>{refusal(
        Code::identity_conflict,
        fmt::format("The alert {} is in the log already, with other bytes. Give this one an "
                    "identifier or a time of its own, or send it as an Update of the other.",
                    text_of(identity)))};
  }
  if (!is_alert_or_update(bulletin.outline.msg_type)) return std::optional<Refusal>{};
  const auto ending = ending_of(identity, change);
  if (!ending) return ending.error();
  if (*ending != Ending::cancelled) return std::optional<Refusal>{};
  return std::optional<Refusal>{
      refusal(Code::already_cancelled,
              fmt::format("The alert {} was cancelled before it arrived. If it is needed after "
                          "all, draft it anew.",
                          text_of(identity)))};
}

Result<std::optional<Intake::Found>> Intake::look_up(const cap::Identity& identity,
                                                     const Store::Change& change) const {
  const auto at = change.get(LogTable::identities, identity_key(identity));
  if (!at) return at.error();
  if (!*at) return std::optional<Found>{};
  const auto sequence = parse_sequence_key(**at);
  if (!sequence) return damaged("identities");
  const auto bytes = change.get(LogTable::records, **at);
  if (!bytes) return bytes.error();
  if (!*bytes) return Failure{fmt::format("record {} is missing", number(*sequence))};
  auto outline = decode_record_outline(**bytes, *sequence);
  if (!outline) return outline.error();
  return std::optional<Found>{Found{*sequence, *std::move(outline)}};
}

Result<Intake::Effects> Intake::effects_of(const cap::Outline& outline,
                                           const Store::Change& change) const {
  Effects effects;
  const auto early = ending_of(outline.identity, change);
  if (!early) return early.error();
  effects.ended_early = early->has_value();
  const bool ends =
      outline.msg_type == cap::MsgType::update || outline.msg_type == cap::MsgType::cancel;
  if (!ends) return effects;
  std::unordered_set<std::string> seen;
  for (const cap::Identity& reference : outline.references) {
    if (!seen.insert(identity_key(reference)).second) continue;
    const auto ending = ending_of(reference, change);
    if (!ending) return ending.error();
    // Once cancelled, always cancelled.
    if (*ending != Ending::cancelled) effects.ended.push_back(reference);
    const auto found = look_up(reference, change);
    if (!found) return found.error();
    if (!*found) continue;
    const auto& [sequence, named] = **found;
    effects.add({sequence, named.msg_type, named.expires, *ending}, named);
  }
  return effects;
}

/// Question 14.
Result<std::optional<Refusal>> Intake::over_rate(const Candidate& candidate,
                                                 Store::Change& change) {
  const std::string& sender = candidate.bulletin->outline.identity.sender;
  const Result<RateWindow*> window = window_of(sender);
  if (!window) return window.error();
  for (const Spending& left : (*window)->forget(conditions_.now)) {
    change.erase(LogTable::spent, spending_key(sender, left));
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
  const Bytes from = spending_key(sender, {conditions_.now - RateWindow::kLength, {}});
  const Bytes until = spending_key(sender, {conditions_.now + RateWindow::kLength, {}});
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
std::optional<Refusal> Intake::no_room(const Bulletin& bulletin) const {
  if (!conditions_.writable) {
    return refusal(Code::log_unavailable,
                   "The log could not be written and takes nothing until the engine is restarted. "
                   "Tell the operator; send this again then.",
                   kComeBackSoon_s);
  }
  if (!conditions_.free_bytes || bulletin.outline.msg_type == cap::MsgType::cancel) {
    return std::nullopt;
  }
  const std::uint64_t needed = bytes_taken_ + bulletin.envelope.payload.size() + kRecordExtraBytes +
                               conditions_.reserve_bytes;
  if (*conditions_.free_bytes >= needed) return std::nullopt;
  return refusal(Code::log_full,
                 fmt::format("The engine's disk has {} MiB left; the last {} MiB are kept for "
                             "Cancels. The operator must make room; send this again then.",
                             *conditions_.free_bytes >> 20, conditions_.reserve_bytes >> 20));
}

Record Intake::admit(const BulletinPtr& bulletin, const Effects& effects, Store::Change& change) {
  Record record{next(head_), conditions_.at, bulletin};
  if (!effects.named.empty()) {
    auto completed = std::make_shared<Bulletin>(*bulletin);
    std::vector<cap::Reach> reaches = effects.reaches;
    // An Update goes where those it replaces went, but only to those its officers meant it for; a
    // Cancel to exactly those who were told what it stops.
    if (bulletin->outline.msg_type == cap::MsgType::update) {
      for (cap::Reach& reach : reaches) reach.audience = bulletin->outline.audience;
    }
    cap::add_reaches(completed->outline.reaches, reaches);
    record.bulletin = std::move(completed);
  }
  const cap::Outline& outline = record.bulletin->outline;
  const Bytes key = sequence_key(record.sequence);
  const Bytes bytes = encode_record(record);
  bytes_taken_ += bytes.size() + kRecordExtraBytes;
  change.put(LogTable::records, key, bytes);
  change.put(LogTable::ids, view(bulletin->id), standing_value({record.sequence, record.at}));
  change.put(LogTable::identities, identity_key(outline.identity), key);

  end_named(record, effects, change);
  head_ = record.sequence;
  return record;
}

void Intake::end_named(const Record& record, const Effects& effects, Store::Change& change) {
  const cap::Outline& outline = record.bulletin->outline;
  const bool is_cancel = outline.msg_type == cap::MsgType::cancel;
  const Ending ending = is_cancel ? Ending::cancelled : Ending::replaced;
  for (const cap::Identity& ended : effects.ended) {
    change.put(LogTable::ended, identity_key(ended), ending_value(ending, record.sequence));
  }
  for (const Named& one : effects.named) {
    // A Cancel among them stays: it stops, and nothing starts again what it stopped.
    if (!is_alert_or_update(one.msg_type)) continue;
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
