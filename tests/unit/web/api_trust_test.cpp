#include "engine/limits.hpp"
#include "tests/unit/web/asking.hpp"

using namespace tests;
namespace limits = engine::limits;

namespace {

connectors::web::Response offer(WebWorld& world, std::string file,
                                const connectors::web::Peer& peer = kNear) {
  return answer_to(world,
                   {.method = "POST", .path = "/v1/trust", .body = std::move(file), .peer = peer});
}

std::string changed(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("what is no trust document says why it was not taken") {
  WebWorld world;
  const std::string file(world.trust.file());
  const std::string sig = "\"sig\":\"";
  const auto at = file.find(sig) + sig.size();
  std::string forged = file;
  forged[at] = forged[at] == 'A' ? 'B' : 'A';
  const struct {
    std::string body;
    int status;
    const char* code;
  } cases[] = {
      {"", 400, "malformed_envelope"},
      {"{}", 400, "malformed_envelope"},
      {changed(file, "vnd.tocsin.trust+json", "cap+xml"), 415, "unsupported_type"},
      {changed(file, "\"payload\":\"", "\"payload\":\"AAAA"), 400, "malformed_envelope"},
      {forged, 409, "identity_conflict"},
  };
  for (const auto& each : cases) {
    CAPTURE(each.code);
    const auto answer = offer(world, each.body);
    CHECK(answer.status == each.status);
    CHECK(holds(answer.body, "\"code\":\"" + std::string(each.code) + "\""));
  }
}

TEST_CASE("the document in force may be offered again and is answered with what it is") {
  WebWorld world;
  const auto answer = offer(world, std::string(world.trust.file()));
  CHECK(answer.status == 200);
  CHECK(holds(answer.body, "\"system\":"));
  CHECK(holds(answer.body, "\"version\":" + std::to_string(world.engine->trust()->version)));
}

TEST_CASE("kTrustWaiting documents wait to be read and one more is asked to come again") {
  WebWorld world;
  std::vector<int> statuses;
  for (std::size_t i = 0; i <= limits::kTrustWaiting; ++i) {
    connectors::web::Request request;
    request.method = "POST";
    request.path = "/v1/trust";
    world.api->handle(request, "{}", kNear, [&statuses](const connectors::web::Response& answer) {
      statuses.push_back(answer.status);
    });
  }
  CHECK(statuses == std::vector<int>{429});  // the others have no answer yet
  world.pump();
  CHECK(statuses.size() == limits::kTrustWaiting + 1);
  CHECK(offer(world, "{}").status == 400);
}

TEST_CASE("a document that cannot be kept is not called badly signed and may be sent again") {
  WebWorld world;
  const std::string newer = world.trust.version(world.engine->trust()->version + 1).file();
  const auto in_the_way = world.folder.path() / "trust.json.new";
  std::filesystem::create_directory(in_the_way);
  const auto refused = offer(world, newer);
  CHECK(refused.status == 503);
  CHECK(holds(refused.body, "\"code\":\"log_unavailable\""));
  CHECK(holds(refused.body, "send it again"));
  CHECK(field_of(refused, "Retry-After") == "30");
  std::filesystem::remove(in_the_way);
  CHECK(offer(world, newer).status == 200);
}

TEST_CASE("strangers neither write nor wipe what /readyz says of the operator's trust document") {
  WebWorld world;
  const auto warned = [&] { return world.engine->readiness().warnings; };
  const auto calm = warned();
  for (const char* file : {"", "{}"}) offer(world, file);
  CHECK(warned() == calm);
  world.engine->take_from_operator(engine::Failure{"cannot read trust.json"});
  REQUIRE(warned().size() == calm.size() + 1);
  CHECK(holds(warned().front(), "cannot read trust.json"));
  CHECK(offer(world, std::string(world.trust.file())).status == 200);
  CHECK(warned().size() == calm.size() + 1);
  world.engine->take_from_operator(engine::Bytes("{}"));
  CHECK(warned().size() == calm.size() + 1);
  CHECK_FALSE(holds(warned().front(), "cannot read"));
  world.engine->take_from_operator(engine::Bytes(world.trust.file()));
  CHECK(warned() == calm);
}

TEST_CASE("an address offers kTrustAtOnce documents and one more each kTrustEvery") {
  WebWorld world;
  for (std::size_t i = 0; i < limits::kTrustAtOnce; ++i)
    CHECK(offer(world, "", kFar).status == 400);
  const auto refused = offer(world, "", kFar);
  CHECK(refused.status == 429);
  CHECK(field_of(refused, "Retry-After") == "6");
  CHECK(offer(world, "").status == 400);
  world.clock.advance(limits::kTrustEvery);
  CHECK(offer(world, "", kFar).status == 400);
  CHECK(offer(world, "", kFar).status == 429);
}
