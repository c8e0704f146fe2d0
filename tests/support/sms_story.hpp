#pragma once
// A story for text messages: an exercise's flood warning that is one part long, or as long as
// somebody wants it.
#include <memory>
#include <string>

#include "engine/channel.hpp"

namespace tests {

inline engine::cap::Alert an_sms_alert(const std::string& instruction = "Move upstairs.") {
  namespace cap = engine::cap;
  cap::Alert alert;
  alert.identifier = "flood-7";
  alert.sender = "control@example.police.uk";
  alert.sent = engine::parse_time("2026-11-21T12:00:00Z").value();
  alert.status = cap::Status::exercise;
  cap::Info info;
  info.language = "en-GB";
  info.event = "Flood warning";
  info.urgency = cap::Urgency::expected;
  info.severity = cap::Severity::severe;
  info.headline = "Flood warning";
  info.instruction = instruction;
  info.areas.push_back({"Knighton", {}, {}, {}});
  alert.infos.push_back(info);
  return alert;
}

/// The story at that place of the log; its id is of that place too.
inline std::shared_ptr<const engine::Story> an_sms_story(
    std::uint64_t sequence = 1, engine::cap::Alert alert = an_sms_alert()) {
  auto bulletin = std::make_shared<engine::Bulletin>();
  for (std::size_t i = 0; i < 8; ++i) {
    bulletin->id[i] = static_cast<std::uint8_t>(sequence >> (8 * i));
  }
  auto story = std::make_shared<engine::Story>();
  story->bulletin = std::move(bulletin);
  story->sequence = engine::Sequence{sequence};
  story->alert = std::move(alert);
  story->sender_name = "West Mercia Police";
  return story;
}

}  // namespace tests
