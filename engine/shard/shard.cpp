#include "engine/shard/shard.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "engine/base/trace.hpp"
#include "engine/limits.hpp"

namespace engine {

Shard::Shard(const ShardParts& parts, std::uint64_t seed)
    : parts_(parts),
      deliveries_(parts.metrics.counter("tocsin_deliveries_total",
                                        "Bulletins handed to connected readers")),
      mailbox_(limits::kMailboxFrames),
      fanned_(parts.log.head()),
      head_at_tick_(fanned_out()),
      random_(seed) {}

// --- downstream: from the log to everyone connected

void Shard::post(std::span<const FramePtr> frames) {
  if (mailbox_.post(frames) == Mailbox<FramePtr>::Posted::wake) {
    boost::asio::post(io_, [this] { drain(); });
  }
}

void Shard::call(std::function<void()> work) { boost::asio::post(io_, std::move(work)); }

void Shard::drain() {
  notice_changes();
  for (auto& frame : mailbox_.drain()) gathered_.push_back(std::move(frame));
  if (waits_for_more()) return;
  std::vector<FramePtr> frames = std::exchange(gathered_, {});
  // What this shard has seen already (it read the head when it was made) is not news.
  std::erase_if(frames,
                [this](const FramePtr& frame) { return frame->record.sequence <= fanned_out(); });
  // Records come without gaps unless the mailbox was full in between.
  std::vector<FramePtr> run;
  for (auto& frame : frames) {
    const Sequence before = run.empty() ? fanned_out() : run.back()->record.sequence;
    const Sequence previous{number(frame->record.sequence) - 1};
    if (previous != before) {
      fan_out(run);
      run.clear();
      miss(previous);
    }
    run.push_back(std::move(frame));
  }
  fan_out(run);
}

bool Shard::waits_for_more() {
  const auto left =
      gathering_.wait(gathered_.size(), parts_.log.under_way(), std::chrono::steady_clock::now());
  if (!left) return false;
  gathered_timer_.expires_after(*left);
  gathered_timer_.async_wait([this](boost::system::error_code error) {
    if (!error) drain();
  });
  return true;
}

void Shard::fan_out(const std::vector<FramePtr>& frames) {
  if (frames.empty()) return;
  const auto begun = std::chrono::steady_clock::now();
  for (const auto& frame : frames) ring_.push(frame);
  const Sequence before = fanned_out();
  fanned_.store(frames.back()->record.sequence, std::memory_order_release);
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    look_ahead(i);
    FilterGroup* const group = groups_[i].get();
    const Target* decided = nullptr;  // the last one asked, and what it said
    bool concerned = false;
    for (const auto& frame : frames) {
      if (frame->target.get() != decided) {
        decided = frame->target.get();
        concerned = decided->concerns(group->filter);
      }
      if (!concerned) continue;
      group->frames.push_back(frame->wire);
      group->sequences.push_back(frame->record.sequence);
    }
    if (group->frames.empty()) continue;
    std::uint32_t whole = 0;  // streams that took all of it; of the others each is counted itself
    for (std::size_t member = 0; member < group->members.size(); ++member) {
      look_ahead(group->members, member);
      if (offer_turn(*group, *group->members[member], before) == Offered::whole) ++whole;
    }
    for (const Sequence sequence : group->sequences) handed_over(*group, sequence, whole);
    group->frames.clear();  // the ring keeps them, not every group
    group->sequences.clear();
  }
  gathering_.turn_took(std::chrono::steady_clock::now() - begun);
  report();
}

/// Twenty thousand groups do not fit into the caches beside everything else, and waiting for each
/// would take longer than deciding.
void Shard::look_ahead(std::size_t i) const {
  constexpr std::size_t kGroups = 16, kFilters = 8;
  if (i + kGroups < groups_.size()) {
    const auto* const group = reinterpret_cast<const char*>(groups_[i + kGroups].get());
    for (std::size_t at = 0; at < sizeof(FilterGroup); at += 64) __builtin_prefetch(group + at);
  }
  if (i + kFilters < groups_.size()) Target::fetch(groups_[i + kFilters]->filter);
}

