#include "connectors/web/address_rate.hpp"
#include "connectors/web/clerk.hpp"
#include "engine/limits.hpp"
#include "tests/unit/web/asking.hpp"

using namespace tests;
namespace limits = engine::limits;

namespace {

connectors::web::Response sign_in(WebWorld& world, std::string body,
                                  const connectors::web::Peer& peer = kNear,
                                  std::string type = "application/json") {
  return answer_to(world, {.method = "POST",
                           .path = "/v1/session",
                           .fields = {{"content-type", std::move(type)}},
                           .body = std::move(body),
                           .peer = peer});
}

std::string with(std::string_view kind, std::string_view secret) {
  return "{\"" + std::string(kind) + "\":\"" + std::string(secret) + "\"}";
}

}  // namespace

TEST_CASE("a token signs a browser in by a cookie that scripts and other sites never see") {
  WebWorld world;
  const std::string token = member(world, "acme", {"fire", "police"});
  const auto answer = sign_in(world, with("token", token));
  CHECK(answer.status == 200);
  CHECK(answer.body == R"({"organisation":"acme","name":"The acme","groups":["fire","police"]})");
  const auto max_age = std::chrono::duration_cast<std::chrono::seconds>(limits::kSessionMax);
  CHECK(field_of(answer, "Set-Cookie") ==
        "tocsin_session=" + token +
            "; HttpOnly; SameSite=Strict; Path=/; Max-Age=" + std::to_string(max_age.count()));
  CHECK(field_of(answer, "Cache-Control") == "no-store");
  const auto who =
      answer_to(world, {.path = "/v1/session", .fields = {{"cookie", "tocsin_session=" + token}}});
  CHECK(who.body == answer.body);
}

TEST_CASE("an invitation signs in once and its token is in the cookie alone") {
  WebWorld world;
  member(world, "acme");
  const auto invitation =
      world.directory->issue("acme", engine::Secret::Kind::invitation).value().text;
  const auto answer = sign_in(world, with("invitation", invitation));
  CHECK(answer.status == 200);
  CHECK_FALSE(holds(answer.body, "tocsin_"));
  const std::string cookie = field_of(answer, "Set-Cookie");
  REQUIRE(cookie.starts_with("tocsin_session=tocsin_t_"));
  const auto who = answer_to(
      world, {.path = "/v1/session", .fields = {{"cookie", cookie.substr(0, cookie.find(';'))}}});
  CHECK(holds(who.body, "\"organisation\":\"acme\""));
  const auto again = sign_in(world, with("invitation", invitation));
  CHECK(again.status == 401);
  CHECK(field_of(again, "Set-Cookie").empty());
}

TEST_CASE("an invitation is no token and a token no invitation") {
  WebWorld world;
  const std::string token = member(world, "acme");
  const auto invitation =
      world.directory->issue("acme", engine::Secret::Kind::invitation).value().text;
  CHECK(sign_in(world, with("invitation", token)).status == 401);
  CHECK(sign_in(world, with("token", invitation)).status == 401);
  CHECK(sign_in(world, with("token", "tocsin_t_nobody")).status == 401);
  CHECK(sign_in(world, with("invitation", invitation)).status == 200);
}

TEST_CASE("what does not ask to be signed in is not understood") {
  WebWorld world;
  const std::string token = member(world, "acme");
  for (const std::string& body :
       {std::string(), std::string("{}"), std::string("[]"), with("password", token),
        "{\"token\":\"" + token + "\",\"invitation\":\"x\"}",
        "{\"token\":\"" + token + "\",\"token\":\"" + token + "\"}", std::string("{\"token\":7}"),
        std::string("{\"token\":{\"a\":\"b\"}}"), with("token", token) + " x"}) {
    CAPTURE(body);
    CHECK(sign_in(world, body).status == 400);
  }
  for (const std::string type : {"", "text/plain", "application/x-www-form-urlencoded"}) {
    CAPTURE(type);
    CHECK(sign_in(world, with("token", token), kNear, type).status == 400);
  }
  CHECK(sign_in(world, with("token", token), kNear, "application/json; charset=utf-8").status ==
        200);
}

TEST_CASE("what asks to be signed in has kSessionBytes and one octet more is too much") {
  WebWorld world;
  const std::string token = member(world, "acme");
  std::string body = with("token", token);
  body += std::string(limits::kSessionBytes - body.size(), ' ');
  CHECK(sign_in(world, body).status == 200);
  CHECK(sign_in(world, body + " ").status == 413);
}

