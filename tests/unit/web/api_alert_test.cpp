#include "tests/unit/web/asking.hpp"

using namespace tests;
using engine::cap::Scope;

namespace {

constexpr std::string_view kXml = "application/cap+xml";

const engine::cap::Audience kPolice{Scope::restricted, {"police"}};
const engine::cap::Audience kAcme{Scope::private_, {"acme"}};

}  // namespace

TEST_CASE("one alert has three forms and each its own tag") {
  WebWorld world;
  const std::string xml = cap_document("Flood");
  append(world, xml);
  const std::string id = engine::to_hex(engine::view(engine::trust::sha256(xml)));
  const struct {
    std::string path, accept, type, tag;
  } cases[] = {
      {"/v1/alerts/1", "", "application/json", "\"" + id + ".object\""},
      {"/v1/alerts/1.xml", "application/json", "application/cap+xml", "\"" + id + "\""},
      {"/v1/alerts/" + id, "application/cap+xml", "application/cap+xml", "\"" + id + "\""},
      {"/v1/alerts/" + id + ".json", "", "application/json", "W/\"" + id + ".rendition\""},
      {"/v1/alerts/1", "application/vnd.tocsin.cap+json", "application/vnd.tocsin.cap+json",
       "W/\"" + id + ".rendition\""},
  };
  for (const auto& each : cases) {
    CAPTURE(each.path);
    const auto answer = answer_to(world, {.path = each.path, .fields = {{"accept", each.accept}}});
    CHECK(answer.status == 200);
    CHECK(answer.content_type == each.type);
    CHECK(field_of(answer, "ETag") == each.tag);
    CHECK(field_of(answer, "Vary") == "Accept, Authorization, Cookie");
    CHECK((answer.body == xml) == (each.type == kXml));
    CHECK(field_of(answer, "Content-Security-Policy").empty() == (each.type != kXml));
    const auto again = answer_to(
        world,
        {.path = each.path, .fields = {{"accept", each.accept}, {"if-none-match", each.tag}}});
    CHECK(again.status == 304);
    CHECK(again.body.empty());
  }
}

TEST_CASE("a rendition says that it is not signed and where what is signed lies") {
  WebWorld world;
  append(world, cap_document("Flood"));
  const auto answer = answer_to(world, {.path = "/v1/alerts/1.json"});
  CHECK(answer.body.starts_with("{\"notice\":\"For reading only: this rendition is not signed. "));
  CHECK(holds(answer.body, "/v1/alerts/1.xml\",\"seq\":1,"));
  CHECK(holds(answer.body, "\"info\":[{\"headline\":\"Flood\"}]"));
}

TEST_CASE("Restricted and Private alerts are for whom they name in every form and count") {
  WebWorld world;
  const std::string police = member(world, "met", {"police"});
  const std::string acme = member(world, "acme");
  const std::string other = member(world, "other", {"fire"});
  append(world, cap_document("for police"), kPolice);
  append(world, cap_document("for acme"), kAcme);
  append(world, cap_document("for all"));
  const struct {
    std::string token;
    int restricted, private_;
  } cases[] = {{"", 401, 401}, {police, 200, 403}, {acme, 403, 200}, {other, 403, 403}};
  for (const auto& each : cases) {
    const auto fields =
        each.token.empty() ? std::vector<connectors::web::Field>{} : bearer(each.token);
    const auto status = [&](const std::string& path) {
      return answer_to(world, {.path = path, .fields = fields}).status;
    };
    for (const std::string suffix : {"", ".xml", ".json", "/reach"}) {
      CAPTURE(suffix);
      CHECK(status("/v1/alerts/1" + suffix) == each.restricted);
      CHECK(status("/v1/alerts/2" + suffix) == each.private_);
      CHECK(status("/v1/alerts/3" + suffix) == 200);
    }
    for (const std::string path : {"/v1/alerts", "/v1/feed.atom"}) {
      const auto list = answer_to(world, {.path = path, .fields = fields});
      CAPTURE(path);
      CHECK(list.status == 200);
      const std::string first = path == "/v1/alerts" ? "\"seq\":1," : "for police";
      const std::string second = path == "/v1/alerts" ? "\"seq\":2," : "for acme";
      CHECK(holds(list.body, first) == (each.restricted == 200));
      CHECK(holds(list.body, second) == (each.private_ == 200));
      CHECK(field_of(list, "Vary") == "Authorization, Cookie");
    }
  }
  const auto shown = answer_to(world, {.path = "/v1/alerts/1", .fields = bearer(police)});
  CHECK(field_of(shown, "Cache-Control") == "private, no-cache");
  CHECK(answer_to(world, {.path = "/v1/alerts/3"}).fields.front().second == "no-cache");
}

TEST_CASE("a token that nobody has is no way to read what everybody may") {
  WebWorld world;
  append(world, cap_document("for all"));
  for (const std::string path :
       {"/v1/alerts", "/v1/alerts/1", "/v1/alerts/1/reach", "/v1/feed.atom", "/v1/session"}) {
    CAPTURE(path);
    const auto answer = answer_to(world, {.path = path, .fields = bearer("tocsin_t_nobody")});
    CHECK(answer.status == 401);
    CHECK(holds(answer.body, "\"unauthenticated\""));
  }
}

TEST_CASE("reach counts what was said of an alert") {
  WebWorld world;
  append(world, cap_document("Flood"));
  const std::string acme = member(world, "acme");
  const auto said = answer_to(
      world, {.method = "POST",
              .path = "/v1/receipts",
              .fields = bearer(acme),
              .body = R"({"type":"receipt","seq":1,"state":"displayed"})"
                      "\n"
                      R"({"type":"receipt","seq":1,"state":"acknowledged","answer":"We close"})"});
  CHECK(said.status == 204);
  answer_to(world, {.method = "POST",
                    .path = "/v1/receipts",
                    .body = R"({"type":"receipt","seq":1,"state":"displayed"})"});
  CHECK(answer_to(world, {.path = "/v1/alerts/1/reach"}).body ==
        R"({"seq":1,"organisations":{"connected":0,"displayed":1,"acknowledged":1,"answered":1},)"
        R"("anonymous":{"connected":0,"displayed":1,"acknowledged":0,"answered":0},)"
        R"("channels":{},"concerned":null})");
}
