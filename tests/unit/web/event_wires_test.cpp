#include "connectors/web/event_wires.hpp"

#include <doctest/doctest.h>

#include "engine/limits.hpp"

using namespace connectors::web;
namespace limits = engine::limits;

namespace {
const std::string kEpoch = "9f1c0de2a4b65378";
}

TEST_CASE("an event says where its reader stands once it has it") {
  const auto id_of = [](std::string_view json) {
    const std::string text = event_text(json, kEpoch);
    CHECK(text.ends_with("data: " + std::string(json) + "\n\n"));
    const auto line = text.substr(0, text.find('\n'));
    return line.starts_with("id: ") ? line.substr(4) : "";
  };
  CHECK(id_of(R"({"type":"alert","seq":7,"at":"x"})") == kEpoch + ":7");
  CHECK(id_of(engine::live_json(engine::Sequence{41})) == kEpoch + ":41");
  CHECK(id_of(engine::beat_json(engine::Sequence{41}, {}, engine::Sequence{7})) == kEpoch + ":41");
  CHECK(id_of(engine::hello_json({"node", "system", "exercise", kEpoch, {}, true})).empty());
  CHECK(id_of(R"({"type":"other","seq":7})").empty());
}

TEST_CASE("the last event says why and when to come back") {
  using engine::CloseReason;
  CHECK(close_event(CloseReason::going_away, "reconnect_ms=2345") ==
        "event: close\nretry: 2345\n"
        "data: {\"type\":\"close\",\"code\":1001,\"reconnect_ms\":2345}\n\n");
  const std::string soon = std::to_string(limits::kReconnectSoon.count());
  CHECK(close_event(CloseReason::too_slow, "resume") ==
        "event: close\nretry: " + soon +
            "\ndata: {\"type\":\"close\",\"code\":4408,\"reconnect_ms\":" + soon + "}\n\n");
  CHECK(close_event(CloseReason::bad_token, "sign in") ==
        "event: close\ndata: {\"type\":\"close\",\"code\":4401,\"reconnect_ms\":null}\n\n");
}

TEST_CASE("a frame becomes the same event for everyone whatever its length") {
  EventWires events(kEpoch);
  for (const std::size_t size : {0U, 80U, 125U, 126U, 65535U, 70000U}) {
    const std::string json = R"({"type":"alert","seq":5,"more":")" + std::string(size, 'x') + "\"}";
    const auto frame = engine::text_frame(json);
    const auto others = frame;
    const auto event = events.of(frame);
    CHECK(*event == event_text(json, kEpoch));
    CHECK(events.of(frame) == event);
  }
}

TEST_CASE("objects that share a frame are an event each") {
  EventWires events(kEpoch);
  const std::string one = R"({"type":"live","seq":1})";
  const std::string two = R"({"type":"live","seq":2})";
  CHECK(*events.of(engine::text_frame(one + "\n" + two + "\n")) ==
        event_text(one, kEpoch) + event_text(two, kEpoch));
}

TEST_CASE("what one reader alone is sent is not kept for others") {
  EventWires events(kEpoch);
  const auto alone = engine::text_frame(R"({"type":"live","seq":1})");
  CHECK(*events.of(alone) == *events.of(alone));
  CHECK(events.bytes() == 0);
  const auto shared = alone;
  CHECK(events.of(alone) == events.of(shared));
  CHECK(events.bytes() > 0);
}

TEST_CASE("kEventWires events and kEventWiresBytes are kept and the oldest leave") {
  EventWires events(kEpoch);
  std::vector<engine::Wire> others;  // who has them too, so that they are worth keeping
  const auto frame_of = [&others](std::size_t number, std::size_t size) {
    return others.emplace_back(engine::text_frame(R"({"type":"alert","seq":)" +
                                                  std::to_string(number) + ",\"x\":\"" +
                                                  std::string(size, 'x') + "\"}"));
  };
  const auto first = frame_of(0, 0);
  const auto made = events.of(first);
  for (std::size_t i = 1; i < limits::kEventWires; ++i) events.of(frame_of(i, 0));
  CHECK(events.of(first) == made);
  events.of(frame_of(limits::kEventWires, 0));
  CHECK(events.of(first) != made);
  // With its frame each of these is a little more than 1 MiB, so that one less than 16 are kept.
  constexpr std::size_t kKept = (limits::kEventWiresBytes >> 20) - 1;
  std::vector<std::pair<engine::Wire, engine::Wire>> large;  // a frame and its event
  for (std::size_t i = 0; i < 40; ++i) {
    const auto frame = frame_of(i, 512UL << 10);
    large.emplace_back(frame, events.of(frame));
  }
  CHECK(events.bytes() <= limits::kEventWiresBytes);
  const auto kept = [&](std::size_t nth) {
    return events.of(large[nth].first) == large[nth].second;
  };
  for (std::size_t i = 40 - kKept; i < 40; ++i) CHECK(kept(i));
  CHECK_FALSE(kept(40 - kKept - 1));
  events.of(frame_of(1, limits::kEventWiresBytes));  // one alone is kept whatever its size
  CHECK(events.bytes() > limits::kEventWiresBytes);
  events.of(frame_of(2, 0));
  CHECK(events.bytes() < 1000);
}
