#pragma once
// The header of the PROXY protocol, version 2: what a proxy that passes connections on unread says
// first about who is at their other end. Version 1, a line of text, is none. No I/O; any thread.
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "connectors/web/addresses.hpp"
#include "engine/base/bytes.hpp"

namespace connectors::web {

struct ProxyHeader {
  std::optional<Address> client;  // none: the proxy speaks for itself
};

/// So many octets are the least that the header has; its end is not beyond them.
struct ProxyHeaderUnfinished {
  std::size_t octets;
};

enum class ProxyFault : std::uint8_t {
  text_header,  // version 1
  signature,    // something else altogether
  version,
  command,
  family,    // not TCP over IPv4 or IPv6
  size,      // more than kProxyHeaderBytes, or less than its addresses take
  extra,     // what stands behind the addresses is no list of types, lengths and values
  checksum,  // there is a CRC-32C, and it is another one
  silence,   // the header did not come, or not all of it
};
std::string_view text(ProxyFault fault);

using ProxyHeaderRead = std::variant<ProxyHeader, ProxyHeaderUnfinished, ProxyFault>;

/// Reads the header that `octets` begin with. What is wrong is told as soon as it can be seen.
ProxyHeaderRead read_proxy_header(engine::BytesView octets);

}  // namespace connectors::web
