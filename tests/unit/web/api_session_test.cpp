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

std::string cookie_in(const connectors::web::Response& answer) {
  const std::string cookie = field_of(answer, "Set-Cookie");
  return cookie.substr(0, cookie.find(';'));
}

/// The cookie of a browser that signed in with an invitation.
std::string invited(WebWorld& world) {
  const auto invitation =
      world.directory->issue("acme", engine::Secret::Kind::invitation).value().text;
  return cookie_in(answer_to(world, {.method = "POST",
                                     .path = "/v1/session",
                                     .fields = {{"content-type", "application/json"}},
                                     .body = R"({"invitation":")" + invitation + R"("})"}));
}

connectors::web::Response ask_with(WebWorld& world, const std::string& method,
                                   const std::string& cookie) {
  return answer_to(world,
                   {.method = method, .path = "/v1/session", .fields = {{"cookie", cookie}}});
}

bool signed_in(WebWorld& world, const std::string& cookie) {
  return ask_with(world, "GET", cookie).status == 200;
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

TEST_CASE("a good cookie is set anew whenever it is asked about and what is no cookie is not") {
  WebWorld world;
  const std::string token = member(world, "acme");
  const auto set = sign_in(world, with("token", token));
  const auto again = ask_with(world, "GET", "tocsin_session=" + token);
  CHECK(field_of(again, "Set-Cookie") == field_of(set, "Set-Cookie"));
  const auto program = answer_to(world, {.path = "/v1/session", .fields = bearer(token)});
  CHECK(program.status == 200);
  CHECK(field_of(program, "Set-Cookie").empty());
}

TEST_CASE("by way of https the cookie is Secure and stays so") {
  WebWorld world;
  const std::string token = member(world, "acme");
  const auto from = [&](const std::string& origin) {
    return field_of(
        answer_to(world, {.method = "POST",
                          .path = "/v1/session",
                          .fields = {{"content-type", "application/json"}, {"origin", origin}},
                          .body = with("token", token)}),
        "Set-Cookie");
  };
  const std::string secure = from("https://alerts.example");
  CHECK(secure.starts_with("__Host-tocsin_session=" + token + ";"));
  CHECK(secure.ends_with("; Secure"));
  for (const char* origin : {"http://alerts.example", "null", "ahttps://alerts.example"}) {
    CHECK(from(origin).starts_with("tocsin_session="));
    CHECK_FALSE(holds(from(origin), "Secure"));
  }
  const auto again = ask_with(world, "GET", "__Host-tocsin_session=" + token);
  CHECK(field_of(again, "Set-Cookie") == secure);
  const auto out = ask_with(world, "DELETE", "__Host-tocsin_session=" + token);
  CHECK(out.fields.back().second ==
        "__Host-tocsin_session=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0; Secure");
}

TEST_CASE("signing out revokes the token of an invitation and no other") {
  WebWorld world;
  const std::string token = member(world, "acme");
  const std::string cookie = invited(world);
  CHECK(ask_with(world, "DELETE", "tocsin_session=" + token).status == 204);
  CHECK(signed_in(world, "tocsin_session=" + token));
  REQUIRE(signed_in(world, cookie));
  const auto secret = cookie.substr(cookie.find('=') + 1);
  // A program that sends it as its own is not a browser that signs out.
  CHECK(answer_to(world, {.method = "DELETE", .path = "/v1/session", .fields = bearer(secret)})
            .status == 204);
  CHECK(signed_in(world, cookie));
  const auto out = ask_with(world, "DELETE", cookie);
  CHECK(out.status == 204);
  CHECK(field_of(out, "Set-Cookie").starts_with("tocsin_session=;"));
  CHECK_FALSE(signed_in(world, cookie));
  CHECK(ask_with(world, "DELETE", cookie).status == 204);
}

TEST_CASE("a token of an invitation lives while its browser comes and is written once a day") {
  WebWorld world;
  member(world, "acme");
  const std::string cookie = invited(world);
  const auto secret = cookie.substr(cookie.find('=') + 1);
  const auto expiry = [&] { return world.directory->expiry_of(secret).value_or(engine::Time{}); };
  const auto first = expiry();
  CHECK(first == world.clock.now() + limits::kSessionMax);
  world.clock.advance(limits::kSessionRenewed - std::chrono::milliseconds{1});
  CHECK(signed_in(world, cookie));
  CHECK(expiry() == first);
  world.clock.advance(std::chrono::milliseconds{1});
  CHECK(signed_in(world, cookie));
  CHECK(expiry() == first + limits::kSessionRenewed);
  world.clock.advance(limits::kSessionMax - std::chrono::milliseconds{1});
  CHECK(signed_in(world, cookie));
  world.clock.advance(limits::kSessionMax);
  CHECK_FALSE(signed_in(world, cookie));
}

TEST_CASE("a full clerk leaves who is signed in so and does not say that it signed anybody out") {
  WebWorld world;
  member(world, "acme");
  const std::string cookie = invited(world);
  world.clock.advance(limits::kSessionRenewed);
  for (std::size_t i = 0; i < limits::kClerkWaiting; ++i) CHECK(world.clerk.take([] {}));
  const auto out = ask_with(world, "DELETE", cookie);
  CHECK(out.status == 429);
  CHECK(field_of(out, "Set-Cookie").empty());
  for (std::size_t i = 0; i < limits::kClerkWaiting; ++i) world.clerk.take([] {});
  CHECK(signed_in(world, cookie));
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
