#pragma once
// trust.json: who may speak, for whom, about what, and how many of them it takes. A DSSE envelope
// signed by a threshold of root keys that never touch the engine (schemas/trust.md).
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/bulletin.hpp"
#include "engine/trust/signature.hpp"

namespace engine::trust {

inline constexpr std::string_view kTrustType = "application/vnd.tocsin.trust+json";

enum class SystemKind { live, exercise };

struct Key {
  KeyId keyid{};
  PublicKey public_key{};
  std::string holder;  // a person; two keys of one holder are one person
};

struct Duties {
  bool originate = false, approve = false, cancel = false;
};

struct Officer {
  Key key;
  Duties duties;
  Time not_before, not_after;
};

struct Authority {
  std::vector<std::string> areas;  // GSS codes, or "*"
  cap::CategorySet categories = 0;
  cap::Severity max_severity = cap::Severity::minor;
  std::set<cap::Status> statuses;
  std::set<cap::Scope> scopes;
};

struct ApprovalRule {
  cap::Status status = cap::Status::actual;
  cap::Severity severity_at_least = cap::Severity::minor;
  int holders = 2;
};

struct Sender {
  std::string sender;  // CAP's <sender>
  std::string name;
  std::vector<Officer> officers;
  Authority authority;
  std::vector<ApprovalRule> approvals;
  int rate_per_hour = 60;
};

struct Revoked {
  KeyId keyid{};
  Time since;
  std::string reason;
};

/// The key that will sign checkpoints of the public record.
struct LogKey {
  std::string origin;
  KeyId keyid{};
  PublicKey public_key{};
};

struct OfficerRef {
  const Sender* sender;
  const Officer* officer;
};

/// A trust document whose signatures and contents were checked. Immutable; shared by every thread.
struct TrustDocument {
  std::string system;
  SystemKind kind = SystemKind::exercise;
  std::uint64_t version = 0;
  Time issued, expires;
  int root_threshold = 1;
  std::vector<Key> root_keys;
  std::vector<Key> revocation_keys;
  std::vector<Sender> senders;
  std::vector<Revoked> revoked;
  std::optional<LogKey> log;
  Bytes envelope;       // the bytes it came as, for GET /v1/trust
  Octets<32> digest{};  // SHA-256 of the signed payload

  std::optional<OfficerRef> find(const KeyId& keyid) const;
  const Revoked* revocation_of(const KeyId& keyid) const;

  std::unordered_map<std::string, OfficerRef> by_keyid;  // key: the 32 bytes
};
using TrustPtr = std::shared_ptr<const TrustDocument>;

/// What a reader pins: the ids of the root keys it believes, and how many of them must sign.
struct Pins {
  std::set<KeyId> root_keys;  // empty: this is the first document, its own roots are pinned
  int threshold = 1;          // 0: as many as the document itself asks, as far as they are pinned
  std::uint64_t version = 0;  // nothing older is taken
  std::optional<Octets<32>>
      digest;                   // SHA-256 of the payload of that version: same version, same bytes
  std::vector<Key> known_keys;  // pinned keys a newer document may no longer list
};

/// Finds its officers by their keys; to be asked again whenever the document was copied.
void index_officers(TrustDocument& document);

/// Reads and checks a trust document: strict JSON, every key screened, key ids true and used once,
/// a threshold of its own roots has signed, and a threshold of the pinned ones. Two keys of one
/// holder count once. Expiry is no reason to refuse it (an overdue paper must not silence a
/// warning); see expired().
Result<TrustPtr> read_trust(BytesView file, const Pins& pins);

/// The pins a reader keeps after taking this document.
Pins pins_of(const TrustDocument& document);

inline bool expired(const TrustDocument& document, Time now) { return now >= document.expires; }

/// How loudly everybody who reads the document says that its time runs out.
enum class Expiry { far, within_30_days, within_7_days, passed };
constexpr Expiry expiry_of(Time expires, Time now) {
  if (now >= expires) return Expiry::passed;
  if (expires - now <= std::chrono::days{7}) return Expiry::within_7_days;
  if (expires - now <= std::chrono::days{30}) return Expiry::within_30_days;
  return Expiry::far;
}

}  // namespace engine::trust
