#pragma once
// Typing the name of the place: what a hurried yes cannot do. The approver does it before signing,
// and whoever sends a real alert from a terminal before it goes out.
#include <optional>
#include <string>

#include "engine/cap/alert.hpp"
#include "ops/cli/outcome.hpp"
#include "ops/cli/session.hpp"

namespace ops::cli {

struct Naming {
  std::string_view act;      // "approve", "send"
  std::string_view undone;   // "it was not signed"
  std::string_view instead;  // the flag for where nobody is at the terminal
  std::optional<std::string> given;
};

/// Refused unless one of the alert's areas is named. An alert without areas is named by its
/// identifier.
Outcome<void> place_named(Session& session, const engine::cap::Alert& alert, const Naming& naming);

}  // namespace ops::cli
