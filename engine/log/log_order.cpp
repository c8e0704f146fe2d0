// The log of one machine among several: it proposes what it has decided, and takes in what others
// have. On the writer's thread.
#include <algorithm>
#include <utility>

#include "engine/base/trace.hpp"
#include "engine/log/log_impl.hpp"
#include "engine/log/meta_keys.hpp"
#include "engine/log/tables.hpp"

namespace engine {
namespace {

constexpr std::size_t kAdoptionsAtOnce = 4;
constexpr std::size_t kAdoptedBytesMax = 8UL << 20;

std::size_t weight_of(const std::vector<Agreed>& records) {
  std::size_t weight = 0;
  for (const Agreed& one : records) weight += one.record.bulletin->envelope.payload.size();
  return weight;
}

}  // namespace

void Log::Impl::order_by(Order& order) {
  ENSURE(order_ == nullptr);
  order_ = &order;
}

Result<void> Log::Impl::take_epoch(const Epoch& epoch) {
  if (head() != Sequence::none) return Failure{"a log that has alerts keeps its epoch"};
  auto change = store_->change();
  change.put(LogTable::meta, kEpochKey, epoch);
  if (store_->commit(std::move(change), Durability::synced) != Store::Commit::done) {
    return Failure{"the log's new epoch could not be written"};
  }
  epoch_ = epoch;
  return {};
}

Order::Said Log::Impl::propose(const std::vector<Decision>& decisions) {
  if (order_ == nullptr) return Order::Said::agreed;
  std::vector<Agreed> records;
  for (const Decision& decision : decisions) {
    if (decision.record) records.push_back({*decision.record, decision.counts});
  }
  return order_->propose(head(), last_id_, records);
}

/// They are decided anew, on what others have appended before them.
void Log::Impl::again(std::vector<Append> appends) { again_ = std::move(appends); }

/// Those whose senders still wait; the others hear that it is not known.
std::vector<Log::Impl::Append> Log::Impl::in_time(std::vector<Append> appends) {
  const auto now = std::chrono::steady_clock::now();
  std::vector<Append> left;
  for (Append& append : appends) {
    if (append.until > now) {
      left.push_back(std::move(append));
      continue;
    }
    append.done(refusal_of({Order::Said::unavailable, Store::Commit::done}));
    under_way_.fetch_sub(1, std::memory_order_relaxed);
  }
  return left;
}

void Log::Impl::adopt(Adoption adoption) {
  const Entry entry = adoptions_.enter(adoption, weight_of(adoption.records));
  if (entry == Entry::taken) return appends_.nudge();
  adoption.done({Adopted::Outcome::unavailable, head()});
}

bool Log::Impl::adopt_some(Duration patience) {
  auto adoptions = adoptions_.take(kAdoptionsAtOnce, kAdoptedBytesMax, patience);
  for (Adoption& adoption : adoptions) adoption.done(adopt(adoption.records));
  return !adoptions.empty();
}

Adopted Log::Impl::adopt(const std::vector<Agreed>& records) {
  if (full() || store_->state() != Store::State::open) tend_room();
  const Conditions conditions = this->conditions();
  if (conditions.state != Store::State::open) return {Adopted::Outcome::unavailable, head()};
  intake_.begin(conditions);
  auto change = store_->change();
  std::vector<Record> fresh;
  auto outcome = adopt_into(records, fresh, change);
  if (outcome == Adopted::Outcome::taken && !fresh.empty()) {
    change.put(LogTable::meta, kHeadKey, sequence_key(intake_.head()));
    const auto commit = store_->commit(std::move(change), Durability::synced);
    if (commit == Store::Commit::failed) fail("adopting");
    if (commit != Store::Commit::done) outcome = Adopted::Outcome::unavailable;
  }
  if (outcome != Adopted::Outcome::taken) {
    take_back();
    note_room(store_->room());
    return {outcome, head()};
  }
  if (fresh.empty()) return {outcome, head()};
  last_at_ = fresh.back().at;
  last_id_ = fresh.back().bulletin->id;
  head_.store(number(intake_.head()), std::memory_order_release);
  if (folder_) folder_->note_head(epoch_, intake_.head());
  if (follower_ != nullptr) follower_->on_records(fresh);
  return {outcome, head()};
}

Adopted::Outcome Log::Impl::adopt_into(const std::vector<Agreed>& records,
                                       std::vector<Record>& fresh, Store::Change& change) {
  for (const Agreed& agreed : records) {
    const Record& record = agreed.record;
    if (record.sequence <= head()) {
      const auto here = reader_.repeat_of(record.bulletin->id, head());
      if (!here || here->sequence != record.sequence) return Adopted::Outcome::differs;
      continue;
    }
    if (record.sequence != next(intake_.head())) return Adopted::Outcome::gap;
    if (!intake_.has_room(record)) return Adopted::Outcome::unavailable;
    auto taken = intake_.adopt(agreed, change);
    if (!taken) {
      trace(Level::error, "log_read_failed", {{"what", taken.error().what}});
      return Adopted::Outcome::unavailable;
    }
    fresh.push_back(*std::move(taken));
  }
  return Adopted::Outcome::taken;
}

}  // namespace engine
