#include "connectors/sms/story_texts.hpp"

#include <doctest/doctest.h>

#include "connectors/sms/limits.hpp"
#include "tests/support/sms_story.hpp"

using namespace connectors::sms;
using namespace engine::cap;

namespace {

std::uint8_t priority(Severity severity, Urgency urgency) {
  Alert alert = tests::an_sms_alert();
  alert.infos[0].severity = severity;
  alert.infos[0].urgency = urgency;
  return priority_of(alert, nullptr);
}

/// In UCS-2, of which a part holds less than half.
std::string long_instruction() {
  std::string text;
  for (int i = 0; i < 12; ++i) text += "Ewch i fyny: mae dŵr yn dod. ";
  return text;
}

}  // namespace

TEST_CASE("the more severe and the more urgent an alert the higher its priority") {
  CHECK(priority(Severity::extreme, Urgency::immediate) == 3);
  CHECK(priority(Severity::extreme, Urgency::expected) == 3);
  CHECK(priority(Severity::unknown, Urgency::unknown) == 3);
  CHECK(priority(Severity::severe, Urgency::immediate) == 3);
  CHECK(priority(Severity::severe, Urgency::expected) == 2);
  CHECK(priority(Severity::moderate, Urgency::expected) == 1);
  CHECK(priority(Severity::moderate, Urgency::future) == 0);
  CHECK(priority(Severity::minor, Urgency::past) == 0);
}

TEST_CASE("a Cancel is as urgent as what it ends and most urgent where that is not known") {
  Alert cancel = tests::an_sms_alert();
  cancel.msg_type = MsgType::cancel;
  Alert ended = tests::an_sms_alert();
  ended.infos[0].severity = Severity::minor;
  CHECK(priority_of(cancel, &ended) == 0);
  CHECK(priority_of(cancel, nullptr) == 3);
}

TEST_CASE("a story's text is made once in each language") {
  StoryTexts texts;
  const auto story = tests::an_sms_story();
  const auto english = texts.of(*story, "en");
  REQUIRE(english != nullptr);
  CHECK(english->parts.messages.size() == 1);
  CHECK(english->parts.coding == Coding::gsm);
  CHECK(english->priority == 2);
  CHECK(texts.of(*story, "en") == english);
  CHECK(texts.of(*tests::an_sms_story(), "en") == english);  // read again, the same bulletin
  const auto welsh = texts.of(*story, "cy");
  REQUIRE(welsh != nullptr);
  CHECK(welsh->parts.messages != english->parts.messages);
  CHECK(texts.size() == 2);
}

TEST_CASE("where replies are read a text with room for it asks for one, and a Cancel never") {
  StoryTexts silent;
  StoryTexts texts(StoryTexts::Replies::asked_for);
  const auto story = tests::an_sms_story();
  const auto asked = texts.of(*story, "en");
  CHECK(asked->parts.messages.size() == 1);
  CHECK(asked->parts.messages[0] ==
        silent.of(*story, "en")->parts.messages[0] + " Reply 1 SAFE, 2 HELP");
  CHECK(asked->parts.messages != texts.of(*story, "cy")->parts.messages);
  Alert full = tests::an_sms_alert();
  full.infos[0].instruction.clear();
  for (int i = 0; i < 60; ++i) full.infos[0].instruction += "Go up. Go on ";
  const auto long_one = tests::an_sms_story(2, full);
  CHECK(texts.of(*long_one, "en")->parts.messages == silent.of(*long_one, "en")->parts.messages);
  Alert cancel = tests::an_sms_alert();
  cancel.msg_type = MsgType::cancel;
  const auto over = tests::an_sms_story(3, cancel);
  CHECK(texts.of(*over, "en")->parts.messages == silent.of(*over, "en")->parts.messages);
}

TEST_CASE("parts of two stories or languages are never put together on a telephone") {
  StoryTexts texts;
  const auto reference = [&texts](std::uint64_t sequence, std::string_view language) {
    const auto story = tests::an_sms_story(sequence, tests::an_sms_alert(long_instruction()));
    const auto text = texts.of(*story, language);
    REQUIRE(text->parts.messages.size() > 1);
    for (const auto& message : text->parts.messages)
      CHECK(message[3] == text->parts.messages[0][3]);
    return text->parts.messages[0][3];
  };
  for (std::uint64_t sequence = 2; sequence <= 256; ++sequence) {
    CHECK(reference(sequence, "en") != reference(1, "en"));
  }
  CHECK(reference(1, "cy") != reference(1, "en"));
  CHECK(reference(1, "en") == reference(1, "en"));
}

TEST_CASE("the newest kTextsKept texts are kept") {
  StoryTexts texts;
  const auto first = texts.of(*tests::an_sms_story(1), "en");
  for (std::uint64_t i = 2; i <= limits::kTextsKept; ++i)
    (void)texts.of(*tests::an_sms_story(i), "en");
  CHECK(texts.size() == limits::kTextsKept);
  CHECK(texts.of(*tests::an_sms_story(1), "en") == first);  // and is the newest now
  const auto second = texts.of(*tests::an_sms_story(2), "en");
  for (std::uint64_t i = 1; i < limits::kTextsKept; ++i) {
    (void)texts.of(*tests::an_sms_story(1000 + i), "en");
  }
  CHECK(texts.size() == limits::kTextsKept);
  CHECK(texts.of(*tests::an_sms_story(2), "en") == second);
  CHECK(texts.of(*tests::an_sms_story(1), "en") != first);
}
