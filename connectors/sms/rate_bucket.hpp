#pragma once
// How many messages may go out now under a contract of so many a second: never more than a
// hundredth of them at once (one at least), never faster than the contract on the whole. Time is
// given; it belongs to one dialogue.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "connectors/sms/limits.hpp"

namespace connectors::sms {

using Instant = std::chrono::steady_clock::time_point;

class RateBucket {
 public:
  /// `rate` messages a second; 0 counts as 1. `paid` is what was left behind by the one before it,
  /// so that a new session does not begin the contract anew.
  explicit RateBucket(std::size_t rate, Instant paid = {})
      : burst_(static_cast<std::int64_t>(std::max<std::size_t>(rate / limits::kBurstShare, 1))),
        each_((std::chrono::nanoseconds(std::chrono::seconds(1)).count() +
               static_cast<std::int64_t>(std::max<std::size_t>(rate, 1)) - 1) /
              static_cast<std::int64_t>(std::max<std::size_t>(rate, 1))),
        paid_(paid) {}

  std::size_t room(Instant now) const {
    const auto owed = std::max(paid_ - now, Instant::duration::zero());
    return static_cast<std::size_t>((burst_ * each_ - owed) / each_);
  }

  /// When there is room for one, if nothing else is taken.
  Instant room_at() const { return paid_ - (burst_ - 1) * each_; }

  void take(Instant now) { paid_ = std::max(paid_, now) + each_; }

  Instant paid() const { return paid_; }

 private:
  std::int64_t burst_;
  std::chrono::nanoseconds each_;  // rounded up, so that the contract is never exceeded
  Instant paid_;                   // up to when what was taken counts
};

}  // namespace connectors::sms
