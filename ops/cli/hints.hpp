#pragma once
// What the engine will refuse later, told while it can still be changed: the questions after the
// rules of CAP that need no signature. Pure.
#include <string>
#include <string_view>
#include <vector>

#include "engine/cap/alert.hpp"
#include "engine/trust/trust_document.hpp"

namespace ops::cli {

/// One sentence each. `document` may be null: then only what needs no trust document is asked.
std::vector<std::string> hints_of(const engine::cap::Alert& alert, std::string_view xml,
                                  const engine::trust::TrustDocument* document);

}  // namespace ops::cli
