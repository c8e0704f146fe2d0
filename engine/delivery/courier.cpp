#include "engine/delivery/courier.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>

#include "engine/base/octet_io.hpp"
#include "engine/base/trace.hpp"
#include "engine/delivery/limits.hpp"

namespace engine::delivery {
namespace {

constexpr BytesView kFormatKey = "format";
constexpr BytesView kFormat = "4";
constexpr BytesView kLogKey = "log";
constexpr BytesView kPlannedKey = "planned";

constexpr std::string_view kNotWritten =
    "what is owed to people cannot be written; check the disk, then restart the engine";
constexpr std::string_view kFull =
    "the disk is full, and what is owed to people stays as it is; make room, then ask again";
constexpr std::string_view kStopped = "the engine is stopping; ask again when it is back";
constexpr std::string_view kNoRoom = "too much is waiting to be written; try again in a moment";

std::function<void()> log_work(const OutboxOptions& options, Log& log) {
  if (options.threads == OutboxOptions::Threads::own) return nullptr;
  return [&log] {
    while (log.run()) {
    }
  };
}

}  // namespace

Courier::Courier(const OutboxOptions& options, OutboxParts parts, std::unique_ptr<Store> store)
    : options_(options),
      parts_(std::move(parts)),
      store_(std::move(store)),
      work_(boost::asio::make_work_guard(io_)),
      timer_(io_),
      look_(io_),
      book_(*store_),
      desk_{book_, parts_, options_.rules, options_.kept},
      stories_(parts_.log, parts_.sender_name, log_work(options_, parts_.log)),
      planner_(desk_, stories_),
      dispatcher_(desk_, stories_),
      replies_(desk_),
      sweeper_(desk_),
      codes_(parts_.clock, parts_.metrics),
      line_(limits::kHeardWaiting, limits::kHeardWaiting) {
  add_metrics();
}

Courier::~Courier() { stop(); }

Result<void> Courier::begin() {
  desk_.now = parts_.clock.now();
  const auto log = book_.meta(kLogKey);
  const auto planned = book_.meta(kPlannedKey);
  if (!log) {
    planned_ = position_written_ = parts_.log.head();
    book_.put_meta(kFormatKey, kFormat);
    book_.put_meta(kLogKey, parts_.log.epoch());
    book_.put_meta(kPlannedKey, sequence_key(parts_.log.head()));
  } else if (book_.meta(kFormatKey) != Bytes(kFormat)) {
    return Failure{"the outbox was written by another version of the engine"};
  } else if (*log != parts_.log.epoch()) {
    return Failure{"the outbox belongs to another log; move its folder away to begin a new one"};
  } else {
    const auto sequence = planned ? sequence_in(*planned) : std::nullopt;
    if (!sequence) return Failure{"the outbox does not say how far it has come"};
    if (*sequence > parts_.log.head()) {
      return Failure{
          "the outbox has seen more bulletins than the log holds, which was put back to an earlier "
          "state: nobody would be told of the next ones. Put the outbox's folder back as well, or "
          "move it away to begin a new one"};
    }
    planned_ = position_written_ = *sequence;
  }
  dispatcher_.recover();
  if (book_.fault()) return Failure{*book_.fault()};
  if (book_.commit() != Store::Commit::done) return Failure{"the outbox cannot be written"};
  if (desk_.tally.uncertain > 0) {
    trace(Level::warning, "deliveries_uncertain",
          {{"attempts", std::to_string(desk_.tally.uncertain)}});
  }
  count();
  return {};
}

void Courier::start(std::vector<std::unique_ptr<Channel>> channels) {
  channels_ = std::move(channels);
  for (auto& channel : channels_) {
    const auto way = static_cast<std::size_t>(channel->way());
    ways_[way] = desk_.ways[way] = true;
    code_ways_[way] = channel->sends_codes();
    channel->start(*this);
  }
  if (options_.threads == OutboxOptions::Threads::none) return;
  schedule();
  thread_ = std::thread([this] { io_.run(); });
}

// --- a turn

/// True where there was something to do, so that there may be more.
bool Courier::turn() {
  const bool asked_more = take_asked();
  waits_ = !disk_takes();
  if (waits_) {
    give_back();
    give_up_erasing(full_ ? kFull : kNotWritten);
    return answer_asked() || asked_more;
  }
  desk_.now = parts_.clock.now();
  desk_.tally = {};
  desk_.dead.clear();
  desk_.answered.clear();
  desk_.log_read = {};
  handing_.clear();
  replying_.clear();
  erased_.clear();
  hearing_ = 0;
  noting_ = Sequence::none;
  work();
  bool more = false;
  if (book_.fault()) {
    fail(*book_.fault());
  } else {
    more = book_.changed() ? write() : changed_nothing();
  }
  return answer_asked() || more || asked_more;
}

void Courier::work() {
  // First, as what the last turn has left: nothing that follows brings anything of them back.
  if (!stopping_) erased_ = sweeper_.erase_piece().finished;
  hear_some();
  if (stopping_) return put_position();
  look_at_timers();
  note_records();
  planner_.plan_some();
  take_from_queues();
  put_position();
  if (desk_.log_read) {
    log_trouble_ = false;
    return;
  }
  // What cannot be read of the log now is asked for again in a while; everything else goes on.
  waits_ = true;
  if (std::exchange(log_trouble_, true)) return;
  trace(Level::error, "outbox_cannot_read_log", {{"what", desk_.log_read.error().what}});
}

void Courier::hear_some() {
  const std::size_t most = std::min(heard_.size(), limits::kHeardAtOnce);
  bool answers = false;
  for (; hearing_ < most; ++hearing_) {
    const Heard& heard = heard_[hearing_];
    const auto* replied = std::get_if<Replied>(&heard);
    if (replied == nullptr) {
      answers = answers || std::holds_alternative<Answered>(heard);
      dispatcher_.hear(heard);
      continue;
    }
    // Whom it is from stands with the answer to the message that it answers: that is written first.
    if (answers) return;
    replying_.push_back({replied->kept, replies_.read(*replied)});
  }
}

void Courier::look_at_timers() {
  Cases cases(desk_);
  std::size_t looked_at = 0;
  for (const Due& due : book_.due(desk_.now, limits::kDueAtOnce)) {
    if (looked_at >= limits::kDueAtOnce) break;
    ++looked_at;
    bool done = true;
    if (due.kind == DueKind::retry) {
      if (const auto id = exactly<16>(due.what)) dispatcher_.retry(*id, due.at);
    } else if (due.kind == DueKind::look || due.kind == DueKind::walk) {
      book_.erase_due(due);
      looked_at += cases.look(due, limits::kDueAtOnce - looked_at) - 1;
      continue;
    } else if (const auto sequence = sequence_in(due.what)) {
      done = sweeper_.prune(*sequence);
    }
    if (done) book_.erase_due(due);
  }
}

void Courier::note_records() {
  log_has_more_ = false;
  looked_at_log_ = std::chrono::steady_clock::now();
  const Sequence from = planned_;
  if (number(parts_.log.head()) <= number(from)) return;
  const auto records = stories_.after(from, limits::kRecordsAtOnce);
  if (!records) {
    desk_.log_read = records.error();
    return;
  }
  for (const Record& record : *records) {
    if (auto noted = planner_.note(record); !noted) {
      desk_.log_read = noted.error();
      return;
    }
    noting_ = record.sequence;
  }
}

/// How far it has come is written with what it found there, and now and then where that was
/// nothing: what is looked at twice concerns nobody still.
void Courier::put_position() {
  const Sequence looked_at = std::max(planned_.load(), noting_);
  if (looked_at == position_written_) return;
  if (!book_.changed() && !stopping_ && desk_.now < position_due_) return;
  book_.put_meta(kPlannedKey, sequence_key(looked_at));
}

std::size_t Courier::room_of(const Channel& channel) const {
  const auto its = static_cast<std::size_t>(
      std::count_if(desk_.under_way.begin(), desk_.under_way.end(), [&](const auto& one) {
        return one.second.way == channel.way() && !desk_.answered.contains(one.first);
      }));
  return its >= limits::kUnderWay ? 0 : std::min(channel.room(), limits::kUnderWay - its);
}

void Courier::take_from_queues() {
  for (auto& channel : channels_) {
    const std::size_t room = room_of(*channel);
    if (room == 0) continue;
    for (Taken& taken : dispatcher_.take(channel->way(), room)) {
      handing_.push_back({channel.get(), std::move(taken)});
    }
  }
}

// --- its end

/// True where the turn has seen more of the log, or heard what says nothing new.
bool Courier::changed_nothing() {
  const bool heard = hearing_ > 0;
  const bool looked = noting_ != Sequence::none;
  if (looked) planned_ = noting_;
  if (heard) follow();
  return heard || looked;
}

bool Courier::write() {
  switch (book_.commit()) {
    case Store::Commit::done:
      written();
      return true;
    case Store::Commit::busy:  // a later turn does the same again
    case Store::Commit::no_space:
      waits_ = true;
      return false;
    case Store::Commit::failed:
      break;
  }
  fail("the disk");
  return false;
}

void Courier::written() {
  for (const DeliveryId& id : desk_.answered) desk_.under_way.erase(id);
  planned_ = position_written_ = std::max(planned_.load(), noting_);
  position_due_ = desk_.now + limits::kPositionPause;
  follow();
}

/// What a turn promised, now that it is written.
void Courier::follow() {
  settle_heard();
  count();
  if (!desk_.dead.empty()) parts_.addressees.mark_dead(desk_.dead);
  for (Replying& one : std::exchange(replying_, {})) carry_out(std::move(one));
  for (const std::string& organisation : erased_) {
    const auto at = erasing_.find(organisation);
    if (at == erasing_.end()) continue;
    for (auto& done : at->second) done({});
    erasing_.erase(at);
  }
  hand_over();
}

/// What it was heard by is told that it is kept; replies are told once they are carried out.
void Courier::settle_heard() {
  for (std::size_t i = 0; i < hearing_; ++i) {
    const bool reply = std::holds_alternative<Replied>(heard_.front());
    const Kept kept = reply ? nullptr : kept_of(heard_.front());
    heard_.pop_front();
    if (kept) kept(true);
  }
  hearing_ = 0;
}

/// While the disk takes nothing, whoever can tell a thing again is told to at once, and keeps it.
void Courier::give_back() {
  std::erase_if(heard_, [](const Heard& heard) {
    const Kept kept = kept_of(heard);
    if (kept) kept(false);
    return kept != nullptr;
  });
}

/// What was written back counts once it is kept where it belongs: with the receipts, which tell the
/// outbox then, and with the directory.
void Courier::carry_out(Replying replying) {
  ReplyRead& read = replying.read;
  bool kept = read.outcome != ReplyRead::Outcome::unreadable;
  for (const auto& [organisation, contact] : read.leaving) {
    const auto left = parts_.addressees.leave(organisation, contact);
    if (!left) trace(Level::error, "contact_did_not_leave", {{"what", left.error().what}});
    kept = kept && left;
  }
  parts_.metrics
      .counter("tocsin_replies_total", "What people wrote back to text messages",
               fmt::format("outcome=\"{}\"", text(read.outcome)))
      .add();
  Kept tell = replying.kept ? std::move(replying.kept) : [](bool) {};
  if (!kept || read.receipts.empty() || !parts_.said) return tell(kept);
  parts_.said(std::move(read.receipts), here(std::move(tell)));
}

Kept Courier::here(Kept kept) {
  return [this, kept = std::move(kept)](bool yes) {
    boost::asio::post(io_, [kept, yes] { kept(yes); });
  };
}

void Courier::hand_over() {
  for (Handing& handing : handing_) {
    Taken& taken = handing.taken;
    const DeliveryId id = taken.attempt.delivery;
    desk_.under_way.emplace(id, Handed{handing.channel->way(), taken.mark});
    if (handing.channel->room() == 0) {
      heard_.push_back(NotMade{id});
      continue;
    }
    Receipt receipt;
    receipt.sequence = taken.attempt.story->sequence;
    receipt.organisation = std::move(taken.organisation);
    handing.channel->attempt(std::move(taken.attempt),
                             [this, id, receipt = std::move(receipt)](Attempted attempted) {
                               heard_of(id, receipt, std::move(attempted));
                             });
  }
  handing_.clear();
  under_way_ = desk_.under_way.size();
}

/// What its receiver said is kept first: who has been told and answered is not asked again.
void Courier::heard_of(const DeliveryId& id, const Receipt& receipt, Attempted attempted) {
  const auto said = attempted.said;
  const auto hear = [this, id, attempted = std::move(attempted)](bool) {
    heard_.push_back(Answered{id, attempted});
    schedule();
  };
  if (!said || !parts_.said) return hear(true);
  Receipt whole = receipt;
  whole.state = said->state;
  whole.answer = said->answer;
  parts_.said({std::move(whole)}, here(hear));
}

/// The rules of the log: what the disk did not write stops everything until a restart, and a full
/// disk only until there is room.
bool Courier::disk_takes() {
  if (!writable_) return false;
  if (store_->renew(options_.working_bytes)) begin_anew();
  if (store_->state() == Store::State::failed) {
    fail("background work");
    return false;
  }
  const Store::Room room = store_->room();
  const bool full = store_->state() == Store::State::no_space ||
                    (room.free_bytes && *room.free_bytes < options_.working_bytes);
  if (full_.exchange(full) != full) {
    trace(full ? Level::error : Level::notice, full ? "outbox_full" : "outbox_has_room");
  }
  return !full;
}

/// The store was opened anew, and the turn that was in doubt was written after all or was not. What
/// it marked was never handed over; what it heard is heard again, which changes nothing but a count
/// of attempts.
void Courier::begin_anew() {
  book_.begin_anew();
  const auto planned = book_.meta(kPlannedKey);
  const auto sequence = planned ? sequence_in(*planned) : std::nullopt;
  if (!sequence) return fail("the outbox does not say how far it has come");
  planned_ = position_written_ = *sequence;
  for (const FlightRow& one : book_.read_under_way()) {
    const DeliveryId id = id_in(one.order);
    if (!desk_.under_way.contains(id)) heard_.push_back(NotMade{id});
  }
}

void Courier::fail(std::string_view why) {
  writable_ = false;
  full_ = false;
  book_.begin();
  trace(Level::error, "outbox_write_failed", {{"why", std::string(why)}});
}

// --- who hears and asks

void Courier::hear_later(Heard heard) {
  if (heard_.size() >= limits::kHeardWaiting) {
    dropped_.fetch_add(1, std::memory_order_relaxed);
    if (const Kept kept = kept_of(heard)) kept(false);
    return;
  }
  heard_.push_back(std::move(heard));
  schedule();
}

void Courier::reported(const DeliveryId& delivery, const Report& report, Kept kept) {
  hear_later(ReportedId{delivery, report, std::move(kept)});
}

void Courier::reported(std::string_view gateway, std::vector<std::string> names,
                       const Report& report, Kept kept) {
  hear_later(ReportedName{std::string(gateway), std::move(names), report, std::move(kept)});
}

void Courier::answered(Way way, std::string_view from, std::string_view text, Kept kept) {
  hear_later(Replied{way, std::string(from), std::string(text), std::move(kept)});
}

void Courier::ask(Asked asked) {
  if (line_.enter(asked, 1) == Entry::taken) return schedule();
  refuse(asked, kNoRoom);
}

/// Whether there may be more.
bool Courier::take_asked() {
  auto taken = line_.take(limits::kHeardAtOnce, limits::kHeardAtOnce, {});
  for (Asked& asked : taken) {
    if (auto* acknowledged = std::get_if<Acknowledged>(&asked)) {
      hear_later(std::move(*acknowledged));
    } else {
      asked_.push_back(std::move(asked));
    }
  }
  return taken.size() == limits::kHeardAtOnce;
}

bool Courier::answer_asked() {
  bool begun = false;
  std::deque<Asked> asked = std::exchange(asked_, {});
  for (Asked& one : asked) begun = answer(one) || begun;
  // Behind everything that was handed over in this turn.
  if (!stopping_) codes_.send(channels_);
  return begun;
}

bool Courier::answer(Asked& asked) {
  if (auto* reach_of = std::get_if<AskReach>(&asked)) {
    reach_of->done(reach(reach_of->sequence));
  } else if (auto* list = std::get_if<AskUnreached>(&asked)) {
    list->done(unreached(list->sequence, std::move(list->cursor)));
  } else if (auto* sent = std::get_if<AskSent>(&asked)) {
    sent->done(sent_to(sent->organisation, sent->after));
  } else if (auto* delivery = std::get_if<AskDelivery>(&asked)) {
    delivery->done(find(delivery->id));
  } else if (auto* gateways = std::get_if<AskGateways>(&asked)) {
    std::vector<GatewayState> all;
    for (auto& channel : channels_) {
      for (GatewayState& one : channel->gateways()) {
        one.way = channel->way();
        all.push_back(std::move(one));
      }
    }
    gateways->done(std::move(all));
  } else if (auto* code = std::get_if<SendCode>(&asked)) {
    code->taken(!stopping_ && sends_codes(code->way) &&
                codes_.add(code->way, std::move(code->message)));
  } else if (auto* erase = std::get_if<Erase>(&asked)) {
    return begin_erasing(std::move(*erase));
  }
  return false;
}

/// A write of its own, so that it goes on after a restart; `done` once nothing is left.
bool Courier::begin_erasing(Erase erase) {
  const std::string_view why = stopping_ ? kStopped : full_ ? kFull : kNotWritten;
  if (!stopping_ && writable_ && !full_) {
    sweeper_.begin_erasing(erase.organisation);
    if (book_.commit() == Store::Commit::done) {
      erasing_[erase.organisation].push_back(std::move(erase.done));
      return true;
    }
  }
  erase.done(Failure{why});
  return false;
}

Result<void> Courier::erase_alone(std::string_view organisation) {
  desk_.now = parts_.clock.now();
  sweeper_.begin_erasing(organisation);
  for (bool gone = false; !gone;) {
    if (!book_.fault() && book_.commit() == Store::Commit::done) {
      const auto erased = sweeper_.erase_piece();
      gone = !erased.worked;
      if (!book_.fault()) continue;
    }
    const std::string why = book_.fault().value_or(std::string(kNotWritten));
    fail(why);
    return Failure{why};
  }
  return {};
}

void Courier::refuse(Asked& asked, std::string_view why) {
  if (auto* reach_of = std::get_if<AskReach>(&asked)) reach_of->done(Failure{why});
  if (auto* list = std::get_if<AskUnreached>(&asked)) list->done(Failure{why});
  if (auto* sent = std::get_if<AskSent>(&asked)) sent->done(Failure{why});
  if (auto* delivery = std::get_if<AskDelivery>(&asked)) delivery->done(Failure{why});
  if (auto* gateways = std::get_if<AskGateways>(&asked)) gateways->done({});
  if (auto* erase = std::get_if<Erase>(&asked)) erase->done(Failure{why});
  if (auto* code = std::get_if<SendCode>(&asked)) code->taken(false);
}

}  // namespace engine::delivery
