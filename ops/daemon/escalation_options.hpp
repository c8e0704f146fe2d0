#pragma once
// How long is waited before somebody is told by another way, as the configuration file says it.
#include <toml++/toml.h>

#include "engine/base/result.hpp"
#include "engine/delivery/escalation.hpp"

namespace ops {

/// `[escalation.SEVERITY]`, minor to extreme: `acknowledged` and `delivered`, in whole seconds from
/// kPatienceLeast to kPatienceMost. What is not named stays as it is. Unknown keys and wrong values
/// are errors that name the line.
engine::Result<void> read_escalation(const toml::table& severities, engine::delivery::Rules& rules);

/// Below, a message would leave while somebody is reading the page; above, the alert is old.
inline constexpr std::chrono::seconds kPatienceLeast{1};
inline constexpr std::chrono::seconds kPatienceMost{24 * 60 * 60};

}  // namespace ops
