#pragma once
// An alert in the words a person reads before signing it, and after. Everything that comes from the
// document is made fit for a terminal first. Pure but for the ink.
#include <string>

#include "engine/cap/judge.hpp"
#include "ops/cli/session.hpp"

namespace ops::cli {

/// NAME of the first <code>system:NAME</code>; empty if there is none.
std::string system_of(const engine::cap::Alert& alert);

/// The first headline, or event, or what kind of message it is; fit for a terminal.
std::string headline_of(const engine::cap::Alert& alert);

/// The names of its areas, each once, as written in the document.
std::vector<std::string> area_names(const engine::cap::Alert& alert);

/// "ACTUAL", "EXERCISE"; loud whatever the terminal can show.
std::string status_word(engine::cap::Status status);
Ink status_ink(engine::cap::Status status);

/// The exact words that go out: status, system, severity, areas, texts, times, identifier.
std::string full_words(const engine::cap::Alert& alert, engine::Time now, std::size_t columns);

/// A Cancel as readers see it: what it stops, and why. What else stands in it is never shown as an
/// alert: it was signed by somebody who may only stop one.
std::string cancel_words(const engine::cap::Alert& alert, std::size_t columns);

/// Shows the full words on standard error between two rules, status in front in its ink.
void say_words(Session& session, const engine::cap::Alert& alert);

/// Shows errors or warnings, one a line: "rule  where: message".
void say_faults(Session& session, std::string_view word,
                const std::vector<engine::cap::Fault>& faults);

}  // namespace ops::cli
