#pragma once
// Does this envelope say what it claims, by whom it claims? The questions a reader can ask of a
// bulletin with nothing but the trust document. Pure.
#include <optional>
#include <string>
#include <vector>

#include "engine/bulletin.hpp"
#include "engine/trust/trust_document.hpp"
#include "ops/cli/outcome.hpp"

namespace ops::cli {

struct Signer {
  engine::KeyId keyid{};
  std::string holder;
};

/// An envelope whose signatures hold.
struct Verified {
  engine::BulletinId id{};
  engine::cap::Alert alert;
  const engine::trust::Sender* sender = nullptr;  // of the trust document given
  std::vector<Signer> signers;
  int holders = 0, holders_needed = 0;
  std::string waits_for;             // the signatures that it lacks; empty where it has enough
  std::vector<std::string> remarks;  // what a careful reader should know besides
};

/// `admitted`: when an engine took it, where that is known. What a revoked key signed stands only
/// where it was sent and admitted before; where that is not known, a thief may have written any
/// date. The trouble has Exit::bad_signature.
Outcome<Verified> verify_envelope(const engine::Envelope& envelope,
                                  const engine::trust::TrustDocument& trust,
                                  std::optional<engine::Time> admitted);

/// The same of a file that nobody says an engine took: nothing speaks against it that no further
/// signature would mend. It may lack signatures, and `waits_for` says which.
Outcome<Verified> verify_unsent(const engine::Envelope& envelope,
                                const engine::trust::TrustDocument& trust);

/// The same of one that an engine says it took: it lacks no signature either.
Outcome<Verified> verify_taken(const engine::Envelope& envelope,
                               const engine::trust::TrustDocument& trust,
                               std::optional<engine::Time> admitted);

/// "Anna Reed and Ben Osei".
std::string names_text(const std::vector<Signer>& signers);

}  // namespace ops::cli
