#include "connectors/webhook/guard.hpp"

#include <doctest/doctest.h>

using namespace connectors::webhook;

namespace {

bool allowed(std::string_view address, const Guard& guard = {}) {
  return address_allowed(Address::parse(address).value(), guard);
}

Guard allowing(std::string_view network) { return {.networks = {Network::parse(network).value()}}; }

std::string refusal(std::string_view url, const Guard& guard = {}) {
  const auto read = read_url(url, guard);
  return read ? "" : read.error().what;
}

}  // namespace

TEST_CASE("what is not on the public internet is refused from its first address to its last") {
  struct Row {
    const char* before;  // nullptr where what stands beside it is refused too
    const char* first;
    const char* last;
    const char* behind;
  };
  for (const Row& row : {
           Row{nullptr, "0.0.0.0", "0.255.255.255", "1.0.0.0"},
           {"9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0"},
           {"100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0"},
           {"126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0"},
           {"169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0"},
           {"172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0"},
           {"191.255.255.255", "192.0.0.0", "192.0.0.255", "192.0.1.0"},
           {"192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0"},
           {"192.88.98.255", "192.88.99.0", "192.88.99.255", "192.88.100.0"},
           {"192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0"},
           {"198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0"},
           {"198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0"},
           {"203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0"},
           {"223.255.255.255", "224.0.0.0", "255.255.255.255", nullptr},
           {nullptr, "::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", nullptr},
           {nullptr, "2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:200::"},
           {"2001:db7:ffff::", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
            "2001:db9::"},
           {"2001:ffff::", "2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2003::"},
           {"3ffe:ffff::", "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:1000::"},
           {"3fff:ffff:ffff::", "4000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", nullptr},
       }) {
    CAPTURE(row.first);
    CHECK_FALSE(allowed(row.first));
    CHECK_FALSE(allowed(row.last));
    if (row.before != nullptr) CHECK(allowed(row.before));
    if (row.behind != nullptr) CHECK(allowed(row.behind));
  }
}

TEST_CASE("loopback, link-local, unique local, multicast and hidden addresses are refused") {
  for (const char* address :
       {"::1", "::", "fe80::1", "fc00::1", "fd12:3456::1", "ff02::1", "::ffff:127.0.0.1",
        "::ffff:10.1.2.3", "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::808:808",
        "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001:0:4136:e378::", "100::1",
        "fec0::1", "169.254.169.254", "fd00:ec2::254"}) {
    CAPTURE(address);
    CHECK_FALSE(allowed(address));
  }
  for (const char* address :
       {"8.8.8.8", "::ffff:8.8.8.8", "2606:4700:4700::1111", "2a00:1450:4009::1"}) {
    CAPTURE(address);
    CHECK(allowed(address));
  }
}

TEST_CASE("the operator may allow a network and nothing beside it") {
  CHECK(allowed("10.1.2.3", allowing("10.0.0.0/8")));
  CHECK(allowed("::ffff:10.1.2.3", allowing("10.0.0.0/8")));
  CHECK_FALSE(allowed("127.0.0.1", allowing("10.0.0.0/8")));
  CHECK(allowed("127.0.0.1", allowing("127.0.0.1")));
  CHECK_FALSE(allowed("127.0.0.2", allowing("127.0.0.1")));
  CHECK(allowed("10.0.0.7", allowing("10.0.0.0/29")));
  CHECK_FALSE(allowed("10.0.0.8", allowing("10.0.0.0/29")));
  CHECK(allowed("fd00::1", allowing("fd00::/8")));
  CHECK_FALSE(allowed("fc00::1", allowing("fd00::/8")));
  CHECK(allowed("127.0.0.1", allowing("0.0.0.0/0")));
}

TEST_CASE("NAT64 that is allowed does not hide an address that is not") {
  const Guard guard = allowing("64:ff9b::/96");
  CHECK(allowed("64:ff9b::808:808", guard));
  CHECK_FALSE(allowed("64:ff9b::7f00:1", guard));
  CHECK_FALSE(allowed("64:ff9b::a9fe:a9fe", guard));
  CHECK_FALSE(allowed("64:ff9b:0:0:0:1:808:808", guard));
}

TEST_CASE("a network is an address with its bits and nothing behind them") {
  for (const char* right : {"10.0.0.0/8", "0.0.0.0/0", "10.0.0.1/32", "10.0.0.1", "::/0",
                            "fd00::/8", "2001:db8::1/128", "2001:db8::1"}) {
    CHECK_MESSAGE(Network::parse(right).has_value(), right);
  }
  for (const char* wrong : {"", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/08",
                            "10.0.0.0/-1", "fd01::/8", "::/129", "10.0/8", "a/8", "/8"}) {
    CHECK_MESSAGE(!Network::parse(wrong).has_value(), wrong);
  }
}

