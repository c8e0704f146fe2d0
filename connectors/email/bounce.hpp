#pragma once
// What comes back: reports about what became of a mail (RFC 3464). Anybody may send anything to the
// address that they come to, so this reads untrusted octets: bounded in size, parts and fields,
// one level deep, and never more than looked at. No I/O; any thread, once trust::start_crypto()
// said yes.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "engine/delivery.hpp"

namespace connectors::email {

/// What of a message is looked at; the rest is somebody else's mail, sent back whole.
inline constexpr std::size_t kBounceBytes = 256UL << 10U;
inline constexpr std::size_t kBounceParts = 8;
inline constexpr std::size_t kBounceRecipients = 8;
inline constexpr std::size_t kFieldBytes = 1000;

struct Bounce {
  engine::DeliveryId delivery{};
  /// By what the delivery is known. The return path has a hash that only we can make. The other two
  /// stand in every copy of the mail, so whoever was forwarded one could write them: such a report
  /// is counted and shown, and never takes an address away.
  enum class Known : std::uint8_t { return_path, envelope_id, message_id } known = {};
  enum class Kind : std::uint8_t {
    failed,     // it will not arrive there, however often it is tried
    gave_up,    // a server tried for as long as it does; another attempt may succeed
    delayed,    // a server is still trying
    delivered,  // in the mailbox, or handed to a server that reports no more
    unclear,    // not a report that can be read, an automatic answer for instance
  } kind = Kind::unclear;
  bool contact_dead = false;
  std::string why;  // the server's own words, as shown_reply() leaves them

  bool operator==(const Bounce&) const = default;
};

/// Reads one message. `recipient` is the address that it was delivered to, empty where that is not
/// known; `key` is that of return_path(). Nothing where it is about no delivery of ours.
std::optional<Bounce> read_bounce(engine::BytesView message, std::string_view recipient,
                                  engine::BytesView key);

}  // namespace connectors::email
