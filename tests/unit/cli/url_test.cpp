#include "ops/cli/url.hpp"

#include <doctest/doctest.h>

using namespace ops::cli;

TEST_CASE("an engine's address is read") {
  const auto plain = parse_url("http://127.0.0.1:8080");
  REQUIRE(plain.has_value());
  CHECK(plain->host == "127.0.0.1");
  CHECK(plain->port == "8080");
  CHECK(plain->authority() == "127.0.0.1:8080");
  CHECK(parse_url("http://engine.example").value().port == "80");
  CHECK(parse_url("http://engine.example/alerts/").value().prefix == "/alerts");
  const auto v6 = parse_url("http://[::1]:8080/");
  REQUIRE(v6.has_value());
  CHECK(v6->host == "::1");
  CHECK(v6->authority() == "[::1]:8080");
}

TEST_CASE("https has a port of its own and stays https") {
  const auto https = parse_url("https://engine.example/alerts");
  REQUIRE(https.has_value());
  CHECK(https->tls);
  CHECK(https->port == "443");
  CHECK(https->text() == "https://engine.example:443/alerts");
  CHECK(parse_url("https://[::1]:8443").value().text() == "https://[::1]:8443");
  CHECK_FALSE(parse_url("http://engine.example").value().tls);
}

TEST_CASE("what is no address is wrong usage") {
  for (const auto* wrong :
       {"", "127.0.0.1:8080", "ftp://x", "http://", "http://:80", "http://x:", "http://x:0",
        "http://x:65536", "http://x:80a", "http://a b", "http://u@x", "http://::1:80",
        "http://[::1", "http://x/?q", "http://x/a b", "http://x\r\nHost: y"}) {
    CAPTURE(wrong);
    const auto url = parse_url(wrong);
    REQUIRE_FALSE(url.has_value());
    CHECK(url.error().exit == Exit::usage);
  }
}

TEST_CASE("a query's value is percent-encoded") {
  CHECK(query_value("control@met.example") == "control@met.example");
  CHECK(query_value("51.5,-0.1") == "51.5,-0.1");
  CHECK(query_value("a b&c=d#\u00e9%") == "a%20b%26c%3Dd%23%C3%A9%25");
}
