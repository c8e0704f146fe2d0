#pragma once
// A revocation: one key signs that another is not to be believed any more, between two versions of
// the trust document. It can only take away (schemas/trust.md). Immutable; any thread.
#include <optional>
#include <string>
#include <vector>

#include "engine/trust/envelope.hpp"
#include "engine/trust/trust_document.hpp"

namespace engine::trust {

inline constexpr std::string_view kRevocationType = "application/vnd.tocsin.revocation+json";

inline constexpr EnvelopeLimits kRevocationEnvelopeLimits{
    .body_max = 16 << 10, .payload_max = 4 << 10, .signatures_max = 8};

struct Revocation {
  Envelope envelope;
  std::string system;
  Revoked revoked;
  Time issued;
};

/// Reads one, and checks everything but its signatures.
Result<Revocation> parse_revocation(BytesView file);

/// The payload to be signed, members in the order of schemas/trust.md.
std::string revocation_payload(const std::string& system, const Revoked& revoked, Time issued);

/// Why it does not count under that document, as a sentence; nothing where it does. It counts when
/// it is for its system, one of its `revocation` keys has signed it (none that the document itself
/// revokes), and it names neither a root nor a `revocation` key: those are replaced by a new
/// document alone.
std::optional<std::string> fault_of(const Revocation& revocation, const TrustDocument& document);

/// Leaves of one that counts the signatures that make it count. Anyone may write others beside
/// them, and as many as they like.
void drop_strangers(Revocation& revocation, const TrustDocument& document);

/// The document with every revocation that counts among its `revoked`; of several about one key
/// the earliest. `envelope` and `digest` stay those of the document.
TrustPtr with_revocations(const TrustPtr& document, const std::vector<Revocation>& revocations);

/// What a document revokes itself needs no revocation beside it.
bool covered(const Revocation& revocation, const TrustDocument& document);

/// One envelope a line, as GET /v1/trust/revocations gives them and DIR/revocations.jsonl keeps
/// them.
std::string revocation_lines(const std::vector<Revocation>& revocations);
/// The first line that is no revocation is the fault.
Result<std::vector<Revocation>> parse_revocation_lines(BytesView text);

}  // namespace engine::trust
