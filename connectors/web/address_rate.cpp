#include "connectors/web/address_rate.hpp"

#include <algorithm>

#include "engine/limits.hpp"

namespace connectors::web {

namespace limits = engine::limits;
using engine::Duration;
using engine::Time;

AddressRate::AddressRate(std::size_t at_once, Duration every)
    : at_once_(at_once), every_(every), buckets_(limits::kAddressesKept) {}

/// As it is now: a clock that went back gives nothing and takes nothing.
AddressRate::Bucket AddressRate::refilled(Bucket bucket, Time now) {
  const Duration passed = std::max(Duration{0}, now - bucket.at);
  return {std::max(Duration{0}, bucket.full_in - passed), now};
}

bool AddressRate::fits(const Bucket& bucket, std::size_t count) const {
  return bucket.full_in + every_ * static_cast<int>(count) <= every_ * static_cast<int>(at_once_);
}

bool AddressRate::has_room(const std::string& address, Time now, std::size_t count) {
  const std::lock_guard lock(mutex_);
  Bucket* bucket = buckets_.find(address);
  if (bucket == nullptr) return fits({}, count);
  *bucket = refilled(*bucket, now);
  return fits(*bucket, count);
}

bool AddressRate::take(const std::string& address, Time now, std::size_t count) {
  const std::lock_guard lock(mutex_);
  Bucket& bucket = buckets_.of(address);
  bucket = refilled(bucket, now);
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
