#pragma once
// Every key that a trust document or a revocation beside it takes away, as `tocsin trust show`
// tells it: whose, since when, why and by whom. Pure.
#include <boost/json/array.hpp>
#include <string>
#include <vector>

#include "ops/cli/revocations.hpp"

namespace ops::cli {

struct RevokedKey {
  engine::trust::Revoked revoked;
  std::string whose;       // "Anna Reed, control@example.org"; empty for a key no officer has
  std::string revoked_by;  // who signed the revocation; empty where the document says it itself
  std::string void_since;  // why it does not count; empty where it does
};

/// Those of the document as it was signed, then those of the revocations, in their order.
std::vector<RevokedKey> revoked_keys(const engine::trust::TrustDocument& document,
                                     const Revocations& revocations);

/// A heading and three lines a key; empty where there is none.
std::string revoked_text(const std::vector<RevokedKey>& keys);
boost::json::array revoked_json(const std::vector<RevokedKey>& keys);

/// What will stop somebody soon: an officer's key that ends within 30 days, or a revocation that
/// counts no more. Sentences.
std::vector<std::string> key_warnings(const engine::trust::TrustDocument& document,
                                      const std::vector<RevokedKey>& keys, engine::Time now);

}  // namespace ops::cli
