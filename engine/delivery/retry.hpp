#pragma once
// When a delivery is tried again. A pure function: the same question has the same answer, so that
// after a restart everything is due when it was due before. Any thread.
#include <array>
#include <chrono>
#include <optional>

#include "engine/delivery.hpp"

namespace engine::delivery {

/// What is waited after the first attempt, the second and so on; the last of them from then on.
inline constexpr std::array kWaits = {
    std::chrono::seconds{15},  std::chrono::seconds{30},   std::chrono::seconds{60},
    std::chrono::seconds{120}, std::chrono::seconds{300},  std::chrono::seconds{600},
    std::chrono::seconds{600}, std::chrono::seconds{600},  std::chrono::seconds{600},
    std::chrono::seconds{600}, std::chrono::seconds{1800},
};

/// Attempts at one delivery: about a day of them, which is how long an alert holds that does not
/// say when it ends.
inline constexpr unsigned kAttempts = 56;

/// Where the next wait would go past the end, half of what is left is waited instead, so that the
/// last minutes are used; but never less than this.
inline constexpr std::chrono::seconds kShortestWait{15};

/// When a delivery that `attempts` were made at, the last of them just now, is tried again. Nothing
/// where it was sent, cannot be, was tried often enough, or would come after `expires`.
///
/// Every wait is up to an eighth longer than its step, by a hash of the delivery and the attempt:
/// what failed together does not come back together. A wait that the other side asked for is never
/// cut short.
std::optional<Time> next_attempt(const DeliveryId& id, unsigned attempts, Time now, Time expires,
                                 const Outcome& outcome);

/// When a delivery that was put off, with `attempts` made at it before, has its next turn: after
/// that wait and an eighth at most; nothing where that is not before `expires`.
std::optional<Time> next_turn(const DeliveryId& id, unsigned attempts, Time now, Time expires,
                              Duration wait);

}  // namespace engine::delivery