/// The kernel's work for one reader leaves little of ours in the processor's caches: what the next
/// ones need is fetched while it works.
void Shard::look_ahead(const std::vector<Subscriber*>& members, std::size_t now) {
  constexpr std::size_t kLine = 64;
  constexpr std::size_t kOutletBytes = 2 * kLine;
  if (now + 2 < members.size()) __builtin_prefetch(members[now + 2], 1);
  if (now + 1 >= members.size()) return;
  const auto* outlet = reinterpret_cast<const char*>(members[now + 1]->outlet);
  for (std::size_t at = 0; at < kOutletBytes; at += kLine) __builtin_prefetch(outlet + at);
}

Shard::Offered Shard::offer_turn(FilterGroup& group, Subscriber& subscriber, Sequence before) {
  if (subscriber.full || subscriber.closing || subscriber.catch_up) return Offered::other;
  if (subscriber.through > before) {  // it read some of these from the log already
    // In one long turn the ring may have dropped what comes next for it.
    if (ring_.covers(subscriber.through)) {
      hand_over_ring(subscriber);
    } else {
      fall_behind(subscriber);
    }
    return Offered::other;
  }
  const std::size_t taken = subscriber.outlet->offer(group.frames);
  deliveries_.add(taken);
  if (taken > 0) subscriber.last = group.sequences[taken - 1];
  if (taken == group.frames.size()) return Offered::whole;
  for (std::size_t i = 0; i < taken; ++i) handed_over(group, group.sequences[i], 1);
  subscriber.full = true;
  subscriber.through =
      taken > 0 ? group.sequences[taken - 1] : std::max(before, subscriber.through);
  return Offered::other;
}

void Shard::handed_over(const FilterGroup& group, Sequence sequence, std::uint32_t streams) {
  tally_.add(sequence, group.filter.member().organisation, streams);
  if (tally_.size() >= limits::kTally) report();
}

void Shard::report() {
  if (tally_.size() > 0) parts_.receipts.delivered(tally_.take());
}

void Shard::count_concerned(const Target& target, Concerned& counted) const {
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    look_ahead(i);
    const auto& group = groups_[i];
    if (!target.concerns(group->filter)) continue;
    const Member& member = group->filter.member();
    if (member.signed_in()) {
      counted.organisations.insert(member.organisation);
    } else {
      counted.anonymous += group->members.size();
    }
  }
}

void Shard::miss(Sequence through) {
  trace(Level::warning, "fanout_behind",
        {{"from", std::to_string(number(fanned_out()) + 1)},
         {"to", std::to_string(number(through))}});
  const Sequence before = fanned_out();
  ring_.clear();
  fanned_.store(through, std::memory_order_release);
  for (auto& [id, subscriber] : subscribers_) {
    if (subscriber->catch_up || subscriber->closing) continue;
    if (!subscriber->full) subscriber->through = std::max(subscriber->through, before);
    fall_behind(*subscriber);
  }
}

// --- one reader

