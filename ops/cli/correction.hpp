#pragma once
// Cancels: the one that stops an alert now, and the one prepared with a draft so that taking it
// back takes one command.
#include <string>

#include "engine/cap/alert.hpp"
#include "ops/cli/outcome.hpp"
#include "ops/cli/session.hpp"

namespace ops::cli {

/// The Cancel that names `alert`, saying why.
engine::cap::Alert cancel_of(const engine::cap::Alert& alert, const std::string& reason,
                             engine::Time now);

/// What a correction says where nobody wrote anything better.
std::string plain_correction(const engine::cap::Alert& alert);

/// Writes the unsigned Cancel of a draft; nothing of it is sent before somebody signs it.
Outcome<void> write_correction(Session& session, const std::string& file,
                               const engine::cap::Alert& alert, const std::string& reason);

/// Whether the correction of `alert` may lie in `file`. What takes back another alert, which may be
/// out, is not overwritten.
Outcome<void> may_hold_correction(const std::string& file, const engine::cap::Alert& alert);

}  // namespace ops::cli
