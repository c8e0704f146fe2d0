// Any octets as the header of the PROXY protocol: whole or one at a time they are the same, never
// is more wanted than the header has, nothing behind it changes it, and whom it names is whom a
// reader by hand finds. And any octets as the client and the extra values of a header that is
// right: with its checksum it is read, and with one bit of it changed nobody is named whom the
// proxy did not.
#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "connectors/web/proxy_header.hpp"
#include "engine/base/ensure.hpp"
#include "engine/limits.hpp"
#include "tests/support/proxy_header.hpp"

namespace {

using namespace connectors::web;
using engine::limits::kProxyHeaderBytes;

constexpr std::size_t kFixed = 16;
constexpr std::size_t kWholeMax = 512;  // octets that are read one at a time

/// What was read, so that two of them can be held against each other.
std::string said(const ProxyHeaderRead& read) {
  if (const auto* fault = std::get_if<ProxyFault>(&read)) return std::string(text(*fault));
  if (const auto* more = std::get_if<ProxyHeaderUnfinished>(&read)) {
    return "wants " + std::to_string(more->octets);
  }
  const auto& client = std::get<ProxyHeader>(read).client;
  return client ? client->to_string() : "the proxy itself";
}

std::size_t octet(std::string_view octets, std::size_t at) {
  return static_cast<unsigned char>(octets[at]);
}

std::size_t size_said(std::string_view octets) {
  return kFixed + (octet(octets, 14) << 8 | octet(octets, 15));
}

/// Read by hand, of a header that was taken.
std::string client_of(std::string_view header) {
  ENSURE(octet(header, 12) == 0x20 || octet(header, 12) == 0x21);
  if (octet(header, 12) == 0x20 || header[13] == 0) return "the proxy itself";
  if (header[13] == 0x11) {
    boost::asio::ip::address_v4::bytes_type bytes;
    std::memcpy(bytes.data(), header.data() + kFixed, bytes.size());
    return boost::asio::ip::address_v4(bytes).to_string();
  }
  ENSURE(header[13] == 0x21);
  boost::asio::ip::address_v6::bytes_type bytes;
  std::memcpy(bytes.data(), header.data() + kFixed, bytes.size());
  return unmapped(boost::asio::ip::address_v6(bytes)).to_string();
}

void check_any(std::string_view octets) {
  const auto whole = read_proxy_header(octets);
  if (const auto* more = std::get_if<ProxyHeaderUnfinished>(&whole)) {
    ENSURE(more->octets > octets.size() && more->octets <= kProxyHeaderBytes);
    ENSURE(more->octets == (octets.size() < kFixed ? kFixed : size_said(octets)));
  }
  if (std::holds_alternative<ProxyHeader>(whole)) {
    const std::size_t size = size_said(octets);
    ENSURE(size <= octets.size() && size <= kProxyHeaderBytes);
    ENSURE(said(whole) == client_of(octets));
    ENSURE(said(read_proxy_header(octets.substr(0, size))) == said(whole));
    ENSURE(said(read_proxy_header(std::string(octets) + "GET /")) == said(whole));
    ENSURE(std::holds_alternative<ProxyHeaderUnfinished>(
        read_proxy_header(octets.substr(0, size - 1))));
  }
  std::size_t wanted = 0;  // what is wanted only grows, and what is wrong stays wrong
  for (std::size_t size = 0; size <= std::min(octets.size(), kWholeMax); ++size) {
    const auto part = read_proxy_header(octets.substr(0, size));
    const auto* more = std::get_if<ProxyHeaderUnfinished>(&part);
    if (more == nullptr) {
      const bool was_text = std::string_view("PROXY").starts_with(octets.substr(0, size));
      ENSURE(said(part) == said(whole) || (was_text && said(whole) == "text_header"));
      if (!was_text) return;
      continue;
    }
    ENSURE(more->octets >= wanted);
    wanted = more->octets;
  }
}

void check_made(std::string_view octets) {
  constexpr std::size_t kAddress = 16;
  if (octets.size() < kAddress + 2) return;
  boost::asio::ip::address_v6::bytes_type bytes;
  std::memcpy(bytes.data(), octets.data(), bytes.size());
  const boost::asio::ip::address_v6 client(bytes);
  const std::size_t changed_bit = octet(octets, kAddress) << 8 | octet(octets, kAddress + 1);
  const auto value = octets.substr(kAddress + 2, 1024);
  std::string header = tests::with_proxy_checksum(
      tests::proxy_header_for(client.to_string().c_str(), tests::proxy_extra(0x04, value)));
  const std::string named = unmapped(client).to_string();
  ENSURE(said(read_proxy_header(header)) == named);
  header[changed_bit / 8 % header.size()] ^= static_cast<char>(1U << changed_bit % 8);
  const auto changed = said(read_proxy_header(header));
  ENSURE(changed.find_first_of(".:") == std::string::npos || changed == named);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  check_any(octets);
  check_made(octets);
  return 0;
}
