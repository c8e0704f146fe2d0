#include "engine/limits.hpp"
#include "tests/unit/web/asking.hpp"

using namespace tests;
namespace limits = engine::limits;

namespace {

const std::string kShown = R"({"type":"receipt","seq":1,"state":"displayed"})";

connectors::web::Response say(WebWorld& world, std::string body,
                              const connectors::web::Peer& peer = kNear,
                              std::vector<connectors::web::Field> fields = {}) {
  return answer_to(world, {.method = "POST",
                           .path = "/v1/receipts",
                           .fields = std::move(fields),
                           .body = std::move(body),
                           .peer = peer});
}

std::string times(std::size_t count) {
  std::string lines;
  for (std::size_t i = 0; i < count; ++i) lines += kShown + "\n";
  return lines;
}

bool nothing_was_taken(WebWorld& world) {
  return holds(answer_to(world, {.path = "/v1/alerts/1/reach"}).body,
               R"("anonymous":{"connected":0,"displayed":0,)");
}

}  // namespace

TEST_CASE("receipts that are not understood are refused and none of them is taken") {
  WebWorld world;
  append(world, cap_document("Flood"));
  const struct {
    std::string body;
    int status;
  } cases[] = {
      {"", 400},
      {"\n", 400},
      {"{}", 400},
      {"no JSON", 400},
      {R"({"type":"ack","seq":1})", 400},
      {R"({"type":"receipt","seq":1})", 400},
      {R"({"type":"receipt","seq":1,"state":"seen"})", 400},
      {R"({"type":"receipt","seq":0,"state":"displayed"})", 404},
      {R"({"type":"receipt","seq":2,"state":"displayed"})", 404},
      {kShown + "\n" + R"({"type":"receipt","seq":2,"state":"displayed"})", 404},
      {kShown + "\nno JSON", 400},
  };
  for (const auto& each : cases) {
    CAPTURE(each.body);
    CHECK(say(world, each.body).status == each.status);
  }
  CHECK(nothing_was_taken(world));
  CHECK(say(world, kShown).status == 204);
  CHECK_FALSE(nothing_was_taken(world));
}

TEST_CASE("nobody says anything of an alert that is not for them") {
  WebWorld world;
  append(world, cap_document("Flood"), {engine::cap::Scope::restricted, {"police"}});
  const std::string met = member(world, "met", {"police"});
  const std::string other = member(world, "other");
  CHECK(say(world, kShown).status == 404);
  CHECK(say(world, kShown, kNear, bearer(other)).status == 404);
  CHECK(say(world, kShown, kNear, bearer(met)).status == 204);
}

TEST_CASE("one request holds kReceiptsLines receipts of kReceiptsBytes and no more") {
  WebWorld world;
  append(world, cap_document("Flood"));
  CHECK(say(world, times(limits::kReceiptsLines)).status == 204);
  CHECK(say(world, times(limits::kReceiptsLines + 1)).status == 413);
  const std::string padded = kShown + std::string(limits::kReceiptsBytes - kShown.size(), ' ');
  CHECK(say(world, padded).status == 204);
  CHECK(say(world, padded + " ").status == 413);
}

TEST_CASE("an address says kReceiptsAtOnce without a name and one more each kReceiptEvery") {
  WebWorld world;
  append(world, cap_document("Flood"));
  const std::string token = member(world, "acme");
  std::size_t left = limits::kReceiptsAtOnce;
  for (; left >= limits::kReceiptsLines; left -= limits::kReceiptsLines) {
    CHECK(say(world, times(limits::kReceiptsLines), kFar).status == 204);
  }
  CHECK(say(world, times(left), kFar).status == 204);
  const auto refused = say(world, kShown, kFar);
  CHECK(refused.status == 429);
  CHECK(field_of(refused, "Retry-After") == "1");
  CHECK(say(world, kShown).status == 204);
  CHECK(say(world, kShown, kFar, bearer(token)).status == 204);
  world.clock.advance(limits::kReceiptEvery);
  CHECK(say(world, kShown, kFar).status == 204);
  CHECK(say(world, kShown, kFar).status == 429);
}

TEST_CASE("a page of somewhere else says nothing in the name of whoever looks at it") {
  WebWorld world;
  append(world, cap_document("Flood"));
  const std::string token = member(world, "acme");
  const auto from = [&](const std::string& origin) {
    return say(world, kShown, kNear,
               {{"host", "localhost:8080"},
                {"cookie", "tocsin_session=" + token},
                {"origin", origin}})
        .status;
  };
  CHECK(from("http://localhost:8080") == 204);
  CHECK(from("https://evil.example") == 403);
}
