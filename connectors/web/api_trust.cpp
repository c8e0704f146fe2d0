// The trust document: as it stands, and a newer one.
#include <fmt/format.h>

#include "connectors/web/answers.hpp"
#include "connectors/web/api.hpp"
#include "engine/limits.hpp"
#include "engine/trust/envelope.hpp"
#include "engine/trust/strict_json.hpp"

namespace connectors::web {

namespace limits = engine::limits;
using engine::Code;
using engine::Refusal;

Response Api::trust(const Request& request) const {
  const auto document = engine_.trust();
  // The document is kept as long as an answer needs it, however slowly that is read.
  Response response = shared_response(
      kJson, std::shared_ptr<const std::string>(document, &document->envelope), kNoCache);
  honour_etag(request, etag_of(document->envelope), response);
  return response;
}

namespace {

using engine::trust::NotTaken;
using engine::trust::TrustDocument;

constexpr int kNotWritten_s = 30;

constexpr std::string_view kTrustType = "application/vnd.tocsin.trust+json";
constexpr std::string_view kRevocationType = "application/vnd.tocsin.revocation+json";

/// What code fits a document that was not taken. Its sentence is the store's own; the code is read
/// off what the document says of itself, signed or not, since nothing hangs on it.
Code code_of(const engine::Envelope& envelope, const TrustDocument& in_force) {
  const auto payload = engine::trust::parse_strict_json(envelope.payload, 16);
  if (!payload || !payload->is_object()) return Code::malformed_envelope;
  const auto& object = payload->get_object();
  const auto* system = object.if_contains("system");
  if (system == nullptr || !system->is_string()) return Code::malformed_envelope;
  if (system->as_string() != in_force.system) return Code::wrong_system;
  const auto* version = object.if_contains("version");
  if (version != nullptr && version->is_int64() && version->as_int64() >= 0 &&
      static_cast<std::uint64_t>(version->as_int64()) <= in_force.version) {
    return Code::identity_conflict;
  }
  return Code::bad_signature;
}

/// What could not be kept may be taken yet; its signatures are not to blame.
Refusal refusal_of(const engine::Envelope& envelope, const TrustDocument& in_force,
                   const NotTaken& why) {
  Refusal refusal;
  refusal.detail = why.what;
  switch (why.why) {
    case NotTaken::Why::refused:
      refusal.code = code_of(envelope, in_force);
      break;
    case NotTaken::Why::not_written:
      refusal.code = Code::log_unavailable;
      refusal.detail +=
          " Nothing was taken. The operator must look at the disk; send it again then.";
      refusal.retry_after_s = kNotWritten_s;
      break;
    case NotTaken::Why::no_room:
      refusal.code = Code::log_full;
      refusal.detail += " Nothing was taken. The operator must make room; send it again then.";
      break;
  }
  return refusal;
}

}  // namespace

Response Api::offer_trust(const std::string& file) const {
  const auto parsed = engine::trust::parse_envelope(file, engine::trust::kTrustEnvelopeLimits);
  if (const auto* refusal = std::get_if<Refusal>(&parsed)) return refuse(*refusal);
  const auto& envelope = std::get<engine::Envelope>(parsed);
  if (envelope.payload_type != kTrustType && envelope.payload_type != kRevocationType) {
    return refuse(Code::unsupported_type,
                  fmt::format("What is taken here has the payloadType {} or {}.", kTrustType,
                              kRevocationType));
  }
  const auto taken = engine_.take(file);
  if (!taken) return refuse(refusal_of(envelope, *engine_.trust(), taken.error()));
  return text_response(
      kJson,
      fmt::format(R"({{"system":{},"version":{},"expires":"{}"}})", json_text((*taken)->system),
                  (*taken)->version, engine::format_time((*taken)->expires)),
      kNoStore);
}

void Api::post_trust(const Asked& asked) const {
  if (const auto wrong = wrong_parameter(asked.request, {}, Filters::unknown)) {
    return asked.answer(refuse(Code::bad_query, *wrong));
  }
  // It would count here alone: nobody asks who only follows.
  if (engine_.log().only_follows()) {
    Refusal refusal = refusal_of(Code::log_unavailable,
                                 "This node only sends alerts out. Post it to a node that takes "
                                 "them; it then comes here by itself.");
    refusal.retry_after_s = kNotWritten_s;
    return asked.answer(refuse(refusal));
  }
  // Whoever brings it, its signatures decide; but each one costs a look at many keys.
  if (!asked.peer.loopback && !trust_offers_.take(asked.peer.address, engine_.clock().now())) {
    Refusal refusal =
        refusal_of(Code::too_many, "Too many trust documents from here; wait a little.");
    refusal.retry_after_s = trust_offers_.retry_after_s();
    return asked.answer(refuse(refusal));
  }
  // However many come at once, who signs in waits behind a few of them at most.
  auto waiting = std::shared_ptr<void>(nullptr, [this](void*) { --trust_waiting_; });
  if (++trust_waiting_ > limits::kTrustWaiting) {
    Refusal refusal = refusal_of(Code::too_many, "Too many trust documents are being read.");
    refusal.retry_after_s = 1;
    return asked.answer(refuse(refusal));
  }
  auto work = [this, waiting, file = std::string(asked.body), answer = asked.answer] {
    answer(offer_trust(file));
  };
  hand_to_clerk(std::move(work), asked.answer);
}

Response Api::revocations() const {
  return shared_response("application/x-ndjson", engine_.revocations(), kNoCache);
}

}  // namespace connectors::web
