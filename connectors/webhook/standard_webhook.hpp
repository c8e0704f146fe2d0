#pragma once
// Standard Webhooks 1.0.0 (standardwebhooks.com): the three headers by which a receiver knows that
// a request came from here, is whole and is new; and what its answer means. No I/O; any thread,
// once trust::start_crypto() said yes.
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "engine/base/result.hpp"
#include "engine/delivery.hpp"

namespace connectors::webhook {

/// What an HMAC secret may have, in octets, by the specification.
inline constexpr std::size_t kSecretBytesMin = 24;
inline constexpr std::size_t kSecretBytesMax = 64;
/// Secrets that sign one request: the current one, and those it takes over from.
inline constexpr std::size_t kSecretsAtOnce = 4;
/// What is believed of a receiver's Retry-After, so that a careless one is not left out of an
/// alert.
inline constexpr std::chrono::minutes kRetryAfterMax{10};

/// What one receiver's requests are signed with.
class Secret {
 public:
  /// `whsec_` and base64 of 24 to 64 octets: HMAC-SHA256 (`v1`). `whsk_` and base64 of an Ed25519
  /// key, its seed alone or with its public half behind it: a signature (`v1a`). The sentence of a
  /// failure does not hold the secret.
  static engine::Result<Secret> read(std::string_view text);

  /// `v1,…` or `v1a,…`.
  std::string signature(std::string_view signed_content) const;

 private:
  using Key = std::variant<engine::Bytes, engine::Octets<32>>;
  explicit Secret(Key key) : key_(std::move(key)) {}
  Key key_;
};

struct Headers {
  std::string id;         // webhook-id: the same for every attempt, so that a receiver takes one
  std::string timestamp;  // webhook-timestamp: of this attempt, seconds since 1970
  std::string signature;  // webhook-signature: one a secret, separated by spaces
};

/// Signed with each secret, in their order, so that a receiver may change to a new one at its own
/// time. With 1 to kSecretsAtOnce of them.
Headers sign(std::span<const Secret> secrets, const engine::DeliveryId& id, engine::Time now,
             engine::BytesView body);

/// What an answer says: 2xx is delivered, 410 means that nobody wants anything at this address any
/// more, and everything else, redirections too, may be another way the next time. `retry_after` is
/// the header's text; dates in it are not believed.
engine::Outcome outcome_of(int status, std::string_view retry_after);

}  // namespace connectors::webhook
