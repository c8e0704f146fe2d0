#pragma once
// How much of its hour a sender has spent: question 14. A plain value without a clock of its own;
// on the log's writer thread.
#include <deque>
#include <optional>
#include <vector>

#include "engine/log/tables.hpp"

namespace engine {

class RateWindow {
 public:
  static constexpr Duration kLength = std::chrono::hours{1};

  void add(const Spending& spending);

  /// Drops what lies more than the window's length behind `now`, and as far ahead: then a clock was
  /// wrong, and a sender must not be silenced until it has caught up. What lies ahead by less was
  /// spent by now at the latest, and counts from now.
  struct Tidied {
    std::vector<Spending> dropped;  // under the times they had
    std::vector<Spending> moved;    // of them, those that count on, under their new time
  };
  Tidied forget(Time now);

  /// How long until there is room for one more under `limit`; nothing if there is room now. Never
  /// longer than the window after forget().
  std::optional<Duration> wait(std::size_t limit, Time now) const;

 private:
  std::deque<Spending> spent_;  // oldest first
};

}  // namespace engine
