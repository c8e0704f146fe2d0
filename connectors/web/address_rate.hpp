#pragma once
// How often one address may do something that costs: a bucket for each, which refills. Any thread;
// the lock is held for a look into a table.
#include <mutex>
#include <string>

#include "connectors/web/remembered.hpp"
#include "engine/base/time.hpp"

namespace connectors::web {

class AddressRate {
 public:
  /// `at_once` in one go, and one more `every` so often.
  AddressRate(std::size_t at_once, engine::Duration every);

  /// Whether `count` would be taken now; nothing is.
  bool has_room(const std::string& address, engine::Time now, std::size_t count = 1);
  /// Takes `count`; false, and nothing is taken, where there are fewer.
  bool take(const std::string& address, engine::Time now, std::size_t count = 1);
  /// When there is room for one again.
  int retry_after_s() const;
  std::size_t addresses() const;

 private:
  struct Bucket {
    engine::Duration full_in{0};  // how long until nothing counts any more
    engine::Time at{};
  };
  static Bucket refilled(Bucket bucket, engine::Time now);
  bool fits(const Bucket& bucket, std::size_t count) const;

  const std::size_t at_once_;
  const engine::Duration every_;
  mutable std::mutex mutex_;
  Remembered<Bucket> buckets_;
};

}  // namespace connectors::web
