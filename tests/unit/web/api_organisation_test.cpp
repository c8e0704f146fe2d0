// What an organisation asks and changes about itself over HTTP.
#include <boost/json/parse.hpp>
#include <map>

#include "engine/directory/limits.hpp"
#include "engine/store/trial.hpp"
#include "tests/support/scales.hpp"
#include "tests/unit/web/asking.hpp"
#include "tests/unit/web/damaged_profile.hpp"

using namespace tests;
namespace limits = engine::limits;
using connectors::web::Response;
using engine::Way;

namespace {

const std::string kPhone = "+447700900123", kMail = "door@acme.example";
constexpr std::string_view kAll =
    R"({"profile":{"premises":[{"latitude":51.5,"longitude":-0.1}],"sectors":["retail"],)"
    R"("language":"cy","contacts":[{"way":"sms","address":"+447700900123","consents":true,)"
    R"("hours":"08:00-18:00"}]},"subscription":[["severity","Severe"]]})";

std::string address(std::string_view to, std::string_view way = "sms", std::string_view code = "") {
  std::string text = R"({"way":")" + std::string(way) + R"(","address":")" + std::string(to) + '"';
  if (!code.empty()) text += R"(,"code":")" + std::string(code) + '"';
  return text + "}";
}

/// Codes that leave are kept here; who is erased is gone from the directory.
struct OwnWorld : WebWorld {
  explicit OwnWorld(const MakeDirectory& make_directory = nullptr) : WebWorld({}, make_directory) {
    connectors::web::OwnParts own;
    own.sends_codes = [](Way way) { return way != Way::webhook; };
    own.send_code = [this](Way, engine::CodeMessage message, engine::Done<bool> taken) {
      const bool takes = room > 0;
      if (takes) sent.push_back(std::move(message));
      taken(takes);
    };
    own.erase = [this](std::string_view key) {
      return erases ? erases(key) : directory->erase(key);
    };
    web.reset();
    api = std::make_unique<connectors::web::Api>(*engine, clerk, 1000, std::move(own));
    if (make_directory) return;
    engine::Registration shop;
    shop.organisation.key = "shop";
    shop.organisation.name = "The shop";
    shop.profile.sectors = {"retail"};
    REQUIRE(directory->put({&shop, 1}).has_value());
    token = member(*this, "acme", {"fire"});
  }

  Response ask(const std::string& method, std::string body = "",
               const std::string& path = "/v1/organisation",
               const std::vector<connectors::web::Field>& more = {}) {
    auto fields = bearer(token);
    fields.insert(fields.end(), more.begin(), more.end());
    fields.emplace_back("content-type", "application/json");
    return answer_to(*this,
                     {.method = method, .path = path, .fields = fields, .body = std::move(body)});
  }
  Response ask_code(const std::string& body) { return ask("POST", body, "/v1/organisation/codes"); }
  Response confirm(const std::string& body) {
    return ask("POST", body, "/v1/organisation/confirmations");
  }
  boost::json::value contact(std::size_t place) {
    const auto told = boost::json::parse(ask("GET").body);
    return told.at("profile").at("contacts").at(place);
  }

  std::string token{};
  std::vector<engine::CodeMessage> sent;
  int room = 1;
  std::function<engine::Result<engine::Erased>(std::string_view)> erases = nullptr;
};

engine::DirectoryOptions in_folder(const std::filesystem::path& folder) {
  engine::DirectoryOptions options;
  options.directory = folder / "data" / "directory";
  return options;
}

std::unique_ptr<engine::Directory> opened(const engine::DirectoryOptions& options,
                                          const engine::Clock& clock) {
  return std::move(engine::Directory::open(options, clock).value());
}

/// A directory on the disk with acme and its token in it, closed again.
std::string made_before(const std::filesystem::path& folder, const engine::Clock& clock) {
  const auto directory = opened(in_folder(folder), clock);
  engine::Registration acme;
  acme.organisation.key = "acme";
  acme.organisation.name = "The acme";
  REQUIRE(directory->put({&acme, 1}).has_value());
  return directory->issue("acme", engine::Secret::Kind::token).value().text;
}

std::string other(const std::string& code) { return code == "000000" ? "000001" : "000000"; }

}  // namespace