std::uint64_t Shard::join(Outlet& outlet, Filter filter, const Start& start, Hello hello) {
  auto owned = std::make_unique<Subscriber>();
  Subscriber& subscriber = *owned;
  subscriber.id = ++last_id_;
  subscriber.outlet = &outlet;
  subscriber.group = &group_of(std::move(filter));
  subscriber.place_in_group = subscriber.group->members.size();
  subscriber.group->members.push_back(&subscriber);
  subscribers_.emplace(subscriber.id, std::move(owned));
  count_.store(subscribers_.size(), std::memory_order_relaxed);

  hello.epoch = parts_.log.epoch();
  hello.head = parts_.log.head();
  subscriber.through = hello.head;
  subscriber.catch_up = std::make_unique<CatchUp>();
  if (std::holds_alternative<FromActive>(start)) {
    subscriber.catch_up->phase = CatchUp::Phase::active;
    subscriber.catch_up->active_until = hello.head;
  } else if (const auto* position = std::get_if<Position>(&start)) {
    hello.recovered = position_known(*position);
    if (hello.recovered) subscriber.through = position->sequence;
  }
  subscriber.last = subscriber.through;
  if (parts_.directory.membership(subscriber.group->filter.member()) != Membership::holds) {
    // Revoked or changed since it was looked up: shown nothing, and told so once this is over.
    subscriber.closing = true;
    boost::asio::post(io_, [this, id = subscriber.id] { end_if_changed(id); });
    return subscriber.id;
  }
  const Wire wire = text_frame(hello_json(hello));
  subscriber.full = outlet.offer({&wire, 1}) == 0;
  advance(subscriber);
  return subscriber.id;
}

bool Shard::position_known(const Position& position) const {
  // The beginning is the same in every log.
  if (position.sequence == Sequence::none && position.epoch.empty()) return true;
  return position.epoch == parts_.log.epoch() && position.sequence <= parts_.log.head();
}

void Shard::leave(std::uint64_t id) {
  const auto found = subscribers_.find(id);
  if (found == subscribers_.end()) return;
  Subscriber& subscriber = *found->second;
  FilterGroup& group = *subscriber.group;
  group.members[subscriber.place_in_group] = group.members.back();
  group.members[subscriber.place_in_group]->place_in_group = subscriber.place_in_group;
  group.members.pop_back();
  if (group.members.empty()) drop(group);
  let_go(subscriber);
  subscribers_.erase(found);
  count_.store(subscribers_.size(), std::memory_order_relaxed);
  read_pages();
}

const Member& Shard::member(std::uint64_t id) const {
  static const Member nobody;
  const auto found = subscribers_.find(id);
  return found == subscribers_.end() ? nobody : found->second->group->filter.member();
}

void Shard::writable(std::uint64_t id) {
  notice_changes();
  const auto found = subscribers_.find(id);
  if (found == subscribers_.end() || found->second->closing) return;
  Subscriber& subscriber = *found->second;
  // An outlet that took the last of what was offered, and then had to wait, owes nothing: `through`
  // does not count, and going on from there would say everything since again.
  if (!subscriber.full) return;
  subscriber.full = false;
  subscriber.seconds_full = subscriber.seconds_stalled = 0;
  let_go(subscriber);
  advance(subscriber);
  read_pages();
}

void Shard::progressed(std::uint64_t id) {
  const auto found = subscribers_.find(id);
  if (found != subscribers_.end()) found->second->seconds_stalled = 0;
}

void Shard::said_goodbye(std::uint64_t id) {
  const auto found = subscribers_.find(id);
  if (found != subscribers_.end()) set_closing(*found->second);
}

/// Up to where the outlet is full, a page has to be waited for, or the reader is live.
void Shard::advance(Subscriber& subscriber) {
  if (subscriber.full || subscriber.closing) return;
  if (subscriber.catch_up) {
    if (subscriber.catch_up->reading) return;
    if (subscriber.catch_up->phase == CatchUp::Phase::active) return ask_for_page(subscriber);
  }
  if (subscriber.through < fanned_out()) {
    if (!ring_.covers(subscriber.through)) {
      if (!subscriber.catch_up) fall_behind(subscriber);
      return ask_for_page(subscriber);
    }
    if (!hand_over_ring(subscriber)) return;
  }
  if (subscriber.catch_up) go_live(subscriber);
}

