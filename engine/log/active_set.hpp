#pragma once
// Which bulletins are active, kept so that a reader finds the few among the many. `active` holds
// those not ended and not yet expired by sequence; `expiries` holds those not ended by expiry, for
// ever. A frontier in `expiries` divides the two: it follows the clock, and where the clock was set
// back it goes back with it, so that a wrong clock never loses an alert. On the log's writer
// thread.
#include "engine/log/tables.hpp"
#include "engine/store/store.hpp"

namespace engine {

class ActiveSet {
 public:
  /// Reads how far the frontier was. `store` must outlive the set.
  Result<void> load(const Store& store);

  void enter(Store::Change& change, Sequence sequence, Time expires);
  /// Replaced or cancelled: it never becomes active again.
  void leave(Store::Change& change, Sequence sequence, Time expires);

  /// True if the clock was set back, and what is active again has to be looked up.
  bool ahead_of(Time now) const;

  /// Moves the frontier towards `now`, past at most `steps_max` bulletins. True if it got there.
  /// Looks at what is committed, so `change` must be a fresh one.
  Result<bool> advance(Store::Change& change, Time now, std::size_t steps_max);

 private:
  Result<void> restore(Store::Change& change, Time now);
  void move_to(Store::Change& change, Bytes frontier);

  const Store* store_ = nullptr;
  Bytes frontier_;  // the first key of `expiries` that is in `active` as well
  // No key of `expiries` lies between the frontier and this one, so that nothing is looked up
  // before the next bulletin expires. Nothing: not known.
  std::optional<Bytes> next_;
};

}  // namespace engine
