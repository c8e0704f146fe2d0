// How an operator says by which servers people are reached.
#include "ops/daemon/channel_options.hpp"

#include <doctest/doctest.h>

#include <string>

#include "connectors/email/limits.hpp"

using namespace ops;
using connectors::email::EmailOptions;
using Tls = connectors::email::SmtpServer::Tls;

namespace {

const std::string kLeast = "url = \"smtp://127.0.0.1:1025\"\nfrom = \"alerts@example.org\"\n";

engine::Result<EmailOptions> email(const std::string& toml) {
  return read_email(toml::parse(toml), "/etc/tocsin", "host.example");
}

engine::Result<connectors::webhook::WebhookOptions> webhook(const std::string& toml) {
  return read_webhook(toml::parse(toml), "/etc/tocsin");
}

}  // namespace

TEST_CASE("a server and an address are enough, and TLS is required unless it is allowed") {
  const auto least = email(kLeast);
  REQUIRE(least.has_value());
  REQUIRE(least->routes.size() == 1);
  CHECK(least->routes[0].tls == Tls::required);
  CHECK(least->hello == "host.example");
  CHECK(least->at_once == 8);
  const auto allowed = email(kLeast + "starttls = \"allowed\"\n");
  REQUIRE(allowed.has_value());
  CHECK(allowed->routes[0].tls == Tls::allowed);
}

TEST_CASE("everything that can be said of mail is taken, files beside the configuration") {
  const auto read =
      email(kLeast +
            "user = \"u\"\npassword_file = \"p\"\nca_file = \"ca.pem\"\nfrom_name = \"Tocsin\"\n"
            "hello = \"mx.example\"\nat_once = 3\nbounce_domain = \"b.example\"\n"
            "bounce_key_file = \"b.key\"\nbounce_maildir = \"/var/mail/b\"\n"
            "links = \"https://a.example:8443/tocsin\"\n"
            "dkim = [{selector = \"s1\", key_file = \"rsa.pem\"}]\n"
            "[route.partner]\nurl = \"smtps://[::1]:465\"\ndomains = [\"partner.example\"]\n");
  REQUIRE(read.has_value());
  CHECK(read->routes[0].password_file == "/etc/tocsin/p");
  CHECK(read->routes[1].name == "partner");
  CHECK(read->routes[1].domains == std::vector<std::string>{"partner.example"});
  CHECK(read->signers[0].key_file == "/etc/tocsin/rsa.pem");
  CHECK(read->bounce_maildir == "/var/mail/b");
  CHECK(read->links == "https://a.example:8443/tocsin");
}

TEST_CASE("what is not known of mail or makes no sense is refused with its line") {
  const char* const wrong[] = {
      "colour = \"red\"\n",
      "starttls = \"maybe\"\n",
      "at_once = 0\n",
      "at_once = \"8\"\n",
      "user = \"u\"\n",
      "bounce_domain = \"b.example\"\n",
      "bounce_maildir = \"m\"\n",
      "links = \"http://a.example/\"\n",
      "links = \"https://\"\n",
      "links = \"https://a.example/?a=\"\n",
      "links = \"https://u@a.example\"\n",
      "hello = \"a b\"\n",
      "dkim = [{selector = \"s\"}]\n",
      "dkim = [{selector = \"s\", key_file = \"k\", more = 1}]\n",
      "[route.a]\nurl = \"smtp://a.example\"\n",
      "[route.a]\nurl = \"smtp://a.example\"\ndomains = [\"A.example\"]\n",
      "[route.a]\nurl = \"smtp://a.example\"\ndomains = [\"a.example\"]\nfrom = \"x@y.example\"\n",
      "[route.a]\nurl = \"smtp://a.example\"\ndomains = [\"a.example\"]\nuser = \"u\"\n"
      "password_file = \"p\"\nstarttls = \"allowed\"\n",
      "route = 1\n",
  };
  for (const char* line : wrong) {
    CAPTURE(line);
    const auto read = email(kLeast + line);
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().what.starts_with("line "));
  }
  for (const char* url : {"http://a", "smtp://", "smtp://u@a", "smtp://a:0", "smtp://a:65536",
                          "smtp://a:1x", "smtp://a/b", "smtp://[::1", "smtp://a b"}) {
    CAPTURE(url);
    CHECK_FALSE(email("from = \"a@b.example\"\nurl = \"" + std::string(url) + "\"\n").has_value());
  }
  CHECK_FALSE(email("url = \"smtp://a\"\n").has_value());
  CHECK_FALSE(email("url = \"smtp://a\"\nfrom = \"nobody\"\n").has_value());
}

TEST_CASE("kAtOnceMax mails at once and kRoutes routes are taken and no more") {
  using namespace connectors::email::limits;
  CHECK(email(kLeast + "at_once = " + std::to_string(kAtOnceMax) + "\n").has_value());
  CHECK_FALSE(email(kLeast + "at_once = " + std::to_string(kAtOnceMax + 1) + "\n").has_value());
  std::string routes = kLeast;
  for (std::size_t i = 1; i < kRoutes; ++i) {
    const std::string n = std::to_string(i);
    routes += "[route.r" + n + "]\nurl = \"smtp://a\"\ndomains = [\"d" + n + ".example\"]\n";
  }
  CHECK(email(routes).has_value());
  CHECK_FALSE(
      email(routes + "[route.x]\nurl = \"smtp://a\"\ndomains = [\"x.example\"]\n").has_value());
}

TEST_CASE("webhooks go to the public internet alone unless networks are named") {
  using connectors::webhook::Guard;
  const auto read = webhook("");
  REQUIRE(read.has_value());
  CHECK(read->manner.guard.networks.empty());
  CHECK(read->manner.guard.plain == Guard::Plain::refused);
  const auto open = webhook("allow = [\"10.0.0.0/8\"]\nplain_http = true\nca_file = \"ca.pem\"\n");
  REQUIRE(open.has_value());
  CHECK(open->manner.guard.networks.size() == 1);
  CHECK(open->manner.guard.plain == Guard::Plain::allowed);
  CHECK(open->manner.ca_file == "/etc/tocsin/ca.pem");
  for (const char* line : {"allow = [\"10.0.0.0/33\"]\n", "allow = \"10.0.0.0/8\"\n",
                           "plain_http = \"yes\"\n", "proxy = \"a\"\n"}) {
    CAPTURE(line);
    CHECK_FALSE(webhook(line).has_value());
  }
}
