#pragma once
// Whose request it is, by address: the peer's own, or behind a proxy that is trusted, the one it
// forwards for. No I/O; any thread.
#include <boost/asio/ip/address.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "connectors/web/http_message.hpp"
#include "engine/base/result.hpp"

namespace connectors::web {

using Address = boost::asio::ip::address;

/// A listener on [::] sees peers of IPv4 mapped into IPv6; they are what they were.
Address unmapped(const Address& address);

/// What limits count by: an address of IPv4, or of IPv6 the /64 it lies in, which is one
/// customer's.
std::string counted_as(const Address& address);

/// A list of networks in CIDR form.
class Networks {
 public:
  /// `10.0.0.0/8`, `fd00::/8`, or one address; a sentence where it is neither.
  engine::Result<void> add(std::string_view text);
  bool contains(const Address& address) const;
  bool empty() const { return networks_.empty(); }

 private:
  struct Network {
    Address base;
    unsigned bits;
  };
  std::vector<Network> networks_;
};

/// Who asks, as far as addresses tell.
struct Visitor {
  Address address;
  enum class Via : std::uint8_t { itself, proxy } via = Via::itself;
  bool operator==(const Visitor&) const = default;
};

/// Whether somebody says that this request was made by somebody else.
bool is_forwarded(const Request& request);

/// The peer; or where it is one of `proxies`, the last address of `Forwarded` (RFC 7239) or
/// `X-Forwarded-For` that is not one of them. Refused (`bad_query`): a proxy that names nobody, or
/// names two different ones in the two fields. What a stranger says of others is not looked at.
std::variant<Visitor, engine::Refusal> visitor_of(const Request& request, const Address& peer,
                                                  const Networks& proxies);

}  // namespace connectors::web
