#include "engine/log/active_set.hpp"
#include "engine/log/tables.hpp"

#include "engine/log/meta_keys.hpp"

namespace engine {
namespace {

/// The first key of `expiries` that is still active at `now`: what expires at `now` is not.
Bytes frontier_at(Time now) { return expiry_key(now + Duration{1}, Sequence::none); }

/// After every key that there may be.
Bytes last() { return expiry_key(Time::max(), Sequence{UINT64_MAX}); }

Failure unreadable() { return {"the log's table of expiries is damaged"}; }

}  // namespace

Result<void> ActiveSet::load(const Store& store) {
  store_ = &store;
  auto kept = store.get(LogTable::meta, kFrontierKey);
  if (!kept) return kept.error();
  frontier_ = std::move(*kept).value_or(Bytes{});
  next_.reset();
  return {};
}

void ActiveSet::enter(Store::Change& change, Sequence sequence, Time expires) {
  const Bytes key = expiry_key(expires, sequence);
  change.put(LogTable::expiries, key, {});
  if (next_ && key < *next_) next_ = key;
  if (key >= frontier_) change.put(LogTable::active, sequence_key(sequence), expiry_value(expires));
}

void ActiveSet::leave(Store::Change& change, Sequence sequence, Time expires) {
  change.erase(LogTable::expiries, expiry_key(expires, sequence));
  change.erase(LogTable::active, sequence_key(sequence));
}

bool ActiveSet::ahead_of(Time now) const { return frontier_at(now) < frontier_; }

Result<bool> ActiveSet::advance(Store::Change& change, Time now, std::size_t steps_max) {
  const Bytes target = frontier_at(now);
  if (target < frontier_) {
    const auto restored = restore(change, now);
    if (!restored) return restored.error();
    return true;
  }
  if (next_ && target <= *next_) return true;
  std::size_t steps = 0;
  Bytes reached = target;
  Bytes after = last();  // the first key from `reached` on
  bool readable = true;
  const auto visit = [&](BytesView key, BytesView) {
    if (key >= target || steps == steps_max) {
      reached = std::min(Bytes(key), target);
      after = key;
      return false;
    }
    const auto expiry = parse_expiry_key(key);
    readable = expiry.has_value();
    if (!readable) return false;
    change.erase(LogTable::active, sequence_key(expiry->sequence));
    ++steps;
    return true;
  };
  const auto scanned = store_->scan(LogTable::expiries, frontier_, last(), visit);
  if (!scanned) return scanned.error();
  if (!readable) return unreadable();
  next_ = std::move(after);
  // Without a bulletin passed there is nothing worth writing down.
  if (steps > 0) move_to(change, reached);
  return reached == target;
}

Result<void> ActiveSet::restore(Store::Change& change, Time now) {
  const Bytes target = frontier_at(now);
  bool readable = true;
  const auto visit = [&](BytesView key, BytesView) {
    const auto expiry = parse_expiry_key(key);
    readable = expiry.has_value();
    if (!readable) return false;
    change.put(LogTable::active, sequence_key(expiry->sequence), expiry_value(expiry->expires));
    return true;
  };
  const auto scanned = store_->scan(LogTable::expiries, target, frontier_, visit);
  if (!scanned) return scanned.error();
  if (!readable) return unreadable();
  move_to(change, target);
  next_.reset();
  return {};
}

void ActiveSet::move_to(Store::Change& change, Bytes frontier) {
  change.put(LogTable::meta, kFrontierKey, frontier);
  frontier_ = std::move(frontier);
}

}  // namespace engine