TEST_CASE("an organisation is told what is kept of it and nobody else is") {
  OwnWorld world;
  const auto told = world.ask("GET");
  CHECK(told.status == 200);
  CHECK(told.body.starts_with(R"({"organisation":"acme","name":"The acme","groups":["fire"])"));
  CHECK(field_of(told, "Cache-Control") == "no-store");
  CHECK(field_of(told, "Vary") == "Authorization, Cookie");
  const auto nobody = answer_to(world, {.path = "/v1/organisation"});
  CHECK(nobody.status == 401);
  CHECK(holds(nobody.body, "unauthenticated"));
  CHECK(answer_to(world, {.path = "/v1/organisation",
                          .query = {{"organisation", "bolt"}},
                          .fields = bearer(world.token)})
            .status == 400);
}

TEST_CASE("what an organisation says of itself is kept and its new telephone waits for a code") {
  OwnWorld world;
  const auto put = world.ask("PUT", std::string(kAll));
  CHECK(put.status == 200);
  const auto told = boost::json::parse(put.body);
  CHECK(told.at("profile").at("language") == "cy");
  CHECK(told.at("subscription").at(0).at(1) == "Severe");
  CHECK(world.contact(0).at("consents") == false);
  CHECK(world.contact(0).at("hours") == "08:00-18:00");

  const auto asked = world.ask_code(address(kPhone));
  CHECK(asked.status == 202);
  CHECK_FALSE(holds(asked.body, "7700"));
  REQUIRE(world.sent.size() == 1);
  const auto& message = world.sent[0];
  CHECK(message.address == kPhone);
  CHECK(message.language == "cy");
  CHECK(message.from == world.engine->trust()->system);
  CHECK(message.expires == world.clock.now() + limits::kCodeLife);
  CHECK_FALSE(holds(asked.body, message.code));
  const auto wrong = world.confirm(address(kPhone, "sms", other(message.code)));
  CHECK(wrong.status == 403);
  CHECK(world.contact(0).at("consents") == false);
  const auto right = world.confirm(address(kPhone, "sms", message.code));
  CHECK(right.status == 200);
  CHECK(world.contact(0).at("consents") == true);
  CHECK(world.contact(0).as_object().contains("confirmed"));
  CHECK(world.confirm(address(kPhone, "sms", message.code)).status == 404);  // once
}

TEST_CASE("wrong codes end with kCodeTries of them") {
  OwnWorld world;
  REQUIRE(world.ask_code(address(kMail, "email")).status == 202);
  const std::string code = world.sent.at(0).code;
  for (int i = 0; i < limits::kCodeTries; ++i) {
    CHECK(world.confirm(address(kMail, "email", other(code))).status == 403);
  }
  CHECK(world.confirm(address(kMail, "email", code)).status == 404);
}

TEST_CASE("what is not understood changes nothing") {
  OwnWorld world;
  REQUIRE(world.ask("PUT", std::string(kAll)).status == 200);
  const std::string before = world.ask("GET").body;
  const auto refuses = [&](const std::string& method, const std::string& body,
                           const std::string& path = "/v1/organisation") {
    CAPTURE(body);
    world.clock.advance(limits::kOwnEvery);
    CHECK(world.ask(method, body, path).status == 400);
  };
  for (const std::string body :
       {"", "[]", "{}", R"({"name":"Police"})", R"({"groups":["police"]})",
        R"({"profile":{"contacts":[{"way":"sms","address":"0770"}]}})",
        R"({"profile":{"contacts":[{"way":"webhook","address":"https://a.example/"}]}})",
        R"({"profile":{"premises":[{"ons":"E99999999"}]}})",
        R"({"profile":{"sectors":["a new one"]}})", R"({"profile":{"sites":[]}})",
        R"({"subscription":[["severity","Terrible"]]})", R"({"subscription":[["colour","red"]]})",
        R"({"profile":{},"profile":{}})"}) {
    refuses("PUT", body);
  }
  for (const std::string body : {"", "{}", R"({"way":"sms"})", R"({"way":"fax","address":"1"})",
                                 R"({"way":"webhook","address":"https://a.example/"})",
                                 R"({"way":"sms","address":"07700900123"})",
                                 R"({"way":"sms","address":"+447700900123","to":"me"})",
                                 R"({"way":"sms","address":"+447700900123","code":"123456"})"}) {
    refuses("POST", body, "/v1/organisation/codes");
  }
  for (const std::string body : {R"({"way":"sms","address":"+447700900123"})",
                                 R"({"way":"sms","address":"+447700900123","code":123456})",
                                 R"({"way":"sms","address":"+447700900123","code":"12345"})",
                                 R"({"way":"sms","address":"+447700900123","code":"12345a"})"}) {
    refuses("POST", body, "/v1/organisation/confirmations");
  }
  for (const std::string body : {"", "{}", R"({"erase":"bolt"})", R"({"erase":true})",
                                 R"({"erase":"acme","really":true})"}) {
    refuses("DELETE", body);
  }
  CHECK(world.ask("GET").body == before);
  CHECK(world.sent.empty());
}

