// Any bytes as a file of revocations, and as the payload of one that keys of the first octet's
// choice sign. It counts where a revocation key that stands signed it for this system, about none
// of the keys that only a new document replaces, and nowhere else; what counts takes one key away
// and gives nobody anything; what is kept on disk is read again as the same.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/ensure.hpp"
#include "engine/limits.hpp"
#include "engine/trust/revocation.hpp"
#include "tests/support/alert_builder.hpp"
#include "tests/support/trust_builder.hpp"

namespace {

using namespace engine;

// The key that the seeds name; a text has no way to a key made anew each time.
constexpr std::string_view kSeedKeyId =
    "53903aa300b4b8384b9b56f9b9b6da2cc0e8712b166e81a5870fa490883a9482";
// Who signs, a bit each: a revocation key, one that the document itself revokes, a root, an officer
// and a stranger. The three highest bits choose whom the seeds' key stands for.
constexpr const char* kSigners[] = {"Rita", "Rolf", "root 1", "Ann", "Nobody"};
constexpr std::uint8_t kRita = 1;
constexpr const char* kNamed[] = {"Ann", "Rita", "root 1", "Lost", "Rolf", "Nobody", "Ann", "Ann"};

struct World {
  tests::TrustBuilder trust;
  trust::TrustPtr document;

  World() {
    trust.sender().officer("Ann").officer("Lost").revoke("Lost", "2026-11-20T00:00:00Z");
    trust.revoke("Rolf", "2026-11-20T00:00:00Z");
    auto made = std::make_shared<trust::TrustDocument>(*trust.document());
    for (const char* name : {"Rita", "Rolf"}) {
      const trust::SigningKey& key = trust.key(name);
      made->revocation_keys.push_back({key.keyid(), key.public_key(), name});
    }
    trust::index_officers(*made);
    document = std::move(made);
  }
};

const World& world() {
  static const World one;
  return one;
}

bool names_what_stays(const KeyId& keyid) {
  for (const char* name : {"Rita", "Rolf", "root 1"}) {
    if (world().trust.key(name).keyid() == keyid) return true;
  }
  return false;
}

/// What was revoked stays so, since no later; only the key named is added.
void check_taken_away(const trust::Revocation& revocation, const trust::TrustDocument& after) {
  const trust::TrustDocument& before = *world().document;
  for (const trust::Revoked& known : before.revoked) {
    const trust::Revoked* still = after.revocation_of(known.keyid);
    ENSURE(still != nullptr && still->since <= known.since);
  }
  ENSURE(after.revoked.size() <= before.revoked.size() + 1);
  ENSURE(trust::covered(revocation, after));
  ENSURE(after.envelope == before.envelope && after.digest == before.digest);
  ENSURE(after.senders.size() == before.senders.size() && after.version == before.version);
  ENSURE(after.root_keys.size() == before.root_keys.size());
  const KeyId& ann = world().trust.key("Ann").keyid();
  const auto found = after.find(ann);
  ENSURE(found.has_value() && found->sender == &after.senders.front());
}

void check_kept(const std::vector<trust::Revocation>& revocations) {
  const std::string lines = trust::revocation_lines(revocations);
  const auto again = trust::parse_revocation_lines(lines);
  ENSURE(again.has_value() && again->size() == revocations.size());
  ENSURE(trust::revocation_lines(*again) == lines);
}

void check_written(const trust::Revocation& revocation) {
  const std::string written =
      trust::revocation_payload(revocation.system, revocation.revoked, revocation.issued);
  const auto again = trust::parse_revocation(trust::envelope_json(
      tests::sign(written, {&world().trust.key("Rita")}, trust::kRevocationType)));
  ENSURE(again.has_value() && again->system == revocation.system);
  ENSURE(again->revoked.keyid == revocation.revoked.keyid);
  ENSURE(again->revoked.since == revocation.revoked.since);
  ENSURE(again->revoked.reason == revocation.revoked.reason && again->issued == revocation.issued);
}

/// The last signature changed by one bit: then nothing that it says counts.
void check_tampering(trust::Revocation revocation) {
  const std::size_t bit = revocation.revoked.keyid[0] * 2U + (revocation.revoked.keyid[1] & 1U);
  revocation.envelope.signatures.front().signature[bit / 8] ^=
      static_cast<std::uint8_t>(1U << bit % 8);
  ENSURE(trust::fault_of(revocation, *world().document).has_value());
  ENSURE(trust::with_revocations(world().document, {revocation}) == world().document);
}

/// Whoever signs beside the key that makes it count adds nothing that is kept.
void check_strangers_dropped(trust::Revocation revocation) {
  trust::drop_strangers(revocation, *world().document);
  ENSURE(revocation.envelope.signatures.size() == 1);
  ENSURE(revocation.envelope.signatures.front().keyid == world().trust.key("Rita").keyid());
  ENSURE(!trust::fault_of(revocation, *world().document));
}

std::string about(const char* name, std::string_view payload) {
  std::string text(payload);
  if (const auto at = text.find(kSeedKeyId); at != std::string::npos) {
    text.replace(at, kSeedKeyId.size(), to_hex(view(world().trust.key(name).keyid())));
  }
  return text;
}

void check_signed(std::uint8_t who, std::string_view bytes) {
  const std::string payload = about(kNamed[who >> 5], bytes);
  tests::KeyPtrs keys;
  for (unsigned i = 0; i < std::size(kSigners); ++i) {
    if ((who & 1U << i) != 0) keys.push_back(&world().trust.key(kSigners[i]));
  }
  const auto envelope = tests::sign(payload, keys, trust::kRevocationType);
  const auto revocation = trust::parse_revocation(trust::envelope_json(envelope));
  if (!revocation) {
    ENSURE(revocation.error().what.ends_with('.'));
    return;
  }
  check_kept({*revocation, *revocation});
  check_written(*revocation);
  const auto fault = trust::fault_of(*revocation, *world().document);
  const bool counts = (who & kRita) != 0 && revocation->system == world().document->system &&
                      !names_what_stays(revocation->revoked.keyid);
  ENSURE(counts == !fault.has_value() && (counts || fault->ends_with('.')));
  const auto after = trust::with_revocations(world().document, {*revocation});
  if (!counts) {
    ENSURE(after == world().document);
    return;
  }
  check_taken_away(*revocation, *after);
  check_strangers_dropped(*revocation);
  check_tampering(*revocation);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto lines = trust::parse_revocation_lines(bytes);
  if (lines) {
    ENSURE(lines->size() <= engine::limits::kRevocationsMax);
    check_kept(*lines);
    // Nobody here signed them.
    ENSURE(trust::with_revocations(world().document, *lines) == world().document);
  } else {
    ENSURE(lines.error().what.ends_with('.'));
  }
  if (size > 0) check_signed(data[0], bytes.substr(1));
  return 0;
}
