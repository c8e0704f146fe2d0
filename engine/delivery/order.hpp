#pragma once
// In what order deliveries leave when they cannot all leave at once: the most urgent first, of them
// the most severe, of them the nearest, of them the oldest. Pure; any thread.
#include <compare>
#include <cstdint>
#include <optional>

#include "engine/cap/alert.hpp"
#include "engine/delivery.hpp"

namespace engine::delivery {

/// A place in the queue: what sorts lower leaves earlier. Of an Update or Cancel it is made with
/// the urgency and severity of what goes out, or of what that takes back: never with a Cancel's
/// own.
struct Order {
  std::uint8_t urgency = 0;    // 0 Immediate, 1 Expected, 2 Future, 3 Past
  std::uint8_t severity = 0;   // 0 Extreme, 1 Severe, 2 Moderate, 3 Minor
  std::uint32_t distance = 0;  // metres; 0 inside; the farthest there is where it is not known
  Time since;                  // when it was planned
  DeliveryId id{};             // so that no two are equal

  auto operator<=>(const Order&) const = default;
};

/// Who does not say how urgent or how severe something is, is not put behind those who do: Unknown
/// counts as Immediate, and as Extreme.
Order order_of(cap::Urgency urgency, cap::Severity severity, double metres, Time since,
               const DeliveryId& id);

/// The key of a table in which deliveries stand in their order, octet by octet:
///   0 urgency, 1 severity, 2..5 distance, 6..13 since in milliseconds with its sign turned round,
///   14..29 id; numbers big-endian.
inline constexpr std::size_t kOrderKeyBytes = 30;
Octets<kOrderKeyBytes> key_of(const Order& order);

/// Reads such a key; nothing of another length or with a level that there is not.
std::optional<Order> order_in(BytesView key);

}  // namespace engine::delivery
