#include "ops/cli/trust_draft.hpp"

#include <fmt/format.h>

#include "engine/trust/authoring.hpp"
#include "ops/cli/files.hpp"
#include "ops/cli/visible.hpp"

namespace ops::cli {

namespace trust = engine::trust;

trust::EnvelopeLimits trust_limits() { return {kTrustBytesMax, kTrustBytesMax, 64}; }

Outcome<TrustText> read_trust_text(const std::string& file) {
  auto bytes = read_file(file, kTrustBytesMax);
  if (!bytes) return bytes.error();
  TrustText text;
  auto envelope = trust::parse_envelope(*bytes, trust_limits());
  if (auto* read = std::get_if<engine::Envelope>(&envelope);
      read != nullptr && read->payload_type == trust::kTrustType) {
    text.form = TrustForm::signed_document;
    text.payload = read->payload;
    text.envelope = std::move(*read);
  } else {
    text.payload = std::move(*bytes);
  }
  return text;
}

Outcome<TrustDraft> read_draft(Session& session, const std::string& file) {
  const auto text = read_trust_text(file);
  if (!text) return text.error();
  auto document = trust::read_trust_payload(text->payload);
  if (!document) {
    return trouble(Exit::refused, fmt::format("{} is not a trust document: {}", visible(file),
                                              document.error().what));
  }
  TrustDraft draft{text->form, std::move(*document)};
  if (draft.form == TrustForm::signed_document) {
    ++draft.document.version;
    draft.document.issued = std::chrono::floor<std::chrono::seconds>(session.now());
  }
  return draft;
}

}  // namespace ops::cli