/// From the ring, up to what was fanned out last; false when the outlet is full.
bool Shard::hand_over_ring(Subscriber& subscriber) {
  std::vector<Wire> frames;
  std::vector<Sequence> sequences;
  while (subscriber.through < fanned_out()) {
    frames.clear();
    sequences.clear();
    Sequence sequence = subscriber.through;
    while (sequence < fanned_out() && frames.size() < limits::kGatherFrames) {
      sequence = next(sequence);
      const FramePtr& frame = ring_.at(sequence);
      if (!frame->target->concerns(subscriber.group->filter)) continue;
      frames.push_back(frame->wire);
      sequences.push_back(sequence);
    }
    const std::size_t taken = frames.empty() ? 0 : subscriber.outlet->offer(frames);
    deliveries_.add(taken);
    for (std::size_t i = 0; i < taken; ++i) handed_over(*subscriber.group, sequences[i], 1);
    if (taken > 0) subscriber.last = sequences[taken - 1];
    if (taken < frames.size()) {
      if (taken > 0) subscriber.through = sequences[taken - 1];
      subscriber.full = true;
      return false;
    }
    subscriber.through = sequence;
  }
  return true;
}

void Shard::ask_for_page(Subscriber& subscriber) {
  subscriber.catch_up->reading = true;
  page_line_.ask(subscriber.id);
  read_pages();
}

void Shard::read_pages() {
  while (const auto id = page_line_.next()) {
    const auto found = subscribers_.find(*id);
    if (found == subscribers_.end() || found->second->closing) {
      page_line_.arrived();
    } else {
      read_page(*found->second);
    }
  }
}

void Shard::read_page(Subscriber& subscriber) {
  const CatchUp& catch_up = *subscriber.catch_up;
  const PageLimit limit{limits::kPageRecords, catch_up.page_bytes};
  const std::shared_ptr<const FilterGroup> group = groups_[subscriber.group->place];
  Done<Result<Page>> done = [this, id = subscriber.id, group](Result<Page> page) {
    // On the log's reader's thread: a filter of many points and the largest shapes take so long
    // that everybody on the shard would wait.
    if (page) {
      std::erase_if(page->records, [&group](const Record& record) {
        return !group->filter.matches(record.bulletin->outline);
      });
    }
    boost::asio::post(
        io_, [this, id, page = std::move(page)]() mutable { on_page(id, std::move(page)); });
  };
  if (catch_up.phase == CatchUp::Phase::active) {
    parts_.log.read_active(parts_.clock.now(), catch_up.cursor, catch_up.active_until, limit,
                           std::move(done));
  } else {
    parts_.log.read(subscriber.through, limit, std::move(done));
  }
}

void Shard::on_page(std::uint64_t id, Result<Page> page) {
  page_line_.arrived();
  notice_changes();
  const auto found = subscribers_.find(id);
  if (found != subscribers_.end() && !found->second->closing) {
    Subscriber& subscriber = *found->second;
    subscriber.catch_up->reading = false;
    if (page) {
      hand_over_page(subscriber, *std::move(page));
      advance(subscriber);
    } else {
      trace(Level::error, "catch_up_failed", {{"why", page.error().what}});
      end(subscriber, CloseReason::going_away, come_back());
    }
  }
  read_pages();
}

/// All that is on it concerns this reader. What the outlet does not take is forgotten, and read
/// again when it has room.
void Shard::hand_over_page(Subscriber& subscriber, Page page) {
  CatchUp& catch_up = *subscriber.catch_up;
  std::vector<Wire> frames;
  std::vector<Sequence> sequences;
  for (const Record& record : page.records) {
    sequences.push_back(record.sequence);
    frames.push_back(make_wire(record));
  }
  const std::size_t taken = frames.empty() ? 0 : subscriber.outlet->offer(frames);
  deliveries_.add(taken);
  std::size_t taken_bytes = 0;
  for (std::size_t i = 0; i < taken; ++i) {
    handed_over(*subscriber.group, sequences[i], 1);
    taken_bytes += frames[i]->size();
  }
  if (taken > 0) subscriber.last = sequences[taken - 1];

  Sequence& through =
      catch_up.phase == CatchUp::Phase::active ? catch_up.cursor : subscriber.through;
  if (taken < frames.size()) {
    if (taken > 0) through = sequences[taken - 1];
    catch_up.page_bytes = std::clamp(taken_bytes, limits::kPageBytesLeast, limits::kPageBytes);
    subscriber.full = true;
  } else {
    through = std::max(through, page.through);
    catch_up.page_bytes = std::min(catch_up.page_bytes * 2, limits::kPageBytes);
    // From there on the log itself is read, from the head that hello named.
    if (page.end && catch_up.phase == CatchUp::Phase::active) catch_up.phase = CatchUp::Phase::log;
  }
  if (taken > 0 && subscriber.outlet->waiting()) {
    subscriber.full = true;
    catch_up.held_bytes = frames[taken - 1]->size();
    page_line_.hold(catch_up.held_bytes);
  }
}

