#include "connectors/web/proxy_header.hpp"

#include <doctest/doctest.h>

#include "engine/limits.hpp"
#include "tests/support/proxy_header.hpp"

using namespace connectors::web;
using namespace tests;
using boost::asio::ip::make_address;
using engine::limits::kProxyHeaderBytes;

namespace {

constexpr std::size_t kFixedBytes = 16, kOf4Bytes = 12, kOf6Bytes = 36;

std::string said(const std::string& octets) {
  const auto read = read_proxy_header(octets);
  if (const auto* fault = std::get_if<ProxyFault>(&read)) return std::string(text(*fault));
  const auto* header = std::get_if<ProxyHeader>(&read);
  if (header == nullptr) {
    return "wants " + std::to_string(std::get<ProxyHeaderUnfinished>(read).octets);
  }
  return header->client ? header->client->to_string() : "the proxy itself";
}

}  // namespace

TEST_CASE("a proxy names a client of either family and mapped ones are what they were") {
  CHECK(said(proxy_header_for("192.0.2.7")) == "192.0.2.7");
  CHECK(said(proxy_header_for("2001:db8::7")) == "2001:db8::7");
  CHECK(said(proxy_header_for("::ffff:192.0.2.7")) == "192.0.2.7");
  CHECK(said(proxy_header_for("::ffff:127.0.0.1")) == "127.0.0.1");
  // Written out, from the first octet to the last.
  const std::string captured(
      "\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0c\x7f\x00\x00\x01\x7f\x00\x00\x01\xcc\xa6\x1f\x90", 28);
  CHECK(said(captured) == "127.0.0.1");
}

TEST_CASE("a header is wanted whole and no octet behind it is looked at") {
  const std::string header = proxy_header_for("192.0.2.7", proxy_extra(0x04, "padding"));
  for (std::size_t size = 0; size < header.size(); ++size) {
    const auto wanted = size < kFixedBytes ? kFixedBytes : header.size();
    CHECK(said(header.substr(0, size)) == "wants " + std::to_string(wanted));
  }
  CHECK(said(header + "GET / HTTP/1.1") == "192.0.2.7");
}

TEST_CASE("a proxy that speaks for itself stays who it is") {
  CHECK(said(proxy_header(kProxyLocal, kProxyUnspecified, "")) == "the proxy itself");
  // What follows is passed over, whatever it is: an address, values, neither.
  for (const std::uint8_t family : {0x00, 0x11, 0x12, 0x21, 0x31, 0xff}) {
    CHECK(said(proxy_header(kProxyLocal, family, "anything")) == "the proxy itself");
  }
  CHECK(said(proxy_header(kProxyLocal, 0, "anything").substr(0, 20)) == "wants 24");
}

TEST_CASE("what is no header of version 2 is seen at its first octet that cannot be") {
  CHECK(said("PROXY TCP4 192.0.2.7 10.0.0.1 4242 443\r\n") == "text_header");
  CHECK(said("PROXY") == "text_header");
  CHECK(said("PROX") == "signature");
  CHECK(said("G") == "signature");
  CHECK(said("GET / HTTP/1.1\r\n\r\n") == "signature");
  CHECK(said("\x16\x03\x01") == "signature");
  CHECK(said("\r\n\r\n\r") == "signature");
  std::string header = proxy_header_for("192.0.2.7");
  for (std::size_t at = 0; at < 12; ++at) {
    std::string other = header;
    other[at] ^= 1;
    CHECK(said(other) == "signature");
    CHECK(said(other.substr(0, at + 1)) == "signature");
  }
}

