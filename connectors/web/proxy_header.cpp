#include "connectors/web/proxy_header.hpp"

#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/address_v6.hpp>

#include "engine/base/crc32c.hpp"
#include "engine/base/octet_io.hpp"
#include "engine/limits.hpp"

namespace connectors::web {

namespace ip = boost::asio::ip;
using engine::BytesView;

namespace {

// signature     12 octets
// version       4 bits, then the command in 4 bits
// family        4 bits, then the transport in 4 bits
// rest          2 octets: how many follow, addresses and extra values
// addresses     source, destination, source port, destination port
// extra         type in 1 octet, length in 2, value; again and again
constexpr BytesView kSignature("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::size_t kFixedBytes = 16;
constexpr BytesView kTextHeader = "PROXY";

enum Command : std::uint8_t { kLocal = 0, kProxy = 1 };
enum Family : std::uint8_t { kTcp4 = 0x11, kTcp6 = 0x21 };
constexpr std::uint8_t kChecksumType = 0x03;

/// How many octets the addresses of this family take; nothing where it is not taken. The
/// unspecified one is not: who sends on a client unnamed would have the client believed when it
/// names itself.
std::optional<std::size_t> address_bytes(std::uint8_t family) {
  switch (family) {
    case kTcp4:
      return 2 * 4 + 2 * 2;
    case kTcp6:
      return 2 * 16 + 2 * 2;
    default:
      return std::nullopt;
  }
}

template <typename Kind>
Address address_of(BytesView octets) {
  typename Kind::bytes_type bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(octets[i]);
  return unmapped(Kind(bytes));
}

/// The checksum is that of the whole header with zeros in the checksum's place.
bool checksum_holds(BytesView header, std::size_t at, std::uint32_t said) {
  std::string zeroed(header);
  zeroed.replace(at, sizeof said, sizeof said, '\0');
  return engine::crc32c(zeroed) == said;
}

/// What is wrong with what stands behind the addresses, from `at` to the end of the header.
std::optional<ProxyFault> fault_of_extra(BytesView header, std::size_t at) {
  std::optional<std::size_t> checksum_at;
  engine::OctetReader reader(header.substr(at));
  while (!reader.finished()) {
    const auto type = reader.number<std::uint8_t>();
    const auto size = reader.number<std::uint16_t>();
    reader.raw(size);
    if (!reader.good()) return ProxyFault::extra;
    at += 3U + size;
    if (type != kChecksumType) continue;
    if (checksum_at || size != sizeof(std::uint32_t)) return ProxyFault::extra;
    checksum_at = at - size;
  }
  if (!checksum_at) return std::nullopt;
  const auto said = engine::OctetReader(header.substr(*checksum_at)).number<std::uint32_t>();
  if (!checksum_holds(header, *checksum_at, said)) return ProxyFault::checksum;
  return std::nullopt;
}

ProxyFault no_signature(BytesView octets) {
  return octets.starts_with(kTextHeader) ? ProxyFault::text_header : ProxyFault::signature;
}

}  // namespace

std::string_view text(ProxyFault fault) {
  switch (fault) {
    case ProxyFault::text_header:
      return "text_header";
    case ProxyFault::signature:
      return "signature";
    case ProxyFault::version:
      return "version";
    case ProxyFault::command:
      return "command";
    case ProxyFault::family:
      return "family";
    case ProxyFault::size:
      return "size";
    case ProxyFault::extra:
      return "extra";
    case ProxyFault::checksum:
      return "checksum";
    case ProxyFault::silence:
      return "silence";
  }
  return {};
}

ProxyHeaderRead read_proxy_header(BytesView octets) {
  const BytesView begin = octets.substr(0, kSignature.size());
  if (begin != kSignature.substr(0, begin.size())) return no_signature(octets);
  if (octets.size() < kFixedBytes) return ProxyHeaderUnfinished{kFixedBytes};
  engine::OctetReader fixed(octets.substr(kSignature.size()));
  const auto version_and_command = fixed.number<std::uint8_t>();
  const auto family = fixed.number<std::uint8_t>();
  const std::size_t size = kFixedBytes + fixed.number<std::uint16_t>();
  if (version_and_command >> 4 != 2) return ProxyFault::version;
  const auto command = version_and_command & 0xf;
  if (command != kLocal && command != kProxy) return ProxyFault::command;
  if (size > engine::limits::kProxyHeaderBytes) return ProxyFault::size;
  // Of a proxy that speaks for itself nothing that follows is looked at.
  const auto addresses = command == kLocal ? 0 : address_bytes(family);
  if (!addresses) return ProxyFault::family;
  if (size < kFixedBytes + *addresses) return ProxyFault::size;
  if (octets.size() < size) return ProxyHeaderUnfinished{size};
  if (*addresses == 0) return ProxyHeader{};
  const BytesView header = octets.substr(0, size);
  if (const auto fault = fault_of_extra(header, kFixedBytes + *addresses)) return *fault;
  const BytesView source = header.substr(kFixedBytes);
  return ProxyHeader{family == kTcp4 ? address_of<ip::address_v4>(source)
                                     : address_of<ip::address_v6>(source)};
}

}  // namespace connectors::web
