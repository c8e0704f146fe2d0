#pragma once
// What a mail says, twice: as plain text and as HTML. Both are made of one list of lines, so that
// they cannot disagree. Pure; any thread.
#include <string>
#include <string_view>
#include <vector>

#include "connectors/email/mail.hpp"
#include "connectors/email/words.hpp"

namespace connectors::email {

/// A piece of a mail.
struct Passage {
  enum class Kind {
    banner,   // that this is a drill
    title,    // the headline
    heading,  // of the sections
    fact,     // `label: text`
    text,     // paragraphs
    link,     // an address of ours, and in `label` what it is for
  };
  Kind kind = Kind::text;
  std::string label;     // of a fact, in the mail's own language
  std::string text;      // UTF-8, cleaned
  std::string language;  // of the text, where it is not the mail's own
};

/// Everything it says, in the order in which it is read.
std::vector<Passage> passages_of(const Letter& letter);

/// The infos of an alert that are shown: those in the organisation's language, else the English
/// ones, else those in the language of the first.
std::vector<const engine::cap::Info*> infos_for(const engine::cap::Alert& alert, Language language);

std::string as_text(const std::vector<Passage>& passages);
std::string as_html(const std::vector<Passage>& passages, std::string_view title,
                    Language language);

}  // namespace connectors::email
