// Codes go behind what is owed, are bounded, and are nowhere but in memory.
#include <filesystem>
#include <fstream>
#include <iterator>

#include "engine/delivery/limits.hpp"
#include "tests/unit/delivery/outbox_world.hpp"

using namespace tests;
namespace limits = engine::delivery::limits;

namespace {

struct Codes : OutboxWorld {
  bool send(const std::string& code, Way way = Way::sms, engine::Duration life = 10min) {
    std::optional<bool> taken;
    outbox->send_code(way, {"+447700900123", "en", code, "exercise-gb", clock.now() + life},
                      [&](bool its) { taken = its; });
    settle();
    return taken.value();
  }
  const std::vector<engine::CodeMessage>& sent(Way way = Way::sms) {
    return gateways.at(way)->codes;
  }
};

}  // namespace

TEST_CASE("a code leaves at once where there is room and by ways that send codes alone") {
  Codes world;
  CHECK(world.outbox->sends_codes(Way::sms));
  CHECK(world.outbox->sends_codes(Way::email));
  CHECK_FALSE(world.outbox->sends_codes(Way::webhook));
  CHECK(world.send("123456"));
  CHECK(world.send("654321", Way::email));
  CHECK_FALSE(world.send("111111", Way::webhook));
  REQUIRE(world.sent().size() == 1);
  CHECK(world.sent()[0].code == "123456");
  CHECK(world.sent()[0].address == "+447700900123");
  CHECK(world.sent(Way::email).size() == 1);
  CHECK(world.metrics->text().find(R"(tocsin_codes_total{channel="sms",outcome="sent"} 1)") !=
        std::string::npos);
}

TEST_CASE("a code waits behind the alerts that are owed by its way") {
  Codes world;
  world.gateways.at(Way::sms)->room = 2;
  for (int i = 0; i < 5; ++i) {
    world.contact("o" + std::to_string(i), Way::sms, "+44770090000" + std::to_string(i));
  }
  world.OutboxWorld::send(alert("flood"));
  world.advance(31s);
  auto& gateway = *world.gateways.at(Way::sms);
  REQUIRE(gateway.seen.size() == 2);
  CHECK(world.send("123456"));
  while (!gateway.open.empty()) {
    CHECK(world.sent().empty());
    gateway.answer(Gateway::accepted());
    world.settle();
    if (gateway.seen.size() == 5) break;
  }
  CHECK(gateway.seen.size() == 5);
  gateway.answer_all(Gateway::accepted());
  gateway.listener->has_room(Way::sms);
  world.settle();
  CHECK(world.sent().size() == 1);
}

TEST_CASE("limits::kCodesWaiting codes wait and those that have expired are dropped") {
  Codes world;
  world.gateways.at(Way::sms)->room = 0;
  for (std::size_t i = 0; i < limits::kCodesWaiting; ++i) REQUIRE(world.send("123456"));
  CHECK_FALSE(world.send("123456"));
  world.advance(10min);
  world.gateways.at(Way::sms)->room = 1;
  CHECK(world.send("654321"));
  REQUIRE(world.sent().size() == 1);
  CHECK(world.sent()[0].code == "654321");
}

TEST_CASE("a code that waits is on no disk and is gone after a restart") {
  Codes world;
  world.gateways.at(Way::sms)->room = 0;
  REQUIRE(world.send("918273"));
  for (const auto& entry : std::filesystem::recursive_directory_iterator(world.folder.path())) {
    if (!entry.is_regular_file()) continue;
    std::ifstream stream(entry.path(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    CHECK(text.find("918273") == std::string::npos);
    CHECK(text.find("7700900123") == std::string::npos);
  }
  world.crash();
  world.gateways.at(Way::sms)->room = 10;
  world.settle();
  CHECK(world.sent().empty());
}

TEST_CASE("no code is taken once the outbox stops") {
  Codes world;
  world.outbox->stop();
  std::optional<bool> taken;
  world.outbox->send_code(Way::sms,
                          {"+447700900123", "en", "123456", "x", world.clock.now() + 1min},
                          [&](bool its) { taken = its; });
  CHECK(taken == false);
}
