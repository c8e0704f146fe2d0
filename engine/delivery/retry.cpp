#include "engine/delivery/retry.hpp"

#include <algorithm>

namespace engine::delivery {

namespace {

/// FNV-1a over the id and the attempt, and splitmix64's last step, which spreads it over all bits.
std::uint64_t scattered(const DeliveryId& id, unsigned attempt) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  const auto add = [&hash](std::uint8_t octet) { hash = (hash ^ octet) * 0x100000001b3U; };
  for (const std::uint8_t octet : id) add(octet);
  for (unsigned shift = 0; shift < 32; shift += 8) add(static_cast<std::uint8_t>(attempt >> shift));
  hash = (hash ^ hash >> 30U) * 0xbf58476d1ce4e5b9U;
  hash = (hash ^ hash >> 27U) * 0x94d049bb133111ebU;
  return hash ^ hash >> 31U;
}

/// Up to an eighth more, the eighth itself not included.
Duration with_jitter(Duration wait, const DeliveryId& id, unsigned attempt) {
  const auto room = static_cast<std::uint64_t>(std::max<Duration::rep>(wait.count() / 8, 1));
  return wait + Duration{static_cast<Duration::rep>(scattered(id, attempt) % room)};
}

}  // namespace

std::optional<Time> next_attempt(const DeliveryId& id, unsigned attempts, Time now, Time expires,
                                 const Outcome& outcome) {
  if (outcome.fate != Fate::later || attempts >= kAttempts || now >= expires) return std::nullopt;
  const std::size_t step = attempts == 0 ? 0 : attempts - 1;
  const Duration left = expires - now;
  const Duration asked = std::max(outcome.not_before.value_or(Duration::zero()), Duration::zero());
  if (asked >= left) return std::nullopt;
  Duration wait = with_jitter(kWaits[std::min(step, kWaits.size() - 1)], id, attempts);
  if (wait >= left) wait = left / 2;
  // Who asks for a time is believed; what was asked of many at once is spread as well, if it fits.
  if (asked > Duration::zero() && wait < asked) {
    const Duration spread = with_jitter(asked, id, attempts);
    return now + (spread < left ? spread : asked);
  }
  if (wait < kShortestWait) return std::nullopt;
  return now + wait;
}

std::optional<Time> next_turn(const DeliveryId& id, unsigned attempts, Time now, Time expires,
                              Duration wait) {
  const Time turn = now + with_jitter(std::max(wait, Duration::zero()), id, attempts);
  if (turn >= expires) return std::nullopt;
  return turn;
}

}  // namespace engine::delivery