TEST_CASE("what an organisation says of itself has kOwnBytes and one octet more is too much") {
  OwnWorld world;
  std::string body(kAll);
  body += std::string(limits::kOwnBytes - body.size(), ' ');
  CHECK(world.ask("PUT", body).status == 200);
  CHECK(world.ask("PUT", body + " ").status == 413);
}

TEST_CASE("a page of somewhere else changes nothing with the cookie of a session") {
  OwnWorld world;
  const auto ask = [&](const std::string& method, const std::string& path, const std::string& body,
                       const std::string& origin, const std::string& type = "application/json") {
    return answer_to(world, {.method = method,
                             .path = path,
                             .fields = {{"host", "alerts.example"},
                                        {"origin", origin},
                                        {"content-type", type},
                                        {"cookie", "tocsin_session=" + world.token}},
                             .body = body})
        .status;
  };
  const std::string own = "/v1/organisation";
  const std::string evil = "https://evil.example", ours = "https://alerts.example";
  CHECK(ask("PUT", own, std::string(kAll), evil) == 403);
  CHECK(ask("DELETE", own, R"({"erase":"acme"})", evil) == 403);
  CHECK(ask("POST", own + "/codes", address(kPhone), evil) == 403);
  CHECK(ask("POST", own + "/confirmations", address(kPhone, "sms", "123456"), evil) == 403);
  CHECK(world.sent.empty());
  CHECK(ask("POST", own + "/codes", address(kPhone), ours, "text/plain") == 400);
  CHECK(ask("POST", own + "/codes", address(kPhone), ours) == 202);
  CHECK(ask("PUT", own, std::string(kAll), ours) == 200);
  CHECK(world.directory->find("acme").has_value());
}

TEST_CASE("who leaves says so twice and is gone with its cookie") {
  OwnWorld world;
  REQUIRE(world.ask("PUT", std::string(kAll)).status == 200);
  const auto asked = world.ask("DELETE");
  CHECK(asked.status == 400);
  const auto unsure = world.ask("DELETE", "{}");
  CHECK(unsure.status == 400);
  CHECK(holds(unsure.body, R"({\"erase\":\"acme\"})"));
  const auto gone = world.ask("DELETE", R"({"erase":"acme"})");
  CHECK(gone.status == 200);
  CHECK(gone.body == R"({"erased":"acme","cleaned":true})");
  CHECK(field_of(gone, "Set-Cookie").starts_with("tocsin_session=;"));
  CHECK_FALSE(world.directory->find("acme").has_value());
  CHECK(world.ask("GET").status == 401);
}

TEST_CASE("an erasure that the disk ends is not blamed on who leaves") {
  OwnWorld world;
  bool begun = false;
  world.erases = [&](std::string_view key) -> engine::Result<engine::Erased> {
    if (begun) REQUIRE(world.directory->erase(key).has_value());
    return engine::Failure{"what is owed to people cannot be written"};
  };
  const auto whole = world.ask("DELETE", R"({"erase":"acme"})");
  CHECK(whole.status == 503);
  CHECK(holds(whole.body, "Nothing was changed"));
  CHECK(field_of(whole, "Set-Cookie").empty());
  begun = true;
  const auto half = world.ask("DELETE", R"({"erase":"acme"})");
  CHECK(half.status == 503);
  CHECK(holds(half.body, "is erased, but"));
  CHECK(field_of(half, "Set-Cookie").starts_with("tocsin_session=;"));
}

TEST_CASE("an organisation asks about itself kOwnAtOnce times and once more every kOwnEvery") {
  OwnWorld world;
  for (std::size_t i = 0; i < limits::kOwnAtOnce; ++i) REQUIRE(world.ask("GET").status == 200);
  const auto busy = world.ask("GET");
  CHECK(busy.status == 429);
  CHECK_FALSE(field_of(busy, "Retry-After").empty());
  const std::string bolt = member(world, "bolt");
  CHECK(answer_to(world, {.path = "/v1/organisation", .fields = bearer(bolt)}).status == 200);
  world.clock.advance(limits::kOwnEvery);
  CHECK(world.ask("GET").status == 200);
  CHECK(world.ask("GET").status == 429);
}

TEST_CASE("an organisation is sent kCodesAnHour codes and told to come back after kCodesPause") {
  OwnWorld world;
  for (std::size_t i = 0; i < limits::kCodesAnHour; ++i) {
    REQUIRE(world.ask_code(address("+44770090000" + std::to_string(i))).status == 202);
  }
  const auto busy = world.ask_code(address(kPhone));
  CHECK(busy.status == 429);
  CHECK(field_of(busy, "Retry-After") ==
        std::to_string(std::chrono::seconds{limits::kCodesPause}.count()));
  CHECK(world.sent.size() == limits::kCodesAnHour);
}

