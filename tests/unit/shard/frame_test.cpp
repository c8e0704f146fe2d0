#include "engine/frame.hpp"

#include <doctest/doctest.h>

#include <boost/json.hpp>

#include "tests/support/capture_outlet.hpp"

using namespace engine;

namespace {

Record record_of(std::string payload) {
  auto bulletin = std::make_shared<Bulletin>();
  bulletin->id.fill(0xab);
  bulletin->envelope = {std::string(kCapType), std::move(payload), {SignatureBlock{}}};
  return {Sequence{7}, *parse_time("2026-11-21T12:00:00.5Z"), bulletin};
}

}  // namespace

TEST_CASE("an alert is written with its type and sequence first") {
  const std::string text = alert_json(record_of("<alert/>"));
  CHECK(text.starts_with(R"({"type":"alert","seq":7,"at":"2026-11-21T12:00:00.500Z","id":"abab)"));
  const auto envelope = boost::json::parse(text).at("envelope");
  CHECK(envelope.at("payload").as_string() == "PGFsZXJ0Lz4=");
  CHECK(envelope.at("payloadType").as_string() == "application/cap+xml");
}

TEST_CASE("a frame's length takes the shortest of its three forms") {
  const std::pair<std::size_t, std::size_t> sizes[] = {{0, 2},     {125, 2},    {126, 4},
                                                       {65535, 4}, {65536, 10}, {300'000, 10}};
  for (const auto& [size, head] : sizes) {
    const Wire wire = text_frame(std::string(size, 'x'));
    CHECK(wire->size() == size + head);
    CHECK(static_cast<unsigned char>((*wire)[0]) == 0x81);
    CHECK(tests::CaptureOutlet::payload_of(*wire) == std::string(size, 'x'));
  }
}

TEST_CASE("hello, live and beat are written in the order of their schemas") {
  Hello hello{"node \"1\"", "exercise-gb", "exercise", "0123456789abcdef", Sequence{9}, true};
  CHECK(hello_json(hello) ==
        R"({"type":"hello","node":"node \"1\"","system":"exercise-gb","kind":"exercise",)"
        R"("epoch":"0123456789abcdef","head":9,"recovered":true,"gap":null,"heartbeat_s":15})");
  hello.recovered = false;
  CHECK(hello_json(hello).find(R"("recovered":false,"gap":{"from":1,"to":9},)") !=
        std::string::npos);
  CHECK(live_json(Sequence{3}) == R"({"type":"live","seq":3})");
  CHECK(beat_json(Sequence{3}, Time{}, Sequence{2}) ==
        R"({"type":"beat","head":3,"at":"1970-01-01T00:00:00Z","last":2,"checkpoint":null})");
}
