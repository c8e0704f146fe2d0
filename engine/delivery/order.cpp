#include "engine/delivery/order.hpp"

#include <algorithm>
#include <limits>

namespace engine::delivery {

namespace {

constexpr std::uint8_t kLevels = 4;
constexpr std::uint64_t kSign = 1ULL << 63U;

std::uint8_t level(cap::Urgency urgency) {
  return urgency == cap::Urgency::unknown ? 0 : static_cast<std::uint8_t>(urgency);
}
std::uint8_t level(cap::Severity severity) {
  return static_cast<std::uint8_t>(cap::rank(cap::Severity::extreme) - cap::rank(severity));
}

std::uint32_t whole_metres(double metres) {
  constexpr std::uint32_t kFarthest = std::numeric_limits<std::uint32_t>::max();
  if (!(metres < kFarthest)) return kFarthest;  // what is not a number is not known
  return metres <= 0 ? 0 : static_cast<std::uint32_t>(metres);
}

void put(std::uint8_t* to, std::uint64_t value, std::size_t octets) {
  for (std::size_t i = octets; i-- > 0; value >>= 8U) to[i] = static_cast<std::uint8_t>(value);
}
std::uint64_t get(BytesView from) {
  std::uint64_t value = 0;
  for (const char octet : from) value = value << 8U | static_cast<std::uint8_t>(octet);
  return value;
}

}  // namespace

Order order_of(cap::Urgency urgency, cap::Severity severity, double metres, Time since,
               const DeliveryId& id) {
  return {level(urgency), level(severity), whole_metres(metres), since, id};
}

Octets<kOrderKeyBytes> key_of(const Order& order) {
  Octets<kOrderKeyBytes> key{};
  key[0] = order.urgency;
  key[1] = order.severity;
  put(&key[2], order.distance, 4);
  put(&key[6], static_cast<std::uint64_t>(order.since.time_since_epoch().count()) ^ kSign, 8);
  std::copy(order.id.begin(), order.id.end(), key.begin() + 14);
  return key;
}

std::optional<Order> order_in(BytesView key) {
  if (key.size() != kOrderKeyBytes) return std::nullopt;
  Order order;
  order.urgency = static_cast<std::uint8_t>(key[0]);
  order.severity = static_cast<std::uint8_t>(key[1]);
  if (order.urgency >= kLevels || order.severity >= kLevels) return std::nullopt;
  order.distance = static_cast<std::uint32_t>(get(key.substr(2, 4)));
  order.since = Time{Duration{static_cast<Duration::rep>(get(key.substr(6, 8)) ^ kSign)}};
  order.id = *exactly<16>(key.substr(14));
  return order;
}

}  // namespace engine::delivery
