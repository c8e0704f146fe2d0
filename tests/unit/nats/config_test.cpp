#include "connectors/nats/config.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>

#include "connectors/nats/limits.hpp"
#include "tests/support/temp_dir.hpp"

using namespace connectors::nats;

namespace {

NatsConfig at(std::string url) {
  NatsConfig config;
  config.url = std::move(url);
  return config;
}

std::string fault(const NatsConfig& config) {
  const auto checked = check(config);
  return checked ? "" : checked.error().what;
}

bool mentions(std::string_view text, std::string_view what) {
  return text.find(what) != std::string_view::npos;
}

}  // namespace

TEST_CASE("the servers of a cluster stand behind each other, and the first names the scheme") {
  using Urls = std::vector<std::string>;
  CHECK(parse_urls("nats://a,b:7,c").value() == Urls{"nats://a", "nats://b:7", "nats://c"});
  CHECK(parse_urls("tls://a,b").value() == Urls{"tls://a", "tls://b"});
  CHECK(parse_urls("a,nats://b").value() == Urls{"nats://a", "nats://b"});
  for (const char* wrong : {"", ",", "nats://a,,b", "http://a,b", "nats://a,b/c"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_urls(wrong).has_value());
  }
}

TEST_CASE("a url of NATS is a host and a port and says nothing of who we are") {
  CHECK(parse_url("nats://127.0.0.1:4222").value() == NatsUrl{false, "127.0.0.1", 4222});
  CHECK(parse_url("tls://nats.example.org").value() == NatsUrl{true, "nats.example.org", 4222});
  CHECK(parse_url("nats://[::1]:7").value() == NatsUrl{false, "::1", 7});
  for (const char* wrong : {"", "127.0.0.1:4222", "http://127.0.0.1", "nats://", "nats://a/b",
                            "nats://a?b", "nats://a:0", "nats://a:b"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_url(wrong).has_value());
  }
  const auto secret = parse_url("nats://tocsin:hunter2@nats.example.org");
  REQUIRE_FALSE(secret.has_value());
  CHECK(mentions(secret.error().what, "password_file"));
  CHECK_FALSE(mentions(secret.error().what, "hunter2"));
}

TEST_CASE("what goes together with a NATS server is given together") {
  CHECK(fault(at("nats://127.0.0.1")) == "");
  auto config = at("nats://127.0.0.1");
  config.user = "tocsin";
  CHECK(mentions(fault(config), "user and password_file go together"));
  config.password_file = "nats.password";
  CHECK(fault(config) == "");
  config.nkey = "UABC";
  CHECK(mentions(fault(config), "nkey and nkey_seed_file"));
  config.nkey_seed_file = "nats.nk";
  CHECK(mentions(fault(config), "not both"));
  config.user = "", config.password_file = "";
  CHECK(fault(config) == "");
  config.cert_file = "cert.pem";
  CHECK(mentions(fault(config), "cert_file and key_file"));
}

TEST_CASE("a password goes to another machine by TLS alone") {
  auto config = at("nats://nats.example.org");
  config.user = "tocsin";
  config.password_file = "nats.password";
  CHECK(mentions(fault(config), "by TLS alone"));
  config.url = "tls://nats.example.org";
  CHECK(fault(config) == "");
}

TEST_CASE("partners are organisations' keys and need a stream") {
  auto config = at("nats://127.0.0.1");
  config.partners = {"bank-a", "bank_b"};
  CHECK(fault(config) == "");
  config.stream = false;
  CHECK(mentions(fault(config), "without a stream"));
  config.stream = true;
  for (const char* wrong : {"", "Bank", "a.b", "a*", ">", "a b"}) {
    CAPTURE(wrong);
    config.partners = {wrong};
    CHECK(mentions(fault(config), "no organisation's key"));
  }
}
