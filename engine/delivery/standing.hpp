#pragma once
// How far one delivery has come, and where every event takes it. Rules without memory, so that they
// can be read and tested by themselves; any thread.
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/channel.hpp"
#include "engine/delivery.hpp"

namespace engine::delivery {

/// What a person reads of a delivery.
enum class State : std::uint8_t {
  owed,       // waits for its turn, for its next attempt, or for the answer to one
  sent,       // the next one on the way has taken it over
  delivered,  // it has arrived
  failed,     // it cannot be delivered this way
  replaced,   // an Update or a Cancel came before it was sent
  expired,    // the alert was over before it could be sent
};
inline constexpr std::size_t kStates = 6;
constexpr std::string_view text(State state) {
  return std::array<std::string_view, kStates>{
      "owed", "sent", "delivered", "failed", "replaced", "expired"}[static_cast<std::size_t>(
      state)];
}

struct Standing {
  State state = State::owed;
  std::uint32_t attempts = 0;
  /// An attempt was submitted and never answered: it may have arrived.
  bool uncertain = false;
  std::uint8_t parts = 1;
  std::uint64_t parts_delivered = 0;  // bit n: part n
  std::string words;                  // of the gateway, as kept_words() leaves them
  Time changed;
  std::optional<Time> again;  // owed, and not before then
  bool operator==(const Standing&) const = default;
};

/// Nothing will be done for it any more; a late report may still say that it has arrived.
bool is_over(const Standing& standing);
/// Whether the contact may have been told: then an Update or Cancel has to follow. One whose
/// attempt is under way may be, too; that is not known here.
bool may_have_arrived(const Standing& standing);

/// What an attempt needs to be judged by.
struct Terms {
  DeliveryId id{};
  Way way = Way::sms;
  Time expires;
  bool ended = false;  // the alert was replaced or cancelled meanwhile
};

/// An attempt has ended. Who has taken a webhook's request is who it was meant for, so it has
/// arrived; and so has nothing else before a report says so.
Standing after_attempt(Standing before, const Terms& terms, const Attempted& attempted, Time now);
/// An attempt was under way when the engine stopped: it counts, and may have arrived.
Standing after_crash(Standing before, Time now);
/// A report about the message, or about one part of it. That it has arrived is believed whatever
/// was thought before. That it has not ends what was sent; of what is owed still it says only that
/// an attempt before has not arrived, unless nothing ever will.
Standing after_report(Standing before, const Report& report, std::optional<std::uint8_t> part,
                      Time now);
Standing after_end(Standing before, Time now);     // replaced, where nothing is under way
Standing after_expiry(Standing before, Time now);  // the alert is over

}  // namespace engine::delivery
