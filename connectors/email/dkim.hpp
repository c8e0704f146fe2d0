#pragma once
// DKIM signatures (RFC 6376; Ed25519 by RFC 8463), relaxed for header and body, so that a server on
// the way may fold lines and not break them. The only file here with OpenSSL. No I/O; any thread:
// a Signer is immutable.
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/base/time.hpp"

namespace connectors::email {

/// RFC 8301: shorter keys are not believed by those who check.
inline constexpr int kRsaBitsMin = 2048;
inline constexpr int kRsaBitsMax = 4096;

class Signer {
 public:
  /// `domain` is d=, the domain of From; `selector` is s=, below which the public key is in DNS.
  /// `pem` is a private key, RSA or Ed25519, without a passphrase. A failure says what is wrong,
  /// and nothing of the key.
  static engine::Result<Signer> open(std::string_view domain, std::string_view selector,
                                     std::string_view pem);

  /// What stands behind `p=` of the key's record in DNS: `v=DKIM1; k=…; p=…`.
  std::string dns_record() const;

  /// One `DKIM-Signature: …` with its CRLF, to be put before the message, which has CRLF alone.
  /// Headers that others could add to change what is shown are signed once more than they are
  /// there (RFC 6376, section 8.15).
  std::string sign(std::string_view message, engine::Time now) const;

 private:
  struct Key;
  Signer(std::string domain, std::string selector, std::shared_ptr<const Key> key);
  std::string domain_;
  std::string selector_;
  std::shared_ptr<const Key> key_;
};

/// The message with a signature of each signer before it, each over the message alone.
std::string with_signatures(std::string_view message, const std::vector<Signer>& signers,
                            engine::Time now);

// The canonical forms, for tests: RFC 6376, sections 3.4.2 and 3.4.4.
std::string relaxed_header(std::string_view field);
std::string relaxed_body(std::string_view body);

}  // namespace connectors::email
