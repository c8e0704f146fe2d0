#include "tests/support/proxy_header.hpp"

#include <boost/asio/ip/address.hpp>

#include "engine/base/crc32c.hpp"
#include "engine/base/octet_io.hpp"

namespace tests {

namespace {

constexpr std::size_t kBeforeLength = 14, kBeforeRest = 16;
constexpr std::string_view kPorts = "\x10\x92\x01\xbb";

template <class Octets>
std::string raw(const Octets& octets) {
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

}  // namespace

std::string proxy_header(std::uint8_t version_and_command, std::uint8_t family,
                         std::string_view rest) {
  engine::OctetWriter out;
  out.put_raw({"\x0d\x0a\x0d\x0a\x00\x0d\x0a\x51\x55\x49\x54\x0a", 12});
  out.put(version_and_command);
  out.put(family);
  out.put(static_cast<std::uint16_t>(rest.size()));
  out.put_raw(rest);
  return out.take();
}

std::string proxy_header_for(const char* client, std::string_view extra) {
  const auto address = boost::asio::ip::make_address(client);
  std::string rest = address.is_v4() ? raw(address.to_v4().to_bytes()) + std::string(4, '\x0a')
                                     : raw(address.to_v6().to_bytes()) + std::string(16, '\x0a');
  rest.append(kPorts).append(extra);
  return proxy_header(kProxyForwards, address.is_v4() ? kProxyTcp4 : kProxyTcp6, rest);
}

std::string proxy_extra(std::uint8_t type, std::string_view value) {
  engine::OctetWriter out;
  out.put(type);
  out.put(static_cast<std::uint16_t>(value.size()));
  out.put_raw(value);
  return out.take();
}

std::string with_proxy_checksum(const std::string& header) {
  const std::string zeros(4, '\0');
  std::string all = proxy_header(static_cast<std::uint8_t>(header[kBeforeLength - 2]),
                                 static_cast<std::uint8_t>(header[kBeforeLength - 1]),
                                 header.substr(kBeforeRest) + proxy_extra(0x03, zeros));
  engine::OctetWriter checksum;
  checksum.put(engine::crc32c(all));
  return all.replace(all.size() - zeros.size(), zeros.size(), checksum.bytes());
}

}  // namespace tests
