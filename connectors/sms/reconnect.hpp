#pragma once
// When a gateway that is gone is called again. Pure; it belongs to one gateway.
#include <algorithm>

#include "connectors/sms/times.hpp"

namespace connectors::sms {

class Reconnect {
 public:
  explicit Reconnect(const Times& times)
      : first_(times.reconnect_first), max_(times.reconnect_max), wait_(first_) {}

  /// How long to wait after a session that was bound for so long (zero: it never was), by a random
  /// number from 0 to 1. Between half of the wait and all of it, so that not everybody calls a
  /// centre that comes back in the same moment; twice as long the next time, up to the longest.
  Times::Span wait(Times::Span held, double random) {
    if (held > max_) wait_ = first_;
    const auto half = wait_.count() / 2;
    const auto more = static_cast<Times::Span::rep>(static_cast<double>(wait_.count() - half) *
                                                    std::clamp(random, 0.0, 1.0));
    wait_ = std::min(wait_ * 2, max_);
    return Times::Span{half + more};
  }

 private:
  Times::Span first_, max_, wait_;
};

}  // namespace connectors::sms
