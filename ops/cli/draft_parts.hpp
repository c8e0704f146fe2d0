#pragma once
// The parts of a draft that are decided rather than typed: whose it is, for which system, when, and
// under what name.
#include <optional>
#include <string>
#include <string_view>

#include "engine/trust/trust_document.hpp"
#include "ops/cli/commands.hpp"

namespace ops::cli {

/// How long an alert lasts that does not say: short, since a forgotten one misleads.
inline constexpr engine::Duration kExpiresIn = std::chrono::hours{2};

/// The language of words that do not say.
inline constexpr std::string_view kLanguage = "en-GB";

struct DraftParts {
  std::string identifier, sender, system;
  engine::cap::Status status = engine::cap::Status::exercise;
  engine::Time sent;
  std::optional<engine::Duration> expires_in;
};

/// `document` may be null. Refuses whatever would have to be guessed.
Outcome<DraftParts> parts_of(Session& session, const AlertDraft& options,
                             const engine::trust::TrustDocument* document);

/// The info block of the flags; names every flag that is missing.
Outcome<engine::cap::Info> info_of(const AlertDraft& options);

/// The place of the flags; its name may be empty.
Outcome<engine::cap::Area> area_of(const AlertDraft& options);

/// With --cap, words and place are the document's: a flag that would change them is refused.
Outcome<void> words_left_to_document(const AlertDraft& options);

/// "2026-11-21-193000-5f2c91d4": when, and eight random digits.
std::string new_identifier(engine::Time now);

}  // namespace ops::cli
