#pragma once
// The flags of draft and update as changes to an alert that is there already: a template's, or the
// one that an update replaces. Pure.
#include <vector>

#include "engine/cap/alert.hpp"
#include "ops/cli/commands.hpp"

namespace ops::cli {

/// Changes what the flags name and leaves the rest. Category, urgency, severity and certainty are
/// those of the alert, so they change in every language; words change in the one that --language
/// names, which may be left out where there is only one. Shapes and codes replace all there were.
Outcome<void> change_infos(std::vector<engine::cap::Info>& infos, const AlertDraft& flags);

/// Whether any flag changes words, in which case the other languages stay behind.
bool changes_words(const AlertDraft& flags);

}  // namespace ops::cli