TEST_CASE("one address is sent kCodesToOne codes by all organisations together") {
  OwnWorld world;
  REQUIRE(world.ask_code(address("Door@acme.example", "email")).status == 202);
  for (std::size_t i = 1; i < limits::kCodesToOne; ++i) {
    world.token = member(world, "org" + std::to_string(i));
    REQUIRE(world.ask_code(address(kMail, "email")).status == 202);
  }
  world.token = member(world, "bolt");
  CHECK(world.ask_code(address(kMail, "email")).status == 429);
  CHECK(world.ask_code(address(kPhone)).status == 202);
  world.clock.advance(limits::kCodeToOneEvery);
  CHECK(world.ask_code(address(kMail, "email")).status == 202);
  CHECK(world.ask_code(address(kMail, "email")).status == 429);
}

TEST_CASE("kCodesOfAll codes are sent at once and one more every kCodeOfAllEvery") {
  OwnWorld world;
  const auto ask = [&](std::size_t i) {
    if (i % limits::kCodesAnHour == 0) world.token = member(world, "org" + std::to_string(i));
    return world.ask_code(address("+4477009" + std::to_string(10'000 + i))).status;
  };
  for (std::size_t i = 0; i < limits::kCodesOfAll; ++i) REQUIRE(ask(i) == 202);
  CHECK(ask(limits::kCodesOfAll) == 429);
  world.clock.advance(limits::kCodeOfAllEvery);
  CHECK(ask(limits::kCodesOfAll) == 202);
  CHECK(ask(limits::kCodesOfAll + 1) == 429);
}

TEST_CASE("a code that cannot be sent is said to be not on its way") {
  OwnWorld world;
  world.room = 0;
  CHECK(world.ask_code(address(kPhone)).status == 429);
  connectors::web::OwnParts own;
  own.sends_codes = [](Way) { return false; };
  world.api = std::make_unique<connectors::web::Api>(*world.engine, world.clerk, 1000, own);
  const auto none = world.ask_code(address(kPhone));
  CHECK(none.status == 404);
  CHECK(holds(none.body, "no codes by sms"));
  CHECK(world.ask("DELETE", R"({"erase":"acme"})").status == 404);
}

TEST_CASE("no code is sent to one more than kContacts") {
  OwnWorld world;
  std::string contacts;
  for (std::size_t i = 0; i < limits::kContacts; ++i) {
    contacts += (i > 0 ? "," : "") + address("+4477009" + std::to_string(10'000 + i));
  }
  REQUIRE(world.ask("PUT", R"({"profile":{"contacts":[)" + contacts + "]}}").status == 200);
  CHECK(world.ask_code(address(kPhone)).status == 400);
  CHECK(world.ask_code(address("+447700910000")).status == 202);
}

TEST_CASE("what cannot be read is not told as something else") {
  std::string token;
  OwnWorld world([&](const engine::Clock& clock, const std::filesystem::path& folder) {
    token = made_before(folder, clock);
    damage_profile(in_folder(folder).directory, "acme");
    return opened(in_folder(folder), clock);
  });
  world.token = token;
  for (const auto& answer : {world.ask("GET"), world.ask_code(address(kPhone))}) {
    CHECK(answer.status == 503);
    CHECK(holds(answer.body, "cannot be read"));
  }
  CHECK(world.sent.empty());
}

TEST_CASE("without room on the disk nothing is changed and that is said") {
  std::string token;
  OwnWorld world([&](const engine::Clock& clock, const std::filesystem::path& folder) {
    token = made_before(folder, clock);
    auto options = in_folder(folder);
    options.working_bytes = UINT64_MAX;
    return opened(options, clock);
  });
  world.token = token;
  for (const auto& answer : {world.ask("PUT", std::string(kAll)), world.ask_code(address(kPhone)),
                             world.confirm(address(kPhone, "sms", "123456"))}) {
    CHECK(answer.status == 507);
    CHECK(holds(answer.body, "log_full"));
  }
  CHECK(world.sent.empty());
  const auto invited = answer_to(world, {.method = "POST",
                                         .path = "/v1/session",
                                         .fields = {{"content-type", "application/json"}},
                                         .body = R"({"invitation":"tocsin_i_one"})"});
  CHECK(invited.status == 503);  // and not a word about the invitation, which may be right
  CHECK_FALSE(field_of(invited, "Retry-After").empty());
  // Who leaves needs none.
  CHECK(world.ask("DELETE", R"({"erase":"acme"})").status == 200);
}

TEST_CASE("what changed since it was read is not overwritten by who says what was read") {
  OwnWorld world;
  const auto put = [&](const std::string& body, const std::string& if_match) {
    return world.ask("PUT", body, "/v1/organisation", {{"if-match", if_match}});
  };
  const std::string fresh = field_of(world.ask("GET"), "ETag");
  CHECK(fresh.starts_with('"'));
  const auto first = put(std::string(kAll), fresh);
  REQUIRE(first.status == 200);
  const std::string tag = field_of(first, "ETag");
  CHECK(tag != fresh);
  CHECK(field_of(world.ask("GET"), "ETag") == tag);
  CHECK(world.ask("GET", "", "/v1/organisation", {{"if-none-match", tag}}).status == 304);
  // Somebody else of it, who read it before that.
  const auto late = put(R"({"profile":{"language":"en"}})", fresh);
  CHECK(late.status == 412);
  CHECK(holds(late.body, "precondition_failed"));
  CHECK(holds(late.body, "(GET)"));
  CHECK(std::string(world.contact(0).at("address").as_string()) == kPhone);
  const std::string shorter = R"({"profile":{"language":"cy"}})";
  CHECK(put(shorter, "W/" + tag).status == 412);  // a weak one lets nobody through
  CHECK(put(shorter, "\"other\", " + tag).status == 200);
  CHECK(put(shorter, "*").status == 200);
  // What changes without a request counts too.
  const std::string before = field_of(world.ask("PUT", std::string(kAll)), "ETag");
  engine::Registration acme{*world.directory->find("acme"), {}};
  REQUIRE(world.directory->put({&acme, 1}).has_value());
  CHECK(put(std::string(kAll), before).status == 412);
  CHECK(put(R"({"subscription":[]})", before).status == 412);
  CHECK(world.ask("PUT", std::string(kAll)).status == 200);  // who names none overwrites, as ever
}

TEST_CASE("the first contact that an engine ever keeps changes no tag but its own") {
  // In memory there is a key from the beginning.
  OwnWorld world([](const engine::Clock& clock, const std::filesystem::path& folder) {
    return opened(in_folder(folder), clock);
  });
  world.token = member(world, "acme");
  const std::string other = member(world, "other");
  const auto put_read = [&](const std::string& tag) {
    const std::string telephone = R"({"profile":{"contacts":[)" + address(kPhone) + "]}}";
    return world.ask("PUT", telephone, "/v1/organisation", {{"if-match", tag}}).status;
  };
  const std::string read = field_of(world.ask("GET"), "ETag");
  const std::string acme = std::exchange(world.token, other);
  const std::string read_by_other = field_of(world.ask("GET"), "ETag");
  world.token = acme;
  CHECK(put_read(read) == 200);
  world.token = other;
  CHECK(put_read(read_by_other) == 200);
}

TEST_CASE(
    "what the disk is too slow for just now is to be said again, and nothing is wrong in it") {
  const auto disk = std::make_shared<HeldDisk>();
  std::string token;
  OwnWorld world([&](const engine::Clock& clock, const std::filesystem::path& folder) {
    token = made_before(folder, clock);
    auto options = in_folder(folder);
    constexpr std::size_t kSmall = 64UL << 10;
    options.trial = std::make_shared<const engine::StoreTrial>(
        engine::StoreTrial{disk, {.memtable_bytes = kSmall}});
    return opened(options, clock);
  });
  world.token = token;
  std::string contacts;
  for (std::size_t i = 0; i < limits::kContacts; ++i) {
    contacts += (i > 0 ? "," : "") + address("a" + std::to_string(i) + "@" + std::string(60, 'b') +
                                                 "." + std::string(60, 'c') + ".example",
                                             "email");
  }
  const std::string long_one = R"({"profile":{"contacts":[)" + contacts + "]}}";
  disk->hold();
  Response answer = world.ask("PUT", long_one);
  for (int tries = 0; tries < 200 && answer.status == 200; ++tries) {
    world.clock.advance(limits::kOwnEvery);
    answer = world.ask("PUT", long_one);
  }
  disk->let_go();
  CHECK(answer.status == 503);
  CHECK(holds(answer.body, "log_unavailable"));
  CHECK_FALSE(field_of(answer, "Retry-After").empty());
  // What is wrong in itself is told as that still.
  CHECK(world.ask("PUT", R"({"profile":{"sectors":["none has it"]}})").status == 400);
}