void Shard::let_go(Subscriber& subscriber) {
  if (!subscriber.catch_up) return;
  const std::size_t bytes = std::exchange(subscriber.catch_up->held_bytes, 0);
  if (subscriber.closing) {
    page_line_.left(bytes);
  } else {
    page_line_.release(bytes);
  }
}

void Shard::go_live(Subscriber& subscriber) {
  const bool announced = subscriber.catch_up->ending == CatchUp::Ending::announced;
  // Where others may have newer alerts it is said once they cannot any more, by tick().
  if (announced && !parts_.log.current()) subscriber.live_owed = true;
  if (announced && !subscriber.live_owed) {
    const Wire wire = text_frame(live_json(std::max(subscriber.through, fanned_out())));
    if (subscriber.outlet->offer({&wire, 1}) == 0) {
      subscriber.full = true;  // what came before still waits; said once there is room
      return;
    }
  }
  subscriber.catch_up.reset();
}

void Shard::fall_behind(Subscriber& subscriber) {
  subscriber.catch_up = std::make_unique<CatchUp>();
  subscriber.catch_up->ending = CatchUp::Ending::silent;
  if (!subscriber.full)
    boost::asio::post(io_, [this, id = subscriber.id] {
      notice_changes();
      const auto found = subscribers_.find(id);
      if (found != subscribers_.end()) advance(*found->second);
    });
}

// --- time

void Shard::tick() {
  ++ticks_;
  drain();  // what waits in the mailbox is late, not lost
  report();
  if (ticks_ % limits::kMembersLooked.count() == 0) check_members();
  // A mailbox that was full at the end of a crowd leaves a tail that no later frame reveals. What
  // became durable since the last tick may still be on its way here.
  const Sequence head = parts_.log.head();
  const Sequence known = gathered_.empty() ? fanned_out() : gathered_.back()->record.sequence;
  if (known < head_at_tick_) miss(head);
  head_at_tick_ = head;

  beat_ = {};
  const auto interval = static_cast<std::uint64_t>(limits::kHeartbeat.count());
  std::vector<Subscriber*> stalled;
  const bool others_wait = page_line_.stuck();
  const bool current = parts_.log.current();  // else silence tells them that they are not live
  for (auto& [id, subscriber] : subscribers_) {
    if (subscriber->closing) continue;
    if (subscriber->full) {
      if (stalls(*subscriber, others_wait)) stalled.push_back(subscriber.get());
    } else if (current && !subscriber->catch_up) {
      if (subscriber->live_owed) say_live(*subscriber);
      if (!subscriber->full && id % interval == ticks_ % interval) beat(*subscriber);
    }
  }
  for (Subscriber* subscriber : stalled) end(*subscriber, CloseReason::too_slow, "resume");
  read_pages();
}

bool Shard::stalls(Subscriber& subscriber, bool others_wait) {
  const bool holds = subscriber.catch_up && subscriber.catch_up->held_bytes > 0;
  const auto most = others_wait && holds ? limits::kHeldStalledMax : limits::kStalledMax;
  return ++subscriber.seconds_stalled > most.count() ||
         ++subscriber.seconds_full > limits::kFullMax.count();
}

