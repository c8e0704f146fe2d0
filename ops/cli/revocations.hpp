#pragma once
// Keys that were taken away between two versions of the trust document, as commands learn of them:
// from the engine, and from a file beside the document where there is no engine to ask. A
// revocation only takes away, so what any source told counts, whatever another one leaves out.
#include <string>
#include <string_view>
#include <vector>

#include "engine/trust/revocation.hpp"
#include "ops/cli/outcome.hpp"
#include "ops/cli/session.hpp"

namespace ops::cli {

using Revocations = std::vector<engine::trust::Revocation>;

/// Adds those of `lines` that are not known yet, one envelope a line; answers how many lines were
/// none, or were more than are kept. Pure.
std::size_t add_revocations(Revocations& known, std::string_view lines);

/// Those in `file`.revocations, which an operator laid there; none where nothing lies there. A line
/// that is no revocation is a trouble: the file was damaged.
Outcome<Revocations> revocations_beside(const std::string& file);

/// Those that a data folder keeps, as an engine reads them at its start.
Outcome<Revocations> revocations_of_folder(const std::string& folder);

/// Those that the engine gives out. Lines that are none are passed over and said: an engine that
/// spoils one must not make the others unheard.
Outcome<Revocations> revocations_of_engine(Session& session);

/// The same, where the person named an engine; a warning where it does not answer. For commands
/// that do without one.
Revocations revocations_of_named_engine(Session& session);

}  // namespace ops::cli
