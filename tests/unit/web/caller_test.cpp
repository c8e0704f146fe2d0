#include "connectors/web/caller.hpp"

#include <doctest/doctest.h>

#include "tests/unit/web/web_world.hpp"

using namespace connectors::web;
using From = Credentials::From;

namespace {

Request request(std::vector<Field> fields) {
  Request made;
  made.fields = std::move(fields);
  return made;
}

}  // namespace

TEST_CASE("what a request signs in with is one token or refused") {
  const struct {
    std::vector<Field> fields;
    std::optional<From> from;  // nothing: refused
    const char* token = "";
  } cases[] = {
      {{}, From::nowhere},
      {{{"cookie", "other=1; tocsin_sessions=2"}}, From::nowhere},
      {{{"authorization", "Bearer abc"}}, From::header, "abc"},
      {{{"authorization", "bEARER  a-b_c.~+/=="}}, From::header, "a-b_c.~+/=="},
      {{{"cookie", "a=b; tocsin_session=abc"}}, From::cookie, "abc"},
      {{{"cookie", "tocsin_session=abc"}, {"cookie", "tocsin_session=abc"}}, From::cookie, "abc"},
      {{{"cookie", "tocsin_session=xyz; __Host-tocsin_session=abc"}}, From::secure_cookie, "abc"},
      {{{"authorization", "Bearer abc"}, {"cookie", "tocsin_session=xyz"}}, From::header, "abc"},
      {{{"authorization", "Bearer abc"}, {"cookie", "tocsin_session=;"}}, From::header, "abc"},
      {{{"authorization", ""}}, {}},
      {{{"authorization", "Bearer"}}, {}},
      {{{"authorization", "Bearer "}}, {}},
      {{{"authorization", "Bearer a b"}}, {}},
      {{{"authorization", "Bearer a,b"}}, {}},
      {{{"authorization", "Bearer ="}}, {}},
      {{{"authorization", "Bearer " + std::string(257, 'a')}}, {}},
      {{{"authorization", "Basic YTpi"}}, {}},
      {{{"authorization", "abc"}}, {}},
      {{{"authorization", "Bearer abc"}, {"authorization", "Bearer abc"}}, {}},
      {{{"cookie", "tocsin_session="}}, {}},
      {{{"cookie", "tocsin_session=a\"b"}}, {}},
      {{{"cookie", "tocsin_session=abc; tocsin_session=xyz"}}, {}},
      {{{"cookie", "tocsin_session=abc; __Host-tocsin_session="}}, {}},
  };
  for (const auto& each : cases) {
    const auto found = credentials_of(request(each.fields));
    CAPTURE(each.fields.size() > 0 ? each.fields.front().second : "");
    if (!each.from) {
      REQUIRE(std::holds_alternative<engine::Refusal>(found));
      CHECK(std::get<engine::Refusal>(found).code == engine::Code::unauthenticated);
      continue;
    }
    REQUIRE(std::holds_alternative<Credentials>(found));
    CHECK(std::get<Credentials>(found).from == *each.from);
    CHECK(std::get<Credentials>(found).token == each.token);
  }
}

TEST_CASE("a cookie opens a stream from its own host alone") {
  const Field cookie{"cookie", "tocsin_session=abc"};
  const struct {
    std::vector<Field> fields;
    bool wrong;
  } cases[] = {
      {{cookie}, false},
      {{cookie, {"host", "a.example"}, {"origin", "https://a.example"}}, false},
      {{cookie, {"host", "a.example:443"}, {"origin", "https://A.example"}}, false},
      {{cookie, {"host", "127.0.0.1:8080"}, {"origin", "http://127.0.0.1:8080"}}, false},
      {{cookie, {"host", "a.example"}, {"origin", "https://b.example"}}, true},
      {{{"cookie", "__Host-tocsin_session=abc"}, {"host", "a.example"}, {"origin", "https://b"}},
       true},
      {{cookie, {"host", "a.example"}, {"origin", "https://a.example.b.example"}}, true},
      {{cookie, {"host", "a.example"}, {"origin", "http://a.example:8080"}}, true},
      {{cookie, {"host", "a.example"}, {"origin", "null"}}, true},
      {{cookie, {"host", "a.example"}, {"origin", "file://a.example"}}, true},
      {{cookie, {"host", "a.example"}, {"origin", "http"}}, true},
      {{cookie, {"host", "a.example"}, {"origin", "https:/"}}, true},
      {{cookie, {"host", ""}, {"origin", "https"}}, true},
      {{cookie, {"host", ""}, {"origin", "https://"}}, true},
      {{{"host", "a.example"}, {"origin", "https://b.example"}}, false},
      {{{"authorization", "Bearer abc"}, cookie, {"host", "a.example"}, {"origin", "null"}}, false},
  };
  for (const auto& each : cases) {
    CAPTURE(each.fields.back().second);
    CHECK(wrong_origin(request(each.fields)).has_value() == each.wrong);
  }
}

TEST_CASE("a stream begins for whom the token is and not for a token of nobody") {
  tests::WebWorld world;
  auto& directory = world.engine->directory();
  engine::Organisation acme;
  acme.key = "acme";
  acme.name = "Acme";
  const std::vector<engine::Organisation> all{acme};
  REQUIRE(directory.put(all).has_value());
  const auto secret = directory.issue("acme", engine::Secret::Kind::token);
  REQUIRE(secret.has_value());
  const auto ask = [&world](const std::string& fields) {
    tests::Client client = world.connect();
    return world.ask(client, tests::get("/v1/stream", "Accept: text/event-stream\r\n" + fields));
  };
  const std::string bearer = "Authorization: Bearer " + secret->text + "\r\n";
  CHECK(ask(bearer).starts_with("HTTP/1.1 200 "));
  CHECK(ask("Cookie: tocsin_session=" + secret->text + "\r\n").starts_with("HTTP/1.1 200 "));
  CHECK(ask("Origin: http://elsewhere\r\nCookie: tocsin_session=" + secret->text + "\r\n")
            .starts_with("HTTP/1.1 403 "));
  const std::string unknown = ask("Authorization: Bearer tocsin_t_none\r\n");
  CHECK(unknown.starts_with("HTTP/1.1 401 "));
  CHECK(unknown.find("\r\nWWW-Authenticate: Bearer\r\n") != std::string::npos);
  REQUIRE(directory.erase("acme").has_value());
  CHECK(ask(bearer).starts_with("HTTP/1.1 401 "));
}
