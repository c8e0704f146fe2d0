#pragma once
// What draft and update share: infos from a template, and the last steps before a document lies on
// the disk, read by its officer and waiting to be signed.
#include <string>
#include <vector>

#include "engine/trust/trust_document.hpp"
#include "ops/cli/commands.hpp"
#include "ops/cli/templates.hpp"

namespace ops::cli {

/// The template that the flags name, with its blanks filled and its words changed as the flags say.
Outcome<Filled> from_template(const AlertDraft& options, Part part);

/// Judges the document, writes it with its correction beside it, shows its words and says what is
/// next. `reason` is the correction's, where a template has one. `document` may be null.
Outcome<Exit> finish_draft(Session& session, const AlertDraft& options, const std::string& text,
                           const std::string& reason, const engine::trust::TrustDocument* document);

}  // namespace ops::cli