TEST_CASE("nobody is signed in without a cookie and signing out takes it away") {
  WebWorld world;
  const auto nobody = answer_to(world, {.path = "/v1/session"});
  CHECK(nobody.body == R"({"organisation":null,"name":null,"groups":[]})");
  const auto out = answer_to(world, {.method = "DELETE", .path = "/v1/session"});
  CHECK(out.status == 204);
  CHECK(field_of(out, "Set-Cookie") ==
        "tocsin_session=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0");
  const auto stale = answer_to(
      world, {.path = "/v1/session", .fields = {{"cookie", "tocsin_session=tocsin_t_gone"}}});
  CHECK(stale.status == 401);
  CHECK(field_of(stale, "Set-Cookie").starts_with("tocsin_session=;"));
}

TEST_CASE("an address guesses kGuessesAtOnce times and once more each kGuessEvery") {
  WebWorld world;
  const std::string token = member(world, "acme");
  for (std::size_t i = 0; i < limits::kGuessesAtOnce; ++i) {
    CHECK(sign_in(world, with(i % 2 == 0 ? "token" : "invitation", "wrong"), kFar).status == 401);
  }
  const auto refused = sign_in(world, with("token", token), kFar);
  CHECK(refused.status == 429);
  CHECK(field_of(refused, "Retry-After") == "6");
  CHECK(sign_in(world, with("token", token)).status == 200);
  world.clock.advance(limits::kGuessEvery);
  CHECK(sign_in(world, with("token", token), kFar).status == 200);
  CHECK(sign_in(world, with("token", token), kFar).status == 200);
  CHECK(sign_in(world, with("token", "wrong"), kFar).status == 401);
  CHECK(sign_in(world, with("token", token), kFar).status == 429);
}

TEST_CASE("kClerkWaiting wait for a disk and one more is told to come back") {
  connectors::web::Clerk clerk(connectors::web::Clerk::Threads::none);
  std::size_t done = 0;
  for (std::size_t i = 0; i < limits::kClerkWaiting; ++i) CHECK(clerk.take([&done] { ++done; }));
  CHECK_FALSE(clerk.take([&done] { ++done; }));
  CHECK(clerk.run());
  CHECK(done == limits::kClerkWaiting);
  CHECK_FALSE(clerk.run());
  clerk.stop();
  CHECK_FALSE(clerk.take([&done] { ++done; }));
}

TEST_CASE("what was taken before a clerk stops is done") {
  std::atomic<int> done = 0;
  connectors::web::Clerk clerk(connectors::web::Clerk::Threads::own);
  for (int i = 0; i < 10; ++i) CHECK(clerk.take([&done] { ++done; }));
  clerk.stop();
  CHECK(done == 10);
}

TEST_CASE("a full clerk is too_many to whoever asks") {
  WebWorld world;
  for (std::size_t i = 0; i < limits::kClerkWaiting; ++i) CHECK(world.clerk.take([] {}));
  const auto refused = sign_in(world, with("invitation", "any"));
  CHECK(refused.status == 429);
  CHECK(field_of(refused, "Retry-After") == "1");
}

TEST_CASE("kAddressesKept are counted apart and one more forgets the longest silent") {
  connectors::web::AddressRate rate(2, std::chrono::seconds{1});
  const engine::Time now{};
  for (std::size_t i = 0; i < limits::kAddressesKept; ++i) CHECK(rate.take(std::to_string(i), now));
  CHECK(rate.addresses() == limits::kAddressesKept);
  CHECK(rate.take("0", now));  // heard of last, so "1" is the longest silent
  CHECK_FALSE(rate.take("0", now));
  CHECK(rate.take("more", now));
  CHECK(rate.addresses() == limits::kAddressesKept);
  CHECK_FALSE(rate.take("0", now));
  CHECK(rate.take("2", now));
  CHECK_FALSE(rate.take("2", now));
  CHECK(rate.take("1", now));  // forgotten, so it may do both again
  CHECK(rate.take("1", now));
  CHECK(rate.has_room("never seen", now));
  CHECK(rate.addresses() == limits::kAddressesKept);
}

TEST_CASE("a clock that goes back gives nothing and takes nothing") {
  connectors::web::AddressRate rate(1, std::chrono::seconds{10});
  const engine::Time now = engine::Time{} + std::chrono::hours{1};
  CHECK(rate.take("a", now));
  CHECK_FALSE(rate.has_room("a", now - std::chrono::minutes{30}));
  CHECK(rate.has_room("a", now - std::chrono::minutes{30} + std::chrono::seconds{10}));
}
