#include "connectors/email/words.hpp"

#include <doctest/doctest.h>

using namespace connectors::email;
using engine::cap::Severity;
using engine::cap::Urgency;

TEST_CASE("Welsh is spoken to those who ask for it and English to everybody else") {
  for (const char* tag : {"cy", "CY", "cy-GB", "Cy-gb"}) {
    CHECK(language_of(tag) == Language::welsh);
  }
  for (const char* tag : {"", "c", "en", "en-GB", "cyx", "cym", "fr", "x-cy"}) {
    CHECK(language_of(tag) == Language::english);
  }
}

TEST_CASE("every word there is in English there is in Welsh") {
  for (const Language language : {Language::english, Language::welsh}) {
    const Words& words = words_of(language);
    const auto* first = reinterpret_cast<const std::string_view*>(&words);
    for (std::size_t i = 0; i < sizeof(Words) / sizeof(std::string_view); ++i) {
      CHECK_FALSE(first[i].empty());
    }
    for (int i = 0; i < 5; ++i) {
      CHECK_FALSE(severity_word(static_cast<Severity>(i), language).empty());
      CHECK_FALSE(urgency_word(static_cast<Urgency>(i), language).empty());
    }
  }
  CHECK(severity_word(Severity::unknown, Language::english) == "Unknown: treat as Extreme");
}

TEST_CASE("a time is the one on the clock in the United Kingdom") {
  const auto summer = *engine::parse_time("2026-07-04T23:05:00Z");
  CHECK(spoken_time(summer, Language::english) == "00:05 on Sunday 5 July 2026 (UK time)");
  CHECK(spoken_time(summer, Language::welsh) == "00:05, dydd Sul 5 Gorffennaf 2026 (amser y DU)");
  const auto winter = *engine::parse_time("2026-12-24T18:00:00Z");
  CHECK(spoken_time(winter, Language::english) == "18:00 on Thursday 24 December 2026 (UK time)");
}