void Shard::say_live(Subscriber& subscriber) {
  const Wire wire = text_frame(live_json(std::max(subscriber.through, fanned_out())));
  subscriber.live_owed = subscriber.outlet->offer({&wire, 1}) == 0;
  if (!subscriber.live_owed) return;
  subscriber.full = true;  // so that its stalling is counted
  subscriber.through = std::max(subscriber.through, fanned_out());
}

void Shard::beat(Subscriber& subscriber) {
  if (!beat_.second || beat_.first != subscriber.last) {
    beat_ = {subscriber.last,
             text_frame(beat_json(fanned_out(), parts_.clock.now(), subscriber.last))};
  }
  if (subscriber.outlet->offer({&beat_.second, 1}) > 0) return;
  subscriber.full = true;  // so that its stalling is counted
  subscriber.through = std::max(subscriber.through, fanned_out());
}

void Shard::start_ticking() {
  timer_.expires_after(std::chrono::seconds{1});
  timer_.async_wait([this](boost::system::error_code error) {
    if (error) return;
    tick();
    start_ticking();
  });
}

void Shard::stop_ticking() {
  timer_.cancel();
  gathered_timer_.cancel();
}

void Shard::close_all() {
  for (auto& [id, subscriber] : subscribers_) {
    if (!subscriber->closing) end(*subscriber, CloseReason::going_away, come_back());
  }
}

void Shard::set_closing(Subscriber& subscriber) {
  if (subscriber.closing) return;
  subscriber.closing = true;
  if (subscriber.catch_up) page_line_.leave(subscriber.catch_up->held_bytes);
}

void Shard::end(Subscriber& subscriber, CloseReason reason, std::string_view text) {
  set_closing(subscriber);
  subscriber.outlet->close(reason, text);
}

// --- who may still read

/// Asked before anything is handed over, so that nobody is shown what it may not read any more.
void Shard::notice_changes() {
  if (directory_revision_ != parts_.directory.revision()) check_members();
}

void Shard::settle_members() {
  check_members();
  report();
}

void Shard::check_members() {
  directory_revision_ = parts_.directory.revision();  // before looking: a later change comes again
  std::vector<std::uint64_t> ids;                     // one that ends may leave at once
  for (const auto& group : groups_) {
    if (parts_.directory.membership(group->filter.member()) == Membership::holds) continue;
    for (const Subscriber* subscriber : group->members) {
      if (!subscriber->closing) ids.push_back(subscriber->id);
    }
  }
  for (const std::uint64_t id : ids) end_if_changed(id);
}

/// A secret that was revoked or ran out ends its streams. So do other groups or another
/// subscription, but then the reader comes back at once and is who it is now: one way in, instead
/// of filters swapped under a reader that is catching up.
void Shard::end_if_changed(std::uint64_t id) {
  const auto found = subscribers_.find(id);
  if (found == subscribers_.end()) return;
  switch (parts_.directory.membership(found->second->group->filter.member())) {
    case Membership::holds:
      return;
    case Membership::changed:
      return end(*found->second, CloseReason::going_away, "reconnect_ms=0");
    case Membership::ended:
      return end(*found->second, CloseReason::bad_token,
                 "this token was revoked or has run out; sign in again");
  }
}

std::string Shard::come_back() {
  std::uniform_int_distribution<std::int64_t> spread(0, limits::kReconnectSpread.count());
  return fmt::format("reconnect_ms={}", spread(random_));
}

FilterGroup& Shard::group_of(Filter filter) {
  FilterGroup*& group = groups_by_key_[filter.key()];
  if (group == nullptr) {
    group = groups_.emplace_back(std::make_shared<FilterGroup>()).get();
    group->filter = std::move(filter);
    group->place = groups_.size() - 1;
  }
  return *group;
}

void Shard::drop(const FilterGroup& group) {
  groups_by_key_.erase(group.filter.key());
  const std::size_t place = group.place;
  std::swap(groups_[place], groups_.back());
  groups_[place]->place = place;
  groups_.pop_back();
}

}  // namespace engine