TEST_CASE("a webhook's address is taken apart") {
  const Url url = read_url("HTTPS://Hooks.Example.org:8443/in?a=b", {}).value();
  CHECK(url.scheme == "https");
  CHECK(url.host == "hooks.example.org");
  CHECK(url.port == 8443);
  CHECK(url.target == "/in?a=b");
  CHECK_FALSE(url.address);
  CHECK(read_url("https://example.org", {}).value().target == "/");
  CHECK(read_url("https://example.org?x", {}).value().target == "/?x");
  CHECK(read_url("https://example.org", {}).value().port == 443);
  const Url six = read_url("https://[2606:4700:4700::1111]:443/", {}).value();
  CHECK(six.host == "2606:4700:4700::1111");
  CHECK(six.address == Address::parse("2606:4700:4700::1111"));
  CHECK(read_url("https://8.8.8.8/", {}).value().address == Address::parse("8.8.8.8"));
  CHECK(read_url("https://xn--caf-dma.example/@a:b", {}).has_value());
}

TEST_CASE("what a webhook's address may not be is refused") {
  for (const char* wrong : {"",
                            "https://",
                            "https:///",
                            "http://example.org/",
                            "ftp://example.org/",
                            "example.org",
                            "//example.org",
                            "https:/example.org",
                            "https://user@example.org/",
                            "https://user:secret@example.org/",
                            "https://example.org@127.0.0.1/",
                            "https://example.org/#a",
                            "https://exa mple.org/",
                            "https://example.org/\r\nX: y",
                            "https://example.org\\@127.0.0.1/",
                            "https://ex\xc3\xa4mple.org/",
                            "https://-a.org/",
                            "https://a-.org/",
                            "https://a..org/",
                            "https://example.org./",
                            "https://a_b.org/",
                            "https://127.1/",
                            "https://0x7f000001/",
                            "https://2130706433/",
                            "https://0177.0.0.1/",
                            "https://1.2.3.4.5/",
                            "https://example.0x7f/",
                            "https://127.0.0.1/",
                            "https://[::1]/",
                            "https://[::ffff:127.0.0.1]/",
                            "https://[fe80::1%25eth0]/",
                            "https://[8.8.8.8]/",
                            "https://[2606:4700:4700::1111/",
                            "https://[2606:4700:4700::1111]x/",
                            "https://2606:4700:4700::1111/",
                            "https://localhost/",
                            "https://a.localhost/",
                            "https://printer.local/",
                            "https://metadata.google.internal/",
                            "https://intranet/",
                            "https://example.org:/",
                            "https://example.org:0/",
                            "https://example.org:65536/",
                            "https://example.org:0443/",
                            "https://example.org:a/",
                            "https://example.org:25/",
                            "https://example.org:1023/",
                            "https://example.org:80/",
                            "https://example.org:-1/"}) {
    CAPTURE(wrong);
    CHECK(refusal(wrong).ends_with("."));
  }
}

TEST_CASE("ports begin at kUnprivilegedPort beside the usual one and end with 65535") {
  const auto at = [](int port) { return "https://example.org:" + std::to_string(port) + "/"; };
  CHECK(read_url(at(443), {}).has_value());
  CHECK(read_url(at(kUnprivilegedPort), {}).has_value());
  CHECK_FALSE(read_url(at(kUnprivilegedPort - 1), {}).has_value());
  CHECK(read_url(at(65'535), {}).has_value());
  CHECK_FALSE(read_url(at(65'536), {}).has_value());
}

TEST_CASE("a webhook's address has kUrlBytes and not one more, a name 253 and a label 63") {
  const std::string start = "https://example.org/";
  CHECK(read_url(start + std::string(kUrlBytes - start.size(), 'a'), {}).has_value());
  CHECK_FALSE(read_url(start + std::string(kUrlBytes - start.size() + 1, 'a'), {}).has_value());
  const std::string label(63, 'a');
  const std::string name = label + "." + label + "." + label + "." + std::string(61, 'a');
  CHECK(read_url("https://" + name + "/", {}).has_value());
  CHECK_FALSE(read_url("https://" + name + "a/", {}).has_value());
  CHECK_FALSE(read_url("https://" + label + "a.org/", {}).has_value());
}

TEST_CASE("for trials the operator may allow plain http, any port and a network of their own") {
  Guard guard = allowing("127.0.0.0/8");
  guard.plain = Guard::Plain::allowed;
  const Url url = read_url("http://127.0.0.1:81/in", guard).value();
  CHECK(url.scheme == "http");
  CHECK(url.port == 81);
  CHECK(read_url("http://127.0.0.1/", guard).value().port == 80);
  CHECK(read_url("http://localhost:8080/", guard).has_value());
  CHECK_FALSE(read_url("http://10.0.0.1/", guard).has_value());
  CHECK_FALSE(read_url("http://a@127.0.0.1/", guard).has_value());
}
