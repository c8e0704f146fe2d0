#pragma once
// What a mail says in its own words, around those of the alert, in the languages that it can speak.
// Constant; any thread.
#include <string>
#include <string_view>

#include "engine/base/time.hpp"
#include "engine/cap/alert.hpp"

namespace connectors::email {

enum class Language { english, welsh };

/// Welsh where a language tag means it, English otherwise.
Language language_of(std::string_view tag);
std::string_view tag_of(Language language);

struct Words {
  std::string_view exercise;  // above everything, where this is a drill
  std::string_view test;      // where it is a test of the system
  std::string_view exercise_short, test_short, cancelled, updated;  // in the subject
  std::string_view severity, urgency, sender, where, when, what, action, contact, until, sent, code;
  std::string_view no_headline;
  std::string_view is_cancelled, reason, cancelled_note;
  std::string_view replaces;
  std::string_view no_action;
  std::string_view verify;        // heading
  std::string_view verify_code;   // how to compare the code
  std::string_view verify_files;  // what the attachments are for
  std::string_view links;         // that nothing here is a link on purpose
  std::string_view one_link;      // or one thing alone
  std::string_view answer;        // heading
  std::string_view answer_what, answer_link;
  std::string_view why_you;  // why this was sent, and how to end it
};
const Words& words_of(Language language);

std::string_view severity_word(engine::cap::Severity severity, Language language);
std::string_view urgency_word(engine::cap::Urgency urgency, Language language);

/// `18:45 on Sunday 22 November 2026 (UK time)`.
std::string spoken_time(engine::Time time, Language language);

}  // namespace connectors::email
