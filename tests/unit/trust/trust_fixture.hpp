#pragma once
// People with keys, and trust documents made of them, for the tests of this folder.
#include <map>
#include <string>
#include <vector>

#include "engine/trust/authoring.hpp"
#include "engine/trust/envelope.hpp"

namespace tests {

using Signers = std::vector<std::string>;

/// The key of that name, made when it is first asked for. The name's first word is its holder:
/// "ann" and "ann again" are two keys of one person.
inline const engine::trust::SigningKey& key_of(const std::string& name) {
  static std::map<std::string, engine::trust::SigningKey> keys;
  const auto found = keys.find(name);
  if (found != keys.end()) return found->second;
  return keys.emplace(name, engine::trust::SigningKey::generate()).first->second;
}

inline engine::trust::Key key(const std::string& name) {
  const auto& pair = key_of(name);
  return {pair.keyid(), pair.public_key(), name.substr(0, name.find(' '))};
}

inline engine::Time at(std::string_view text) { return engine::parse_time(text).value(); }

/// Roots ann, ben and cat, of whom two must sign; one control room with two officers.
inline engine::trust::TrustDocument draft() {
  using namespace engine;
  trust::TrustDocument document;
  document.system = "exercise-gb";
  document.version = 7;
  document.issued = at("2026-11-01T00:00:00Z");
  document.expires = at("2027-11-01T00:00:00Z");
  document.root_threshold = 2;
  document.root_keys = {key("ann"), key("ben"), key("cat")};
  document.revocation_keys = {key("dan")};
  trust::Sender sender;
  sender.sender = "control@example.police.uk";
  sender.name = "Example Police";
  const trust::Duties duties{.originate = true, .approve = true, .cancel = true};
  for (const auto* name : {"eve", "fay"}) {
    sender.officers.push_back(
        {key(name), duties, at("2026-11-01T00:00:00Z"), at("2027-05-01T00:00:00Z")});
  }
  sender.officers.back().duties.originate = false;
  sender.authority.areas = {"E12000007", "*"};
  sender.authority.categories = static_cast<cap::CategorySet>(cap::bit(cap::Category::safety) |
                                                              cap::bit(cap::Category::fire));
  sender.authority.max_severity = cap::Severity::severe;
  sender.authority.statuses = {cap::Status::exercise, cap::Status::test};
  sender.authority.scopes = {cap::Scope::public_};
  sender.approvals = {{cap::Status::exercise, cap::Severity::severe, 2}};
  sender.rate_per_hour = 30;
  document.senders = {sender};
  document.revoked = {{key("guy").keyid, at("2026-10-01T00:00:00Z"), "Lost on a train."}};
  return document;
}

/// The envelope of that payload with those signatures, whatever the payload says.
inline std::string sealed(const std::string& payload, const Signers& signers,
                          std::string_view type = engine::trust::kTrustType) {
  engine::Envelope envelope{std::string(type), payload, {}};
  for (const auto& name : signers) {
    envelope.signatures.push_back(key_of(name).sign(type, payload));
  }
  return engine::trust::envelope_json(envelope);
}

inline std::string sealed(const engine::trust::TrustDocument& document, const Signers& signers) {
  return sealed(engine::trust::trust_payload_json(document), signers);
}

/// Why it was not done; empty where it was.
template <class Result>
std::string fault(const Result& result) {
  return result.has_value() ? std::string{} : result.error().what;
}

inline bool mentions(const std::string& text, std::string_view words) {
  return text.find(words) != std::string::npos;
}

}  // namespace tests
