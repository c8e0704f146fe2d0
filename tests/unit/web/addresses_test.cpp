#include "connectors/web/addresses.hpp"

#include <doctest/doctest.h>

using namespace connectors::web;
using boost::asio::ip::make_address;

namespace {

Networks networks(std::initializer_list<const char*> texts) {
  Networks all;
  for (const char* text : texts) all.add(text).value();
  return all;
}

Request request(std::vector<Field> fields) {
  Request made;
  made.fields = std::move(fields);
  return made;
}

}  // namespace

TEST_CASE("a network holds its addresses and no other") {
  const struct {
    const char *network, *address;
    bool inside;
  } cases[] = {
      {"10.0.0.0/8", "10.255.0.1", true},
      {"10.0.0.0/8", "11.0.0.0", false},
      {"192.0.2.128/25", "192.0.2.200", true},
      {"192.0.2.128/25", "192.0.2.127", false},
      {"127.0.0.1", "127.0.0.1", true},
      {"127.0.0.1", "127.0.0.2", false},
      {"0.0.0.0/0", "203.0.113.9", true},
      {"0.0.0.0/0", "::1", false},
      {"2001:db8::/33", "2001:db8:7fff::1", true},
      {"2001:db8::/33", "2001:db8:8000::1", false},
      {"::ffff:10.0.0.1", "10.0.0.1", true},
  };
  for (const auto& each : cases) {
    CAPTURE(each.network);
    CAPTURE(each.address);
    CHECK(networks({each.network}).contains(make_address(each.address)) == each.inside);
  }
  for (const char* wrong : {"", "10.0.0.0/", "10.0.0.0/33", "10.0.0/8", "::/129", "x",
                            "10.0.0.0/-1", "10.0.0.0/8/8", "localhost"}) {
    CHECK_FALSE(Networks{}.add(wrong).has_value());
  }
}

TEST_CASE("addresses of IPv6 are counted by their network of 64 bits and mapped ones as IPv4") {
  CHECK(counted_as(make_address("2001:db8::1")) == counted_as(make_address("2001:db8::2:0:0:0")));
  CHECK(counted_as(make_address("2001:db8::1")) != counted_as(make_address("2001:db8:0:1::1")));
  CHECK(counted_as(make_address("192.0.2.1")) != counted_as(make_address("192.0.2.2")));
  CHECK(unmapped(make_address("::ffff:192.0.2.1")) == make_address("192.0.2.1"));
  CHECK(unmapped(make_address("2001:db8::1")) == make_address("2001:db8::1"));
}

