#include "connectors/web/address_rate.hpp"

#include <algorithm>

#include "engine/limits.hpp"

namespace connectors::web {

namespace limits = engine::limits;
using engine::Duration;
using engine::Time;

AddressRate::Bucket& AddressRate::bucket_of(const std::string& address, Time now) {
  const auto refill = [now](Bucket& bucket) {
    // A clock that went back gives nothing and takes nothing.
    const Duration passed = std::max(Duration{0}, now - bucket.at);
    bucket.full_in = std::max(Duration{0}, bucket.full_in - passed);
    bucket.at = now;
  };
  auto found = buckets_.find(address);
  if (found == buckets_.end() && buckets_.size() >= limits::kAddressesKept) {
    for (auto each = buckets_.begin(); each != buckets_.end();) {
      refill(each->second);
      each = each->second.full_in == Duration{0} ? buckets_.erase(each) : std::next(each);
    }
    // Those for whom there is no room share one bucket.
    if (buckets_.size() >= limits::kAddressesKept) found = buckets_.try_emplace("").first;
  }
  if (found == buckets_.end())
    found = buckets_.try_emplace(address, Bucket{Duration{0}, now}).first;
  refill(found->second);
  return found->second;
}

bool AddressRate::fits(const Bucket& bucket, std::size_t count) const {
  return bucket.full_in + every_ * static_cast<int>(count) <= every_ * static_cast<int>(at_once_);
}

bool AddressRate::has_room(const std::string& address, Time now, std::size_t count) {
  const std::lock_guard lock(mutex_);
  return fits(bucket_of(address, now), count);
}

bool AddressRate::take(const std::string& address, Time now, std::size_t count) {
  const std::lock_guard lock(mutex_);
  Bucket& bucket = bucket_of(address, now);
  if (!fits(bucket, count)) return false;
  bucket.full_in += every_ * static_cast<int>(count);
  return true;
}

int AddressRate::retry_after_s() const {
  return static_cast<int>(std::chrono::ceil<std::chrono::seconds>(every_).count());
}

std::size_t AddressRate::addresses() const {
  const std::lock_guard lock(mutex_);
  return buckets_.size();
}

}  // namespace connectors::web
