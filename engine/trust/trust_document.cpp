#include "engine/trust/trust_document.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/trust/envelope.hpp"
#include "engine/trust/trust_payload.hpp"

namespace engine::trust {
namespace {

using Holders = std::set<std::string>;

const Key* find_key(const std::vector<Key>& keys, const KeyId& keyid) {
  const auto found =
      std::find_if(keys.begin(), keys.end(), [&](const Key& key) { return key.keyid == keyid; });
  return found == keys.end() ? nullptr : &*found;
}

/// The holder a pinned key is believed to have: what the reader knew first, then what the document
/// says. Otherwise one holder could write himself a second name.
const Key* find_pinned(const TrustDocument& document, const Pins& pins, const KeyId& keyid) {
  if (!pins.root_keys.contains(keyid)) return nullptr;
  const Key* known = find_key(pins.known_keys, keyid);
  return known != nullptr ? known : find_key(document.root_keys, keyid);
}

struct Signed {
  Holders own;     // holders of the document's root keys
  Holders pinned;  // holders of the pinned ones
};

/// Whose signatures the envelope carries. Keys nobody knows here are passed over, as a change of
/// roots needs; a signature of a known key has to verify.
Result<Signed> signed_by(const Envelope& envelope, const TrustDocument& document,
                         const Pins& pins) {
  Signed holders;
  const Bytes message = pre_authentication_encoding(envelope.payload_type, envelope.payload);
  for (const SignatureBlock& block : envelope.signatures) {
    const Key* own = find_key(document.root_keys, block.keyid);
    const Key* pinned = find_pinned(document, pins, block.keyid);
    const Key* key = own != nullptr ? own : pinned;
    if (key == nullptr) continue;
    if (!verify(key->public_key, message, block.signature)) {
      return Failure{
          fmt::format("The trust document's signature by {} does not verify; fetch it "
                      "again, or have it signed again.",
                      to_hex(view(block.keyid)))};
    }
    if (own != nullptr) holders.own.insert(own->holder);
    if (pinned != nullptr) holders.pinned.insert(pinned->holder);
  }
  return holders;
}

/// With threshold 0: as many as the document asks, but no more than are pinned of its roots.
std::size_t pinned_needed(const TrustDocument& document, const Pins& pins) {
  if (pins.threshold > 0) return static_cast<std::size_t>(pins.threshold);
  Holders holders;
  for (const Key& key : document.root_keys) {
    if (pins.root_keys.contains(key.keyid)) holders.insert(key.holder);
  }
  const auto threshold = static_cast<std::size_t>(document.root_threshold);
  return std::max<std::size_t>(1, std::min(threshold, holders.size()));
}

std::string fault_of_signatures(const Signed& holders, const TrustDocument& document,
                                const Pins& pins) {
  const auto own_needed = static_cast<std::size_t>(document.root_threshold);
  if (holders.own.size() < own_needed) {
    return fmt::format(
        "The trust document is signed by {} of the {} holders its own root asks for; "
        "have another root holder sign it.",
        holders.own.size(), own_needed);
  }
  if (pins.root_keys.empty()) return {};
  const std::size_t needed = pinned_needed(document, pins);
  if (holders.pinned.size() < needed) {
    return fmt::format(
        "The trust document is signed by {} of the {} holders of pinned root keys "
        "it needs; have the holders of the earlier root sign it too.",
        holders.pinned.size(), needed);
  }
  return {};
}

std::string fault_of_version(const TrustDocument& document, const Pins& pins) {
  if (document.version < pins.version) {
    return fmt::format(
        "The trust document has version {}, and version {} was taken already; issue "
        "it with a higher version.",
        document.version, pins.version);
  }
  if (document.version == pins.version && pins.digest && *pins.digest != document.digest) {
    return fmt::format(
        "The trust document has version {} like the one taken already, and says "
        "something else; issue it with a higher version.",
        document.version);
  }
  return {};
}

}  // namespace

void index_officers(TrustDocument& document) {
  document.by_keyid.clear();
  for (const Sender& sender : document.senders) {
    for (const Officer& officer : sender.officers) {
      document.by_keyid.emplace(view(officer.key.keyid), OfficerRef{&sender, &officer});
    }
  }
}

std::optional<OfficerRef> TrustDocument::find(const KeyId& keyid) const {
  const auto found = by_keyid.find(std::string(view(keyid)));
  if (found == by_keyid.end()) return std::nullopt;
  return found->second;
}

const Revoked* TrustDocument::revocation_of(const KeyId& keyid) const {
  const auto found = std::find_if(revoked.begin(), revoked.end(),
                                  [&](const Revoked& entry) { return entry.keyid == keyid; });
  return found == revoked.end() ? nullptr : &*found;
}

Result<TrustPtr> read_trust(BytesView file, const Pins& pins) {
  auto parsed = parse_envelope(file, kTrustEnvelopeLimits);
  if (const auto* refusal = std::get_if<Refusal>(&parsed)) {
    return Failure{"This is no signed trust document. " + refusal->detail};
  }
  const auto& envelope = std::get<Envelope>(parsed);
  if (envelope.payload_type != kTrustType) {
    return Failure{
        fmt::format("This is an envelope of another type than {}; give a signed trust "
                    "document.",
                    kTrustType)};
  }
  auto contents = read_payload(envelope.payload);
  if (!contents) return contents.error();
  auto document = std::make_shared<TrustDocument>(*std::move(contents));
  document->digest = sha256(envelope.payload);
  document->envelope = file;

  const auto holders = signed_by(envelope, *document, pins);
  if (!holders) return holders.error();
  std::string fault = fault_of_signatures(*holders, *document, pins);
  if (fault.empty()) fault = fault_of_version(*document, pins);
  if (!fault.empty()) return Failure{std::move(fault)};
  index_officers(*document);
  return TrustPtr(std::move(document));
}

Pins pins_of(const TrustDocument& document) {
  Pins pins;
  for (const Key& key : document.root_keys) pins.root_keys.insert(key.keyid);
  pins.threshold = document.root_threshold;
  pins.version = document.version;
  pins.digest = document.digest;
  pins.known_keys = document.root_keys;
  return pins;
}

}  // namespace engine::trust