TEST_CASE("the last address that is no trusted proxy is who asks") {
  const Networks proxies = networks({"127.0.0.0/8", "10.0.0.0/8"});
  const auto proxy = make_address("127.0.0.1");
  const struct {
    std::vector<Field> fields;
    const char* client;  // nullptr: refused
  } cases[] = {
      {{{"x-forwarded-for", "192.0.2.7"}}, "192.0.2.7"},
      {{{"x-forwarded-for", "6.6.6.6, 192.0.2.7"}}, "192.0.2.7"},
      {{{"x-forwarded-for", "6.6.6.6,192.0.2.7 , 10.1.1.1"}}, "192.0.2.7"},
      {{{"x-forwarded-for", "6.6.6.6"}, {"x-forwarded-for", "192.0.2.7"}}, "192.0.2.7"},
      {{{"x-forwarded-for", "192.0.2.7:8080"}}, "192.0.2.7"},
      {{{"x-forwarded-for", "2001:db8::7"}}, "2001:db8::7"},
      {{{"x-forwarded-for", "[2001:db8::7]:80"}}, "2001:db8::7"},
      {{{"x-forwarded-for", "10.1.1.1, 10.2.2.2"}}, "10.1.1.1"},
      {{{"forwarded", "for=192.0.2.7"}}, "192.0.2.7"},
      {{{"forwarded", "for=6.6.6.6, For=192.0.2.7;proto=https;by=10.0.0.1"}}, "192.0.2.7"},
      {{{"forwarded", "proto=https; for=\"[2001:db8::7]:4711\""}}, "2001:db8::7"},
      {{{"forwarded", "for=192.0.2.7"}, {"x-forwarded-for", "192.0.2.7"}}, "192.0.2.7"},
      {{{"forwarded", "for=6.6.6.6"}, {"x-forwarded-for", "192.0.2.7"}}, nullptr},
      {{}, nullptr},
      {{{"x-forwarded-for", ""}}, nullptr},
      {{{"x-forwarded-for", "192.0.2.7, unknown"}}, nullptr},
      {{{"x-forwarded-for", "192.0.2.7,"}}, nullptr},
      {{{"forwarded", "for=_hidden"}}, nullptr},
      {{{"forwarded", "by=192.0.2.7"}}, nullptr},
      {{{"forwarded", "for=\"[2001:db8::7\""}}, nullptr},
      {{{"forwarded", "for=192.0.2.7;host=\"a, for=6.6.6.6;b\""}}, "192.0.2.7"},
      {{{"forwarded", "for=192.0.2.7;host=\"a\\\", for=6.6.6.6;b\""}}, "192.0.2.7"},
      {{{"forwarded", "for=6.6.6.6, for=192.0.2.7;host=\"a;for=6.6.6.6\""}}, "192.0.2.7"},
      {{{"forwarded", "for=192.0.2.7;for=6.6.6.6"}}, nullptr},
      {{{"forwarded", "for=\"6.6.6.6, for=192.0.2.7"}}, nullptr},
      // What the client sent before the comma must not swallow what the proxy wrote behind it.
      {{{"forwarded", "for=6.6.6.6;x=\", for=192.0.2.7"}}, nullptr},
      {{{"forwarded", "for=6.6.6.6;x=\", for=192.0.2.7;host=\"a\\\"b\""}}, nullptr},
      {{{"forwarded", "for=6.6.6.6;x=\", for=\"[2001:db8::7]:80\""}}, nullptr},
      {{{"forwarded", "for=6.6.6.6;x=\"\\, for=192.0.2.7"}}, nullptr},
      {{{"forwarded", "a\"b\"c, for=192.0.2.7"}}, "192.0.2.7"},
      {{{"x-forwarded-for", "[2001:db8::6]\", 192.0.2.7"}}, "192.0.2.7"},
      {{{"x-forwarded-for", "6.6.6.6\", 192.0.2.7"}}, "192.0.2.7"},
      {{{"x-forwarded-for", "[2001:db8::6]x"}}, nullptr},
  };
  for (const auto& each : cases) {
    const auto visitor = visitor_of(request(each.fields), proxy, proxies);
    if (each.client == nullptr) {
      REQUIRE(std::holds_alternative<engine::Refusal>(visitor));
      CHECK(std::get<engine::Refusal>(visitor).code == engine::Code::bad_query);
      continue;
    }
    REQUIRE(std::holds_alternative<Visitor>(visitor));
    CHECK(std::get<Visitor>(visitor) == Visitor{make_address(each.client), Visitor::Via::proxy});
  }
}

TEST_CASE("what a stranger says of others is not looked at") {
  const auto stranger = make_address("203.0.113.9");
  const auto visitor =
      visitor_of(request({{"x-forwarded-for", "192.0.2.7"}}), stranger, networks({"127.0.0.1"}));
  CHECK(std::get<Visitor>(visitor) == Visitor{stranger, Visitor::Via::itself});
  CHECK(is_forwarded(request({{"x-forwarded-for", "192.0.2.7"}})));
  CHECK(is_forwarded(request({{"forwarded", "for=192.0.2.7"}})));
  CHECK_FALSE(is_forwarded(request({{"via", "1.1 proxy"}})));
}
