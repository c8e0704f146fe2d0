#include "ops/cli/words.hpp"

#include <doctest/doctest.h>

#include "ops/cli/draft_parts.hpp"

using namespace ops::cli;
namespace cap = engine::cap;

namespace {

const engine::Time kNow = *engine::parse_time("2026-11-21T19:30:00Z");

cap::Alert flood() {
  cap::Alert alert;
  alert.identifier = "2026-11-21-193000-5f2c91d4";
  alert.sender = "control@met.example";
  alert.sent = kNow;
  alert.status = cap::Status::exercise;
  alert.codes = {"profile:x", "system:exercise-gb"};
  cap::Info info;
  info.event = "Flood";
  info.severity = cap::Severity::severe;
  info.headline = "River Teme is over its banks";
  info.instruction = "Go upstairs.\x1b[8m Stay calm.";
  info.expires = kNow + std::chrono::hours{2};
  info.areas = {{"Tenbury Wells", {}, {{{52.31, -2.59}, 2}}, {}}, {"Knightwick", {}, {}, {}}};
  alert.infos = {info, info};
  return alert;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("everything an approver must read is in the words") {
  const std::string text = full_words(flood(), kNow, 80);
  for (const auto* part : {"2026-11-21-193000-5f2c91d4", "control@met.example", "SEVERE", "Flood",
                           "River Teme is over its banks", "Go upstairs.", "Tenbury Wells",
                           "circle of 2 km", "expires", "2026-11-21T21:30:00Z (in 2 h)"}) {
    CAPTURE(part);
    CHECK(has(text, part));
  }
}

TEST_CASE("an area without a place is called out") {
  CHECK(has(full_words(flood(), kNow, 80), "Knightwick: NO PLACE GIVEN"));
}

TEST_CASE("the words of an alert cannot hide themselves") {
  const std::string text = full_words(flood(), kNow, 80);
  CHECK_FALSE(has(text, "\x1b"));
  CHECK(has(text, "<U+001B>[8m"));
}

TEST_CASE("the system is the one its code names") {
  CHECK(system_of(flood()) == "exercise-gb");
  cap::Alert none = flood();
  none.codes.clear();
  CHECK(system_of(none).empty());
}

TEST_CASE("each area is named once") {
  CHECK(area_names(flood()) == std::vector<std::string>{"Tenbury Wells", "Knightwick"});
}

TEST_CASE("a Cancel is headed by its reason") {
  cap::Alert cancel = flood();
  cancel.msg_type = cap::MsgType::cancel;
  cancel.infos.clear();
  cancel.note = "The water is gone.";
  CHECK(headline_of(cancel) == "The water is gone.");
}

TEST_CASE("a new identifier says when and never repeats") {
  const std::string one = new_identifier(kNow);
  CHECK(one.starts_with("2026-11-21-193000-"));
  CHECK(one.size() == 26);
  CHECK(one != new_identifier(kNow));
}

TEST_CASE("A Cancel is shown by what it names and its reason alone") {
  cap::Alert cancel;
  cancel.identifier = "C";
  cancel.sender = "control@one.example";
  cancel.sent = kNow;
  cancel.msg_type = cap::MsgType::cancel;
  cancel.references = {{"control@one.example", "one", kNow}, {"control@one.example", "two", kNow}};
  cap::Info info;
  info.headline = "RUN";
  info.event = "Explosion";
  info.description = "It was steam.";
  info.instruction = "Leave.";
  info.severity = cap::Severity::extreme;
  info.areas.push_back({});
  info.areas.back().description = "Camden";
  cancel.infos = {info};
  const auto shown = [&](std::string_view words) {
    return cancel_words(cancel, 100).find(words) != std::string::npos;
  };
  CHECK(shown("cancels      one, sent 2026-11-21T19:30:00Z by control@one.example"));
  CHECK(shown("cancels      two"));
  CHECK(shown("reason       It was steam."));
  for (const std::string_view words : {"RUN", "Explosion", "Leave", "EXTREME", "Camden"}) {
    CHECK_FALSE(shown(words));
  }
  cancel.note = "The fire is out.";
  CHECK(shown("reason       The fire is out."));
  CHECK_FALSE(shown("steam"));
}
