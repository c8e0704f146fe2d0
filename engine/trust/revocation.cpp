#include "engine/trust/revocation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "engine/limits.hpp"
#include "engine/trust/object_reader.hpp"
#include "engine/trust/strict_json.hpp"

namespace engine::trust {
namespace {

const Key* find_key(const std::vector<Key>& keys, const KeyId& keyid) {
  const auto found =
      std::find_if(keys.begin(), keys.end(), [&](const Key& key) { return key.keyid == keyid; });
  return found == keys.end() ? nullptr : &*found;
}

/// A key whose signature makes a revocation count: listed, and not revoked by the document itself.
const Key* find_signer(const TrustDocument& document, const KeyId& keyid) {
  return document.revocation_of(keyid) != nullptr ? nullptr
                                                  : find_key(document.revocation_keys, keyid);
}

/// The document without a revocation of the same key, or with a later one.
void take_away(TrustDocument& document, const Revoked& revoked) {
  for (Revoked& known : document.revoked) {
    if (known.keyid != revoked.keyid) continue;
    if (revoked.since < known.since) known = revoked;
    return;
  }
  document.revoked.push_back(revoked);
}

}  // namespace

Result<Revocation> parse_revocation(BytesView file) {
  auto parsed = parse_envelope(file, kRevocationEnvelopeLimits);
  if (const auto* refusal = std::get_if<Refusal>(&parsed)) {
    return Failure{"This is no signed revocation. " + refusal->detail};
  }
  Revocation revocation;
  revocation.envelope = std::get<Envelope>(std::move(parsed));
  if (revocation.envelope.payload_type != kRevocationType) {
    return Failure{
        fmt::format("This is an envelope of another type than {}; give a signed "
                    "revocation.",
                    kRevocationType)};
  }
  const auto value = parse_strict_json(revocation.envelope.payload);
  if (!value) return Failure{"The revocation cannot be read. " + value.error().what};
  std::string fault;
  ObjectReader reader(*value, "", fault);
  revocation.system = reader.text("system");
  const auto octets = from_hex(reader.text("keyid"));
  const auto keyid = octets ? exactly<32>(*octets) : std::nullopt;
  if (!keyid) reader.fail("keyid", "must be 64 lower-case hexadecimal digits");
  revocation.revoked.keyid = keyid.value_or(KeyId{});
  revocation.revoked.since = reader.time("since");
  revocation.revoked.reason = reader.note("reason");
  revocation.issued = reader.time("issued");
  if (!fault.empty()) return Failure{"The revocation's " + fault + "."};
  return revocation;
}

std::string revocation_payload(const std::string& system, const Revoked& revoked, Time issued) {
  return boost::json::serialize(boost::json::object{{"system", system},
                                                    {"keyid", to_hex(view(revoked.keyid))},
                                                    {"since", format_time(revoked.since)},
                                                    {"reason", revoked.reason},
                                                    {"issued", format_time(issued)}});
}

std::optional<std::string> fault_of(const Revocation& revocation, const TrustDocument& document) {
  if (revocation.system != document.system) {
    return fmt::format("The revocation is for another system than {}; make one for this system.",
                       document.system);
  }
  const KeyId& named = revocation.revoked.keyid;
  if (find_key(document.root_keys, named) != nullptr ||
      find_key(document.revocation_keys, named) != nullptr) {
    return fmt::format(
        "The revocation names {}, a root or revocation key: those are replaced by a new trust "
        "document that the roots sign.",
        to_hex(view(named)));
  }
  const Envelope& envelope = revocation.envelope;
  const Bytes message = pre_authentication_encoding(envelope.payload_type, envelope.payload);
  bool any = false;
  for (const SignatureBlock& block : envelope.signatures) {
    const Key* key = find_signer(document, block.keyid);
    if (key == nullptr) continue;
    if (!verify(key->public_key, message, block.signature)) {
      return fmt::format(
          "The revocation's signature by {} does not verify; fetch it again, or have "
          "it signed again.",
          to_hex(view(block.keyid)));
    }
    any = true;
  }
  if (any) return std::nullopt;
  return fmt::format(
      "The revocation is signed by none of the {} revocation keys of trust document version {}; "
      "have one of them sign it.",
      document.revocation_keys.size(), document.version);
}

void drop_strangers(Revocation& revocation, const TrustDocument& document) {
  std::erase_if(revocation.envelope.signatures, [&](const SignatureBlock& block) {
    return find_signer(document, block.keyid) == nullptr;
  });
}

TrustPtr with_revocations(const TrustPtr& document, const std::vector<Revocation>& revocations) {
  std::shared_ptr<TrustDocument> changed;
  for (const Revocation& revocation : revocations) {
    if (fault_of(revocation, *document)) continue;
    if (changed == nullptr) changed = std::make_shared<TrustDocument>(*document);
    take_away(*changed, revocation.revoked);
  }
  if (changed == nullptr) return document;
  index_officers(*changed);  // the copy's officers are others than the document's
  return changed;
}

bool covered(const Revocation& revocation, const TrustDocument& document) {
  const Revoked* known = document.revocation_of(revocation.revoked.keyid);
  return known != nullptr && known->since <= revocation.revoked.since;
}

std::string revocation_lines(const std::vector<Revocation>& revocations) {
  std::string lines;
  for (const Revocation& revocation : revocations) {
    lines += envelope_json(revocation.envelope) + "\n";
  }
  return lines;
}

Result<std::vector<Revocation>> parse_revocation_lines(BytesView text) {
  std::vector<Revocation> revocations;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const BytesView line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) continue;
    if (revocations.size() == limits::kRevocationsMax) {
      return Failure{
          fmt::format("There are more than {} revocations; have a new trust document "
                      "list them.",
                      limits::kRevocationsMax)};
    }
    auto revocation = parse_revocation(line);
    if (!revocation) return revocation.error();
    revocations.push_back(*std::move(revocation));
  }
  return revocations;
}

}  // namespace engine::trust
