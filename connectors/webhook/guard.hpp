#pragma once
// Where webhooks may go. An organisation chooses its own address, so whoever can sign in could make
// this machine ask its neighbours: what is not an address on the public internet is refused, unless
// the operator allows it. The name is judged once when it is entered, and every address that it
// resolves to again each time before anything is sent to it. No I/O; any thread.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/bytes.hpp"
#include "engine/base/result.hpp"

namespace connectors::webhook {

/// An address of either version; IPv4 as IPv6 writes it (::ffff:192.0.2.1), so that both ways to
/// write one are the same.
struct Address {
  engine::Octets<16> octets{};

  static std::optional<Address> parse(std::string_view text);
  static Address v4(const engine::Octets<4>& octets);
  bool is_v4() const;
  bool operator==(const Address&) const = default;
};

/// `10.0.0.0/8`, `fd00::/8`, or one address. Nothing may be set behind its bits.
struct Network {
  Address address;
  int bits = 128;

  static std::optional<Network> parse(std::string_view text);
  bool holds(const Address& address) const;
};

/// What the operator says. By default nothing is allowed that the internet at large cannot reach.
struct Guard {
  std::vector<Network> networks;  // allowed although they are private
  // For trials: http as well, and any port. Otherwise 443, or 1024 and above, where no service of a
  // machine itself listens.
  enum class Plain { refused, allowed } plain = Plain::refused;
};

/// Whether a request may go to this address: global unicast alone. Addresses in which another one
/// is hidden are judged by that one (mapped) or refused (NAT64, 6to4, Teredo). A NAT64 address that
/// the operator allows still must not hide an address that is not.
bool address_allowed(const Address& address, const Guard& guard);

inline constexpr std::size_t kUrlBytes = 2048;
inline constexpr int kUnprivilegedPort = 1024;

/// A webhook's address, taken apart. `host` is a name in lower case, or an address as it was
/// written, without brackets.
struct Url {
  std::string scheme;
  std::string host;
  int port = 443;
  std::string target;  // path and query, `/` where it was empty
  std::optional<Address> address;
};

/// Reads one strictly: https, a name in ASCII or an address that is allowed, no user name, no
/// fragment, nothing that other readers might read in another way (`127.1`, `0x7f000001`, spaces,
/// backslashes). A failure says what to change.
engine::Result<Url> read_url(std::string_view text, const Guard& guard);

}  // namespace connectors::webhook
