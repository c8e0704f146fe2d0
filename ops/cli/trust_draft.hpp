#pragma once
// A trust document while it is being written: the bare payload, or a signed one about to get its
// next version.
#include <string>

#include "engine/trust/envelope.hpp"
#include "engine/trust/trust_document.hpp"
#include "ops/cli/outcome.hpp"
#include "ops/cli/session.hpp"

namespace ops::cli {

enum class TrustForm { draft, signed_document };

/// A file read as either, its signatures not looked at.
struct TrustText {
  TrustForm form = TrustForm::draft;
  engine::Bytes payload;
  engine::Envelope envelope;  // of a signed document
};
Outcome<TrustText> read_trust_text(const std::string& file);

struct TrustDraft {
  TrustForm form = TrustForm::draft;
  engine::trust::TrustDocument document;
};
/// What add-sender changes. Of a signed document it is the next version, issued now.
Outcome<TrustDraft> read_draft(Session& session, const std::string& file);

/// A trust document may grow larger than a bulletin.
engine::trust::EnvelopeLimits trust_limits();

}  // namespace ops::cli
