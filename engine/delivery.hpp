#pragma once
// What is owed to one contact about one bulletin, by one of the channels that reach people who are
// not connected, and how an attempt at it went. Plain data; any thread.
#include <cstdint>
#include <optional>
#include <string>

#include "engine/base/bytes.hpp"
#include "engine/base/time.hpp"

namespace engine {

/// Names one delivery wherever it is spoken of: its idempotency key at a gateway, the address that
/// its bounces come back to. The same contact and bulletin have the same one after a crash.
using DeliveryId = Octets<16>;

enum class Fate : std::uint8_t {
  sent,       // the next one on the way has taken it over
  later,      // not now; it may be tried again
  permanent,  // not this way, however often it is tried
};

/// How one attempt went.
struct Outcome {
  Fate fate = Fate::later;
  // Nothing will ever arrive at this contact: it is marked, and somebody has to mend it.
  bool contact_dead = false;
  std::optional<Duration> not_before;  // the other side said when to come back
  // The other side's own words, printable and bounded. They may hold the contact.
  std::string why;

  bool operator==(const Outcome&) const = default;
};

}  // namespace engine
