#pragma once
// What sign and approve share: reading what is to be signed, asking whether this key may, and
// saying what is still missing afterwards.
#include <string>

#include "engine/bulletin.hpp"
#include "engine/cap/judge.hpp"
#include "engine/trust/trust_document.hpp"
#include "ops/cli/outcome.hpp"
#include "ops/cli/session.hpp"

namespace ops::cli {

/// Reads an envelope file; its signatures are not looked at.
Outcome<engine::Envelope> read_envelope(const std::string& file);

/// The alert of these bytes, or a trouble after every broken rule has been shown.
Outcome<engine::cap::Alert> read_alert(Session& session, std::string_view xml);

/// Whether that key may sign this alert at all: an officer of its sender, valid now, for this
/// system. `document` may be null; then nothing is known.
Outcome<void> may_sign(const engine::trust::Key& key, const engine::cap::Alert& alert,
                       const engine::trust::TrustDocument* document, engine::Time now);

/// Says what comes next: another holder, sending, or what the engine would refuse.
void say_next(Session& session, const std::string& file, const engine::Envelope& envelope,
              const engine::trust::TrustDocument* document);

}  // namespace ops::cli