TEST_CASE("versions commands and families that are not taken are refused before they have come") {
  const std::string of4(kOf4Bytes, 'x'), of6(kOf6Bytes, 'x'), of_unix(216, 'x');
  CHECK(said(proxy_header(0x11, kProxyTcp4, of4)) == "version");
  CHECK(said(proxy_header(0x31, kProxyTcp4, of4)) == "version");
  CHECK(said(proxy_header(0x01, kProxyTcp4, of4)) == "version");
  CHECK(said(proxy_header(0x22, kProxyTcp4, of4)) == "command");
  CHECK(said(proxy_header(0x2f, kProxyTcp4, of4)) == "command");
  CHECK(said(proxy_header(kProxyForwards, 0x12, of4)) == "family");  // UDP
  CHECK(said(proxy_header(kProxyForwards, 0x22, of6)) == "family");
  CHECK(said(proxy_header(kProxyForwards, 0x31, of_unix)) == "family");  // a UNIX socket
  CHECK(said(proxy_header(kProxyForwards, 0x32, of_unix)) == "family");
  CHECK(said(proxy_header(kProxyForwards, 0x10, of4)) == "family");
  CHECK(said(proxy_header(kProxyForwards, 0x01, of4)) == "family");
  CHECK(said(proxy_header(kProxyForwards, 0x41, of_unix)) == "family");
  // Whoever it forwards would be believed as the proxy is.
  CHECK(said(proxy_header(kProxyForwards, kProxyUnspecified, "")) == "family");
  CHECK(said(proxy_header(kProxyForwards, kProxyUnspecified, of4)) == "family");
  CHECK(said(proxy_header(kProxyForwards, 0x31, of_unix).substr(0, kFixedBytes)) == "family");
}

TEST_CASE("a header of kProxyHeaderBytes is read and one octet more is refused unread") {
  const auto padded = [](std::size_t size) {
    return proxy_header_for(
        "192.0.2.7", proxy_extra(0x04, std::string(size - kFixedBytes - kOf4Bytes - 3, 'x')));
  };
  REQUIRE(padded(kProxyHeaderBytes).size() == kProxyHeaderBytes);
  CHECK(said(padded(kProxyHeaderBytes)) == "192.0.2.7");
  CHECK(said(padded(kProxyHeaderBytes + 1).substr(0, kFixedBytes)) == "size");
  CHECK(said(proxy_header(kProxyLocal, 0, std::string(kProxyHeaderBytes - kFixedBytes, 'x'))) ==
        "the proxy itself");
  CHECK(said(proxy_header(kProxyLocal, 0, std::string(kProxyHeaderBytes - kFixedBytes + 1, 'x'))) ==
        "size");
}

TEST_CASE("a header shorter than its addresses is refused") {
  CHECK(said(proxy_header(kProxyForwards, kProxyTcp4, std::string(kOf4Bytes - 1, 'x'))) == "size");
  CHECK(said(proxy_header(kProxyForwards, kProxyTcp6, std::string(kOf6Bytes - 1, 'x'))) == "size");
  CHECK(said(proxy_header(kProxyForwards, kProxyTcp4, std::string(kOf4Bytes, '\x7f'))) ==
        "127.127.127.127");
  CHECK(said(proxy_header(kProxyForwards, kProxyTcp6, std::string(kOf6Bytes, '\0'))) == "::");
}

TEST_CASE("extra values are passed over and a list that breaks off is refused") {
  const std::string extra = proxy_extra(0x02, "alerts.example") + proxy_extra(0x20, "") +
                            proxy_extra(0xea, std::string(300, '\3'));
  CHECK(said(proxy_header_for("192.0.2.7", extra)) == "192.0.2.7");
  CHECK(said(proxy_header_for("2001:db8::7", extra)) == "2001:db8::7");
  CHECK(said(proxy_header_for("192.0.2.7", extra.substr(0, extra.size() - 1))) == "extra");
  CHECK(said(proxy_header_for("192.0.2.7", extra + "\x04")) == "extra");
  CHECK(said(proxy_header_for("192.0.2.7", extra + std::string("\x04\x00", 2))) == "extra");
}

TEST_CASE("a checksum that is there has to be right") {
  for (const char* client : {"192.0.2.7", "2001:db8::7"}) {
    const std::string right = with_proxy_checksum(proxy_header_for(client, proxy_extra(4, "x")));
    CHECK(said(right) == client);
    for (std::size_t at = kFixedBytes; at < kFixedBytes + kOf4Bytes; ++at) {
      std::string changed = right;
      changed[at] ^= 0x40;
      CHECK(said(changed) == "checksum");
    }
    std::string changed = right;
    changed.back() ^= 1;
    CHECK(said(changed) == "checksum");
  }
  // It is one number of four octets.
  CHECK(said(proxy_header_for("192.0.2.7", proxy_extra(0x03, "abc"))) == "extra");
  CHECK(said(proxy_header_for("192.0.2.7", proxy_extra(0x03, "abcde"))) == "extra");
  const std::string once = with_proxy_checksum(proxy_header_for("192.0.2.7"));
  CHECK(said(with_proxy_checksum(once)) == "extra");
}
