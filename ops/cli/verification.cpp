#include "ops/cli/verification.hpp"

#include <fmt/format.h>

#include <set>

#include "engine/admission.hpp"
#include "engine/cap/judge.hpp"
#include "ops/cli/keys.hpp"
#include "ops/cli/visible.hpp"
#include "ops/cli/words.hpp"

namespace ops::cli {

namespace trust = engine::trust;
namespace cap = engine::cap;

namespace {

Trouble untrue(std::string what) {
  return trouble(Exit::bad_signature, std::move(what), "do not act on it, and tell the sender");
}

/// Every key known, all of one sender, every signature true.
Outcome<std::vector<trust::OfficerRef>> signers_of(const engine::Envelope& envelope,
                                                   const trust::TrustDocument& document) {
  if (envelope.signatures.empty()) return untrue("it carries no signature");
  const auto message = trust::pre_authentication_encoding(envelope.payload_type, envelope.payload);
  std::vector<trust::OfficerRef> signers;
  for (const auto& block : envelope.signatures) {
    const auto found = document.find(block.keyid);
    if (!found) {
      return untrue(fmt::format("key {} is none of system {}", short_id(block.keyid),
                                visible(document.system)));
    }
    if (!signers.empty() && signers.front().sender != found->sender) {
      return untrue("its signers belong to different senders");
    }
    if (!trust::verify(found->officer->key.public_key, message, block.signature)) {
      return untrue(
          fmt::format("the signature of {} does not verify: these are not the bytes that "
                      "were signed",
                      visible(found->officer->key.holder)));
    }
    signers.push_back(*found);
  }
  return signers;
}

/// Whether the key could sign at that moment: in its validity, and not revoked.
Outcome<void> key_held(const trust::OfficerRef& signer, const trust::TrustDocument& document,
                       engine::Time sent, std::optional<engine::Time> admitted,
                       std::vector<std::string>& remarks) {
  const auto& officer = *signer.officer;
  const std::string holder = visible(officer.key.holder);
  const engine::Time moment = admitted.value_or(sent);
  if (moment < officer.not_before || moment >= officer.not_after) {
    return untrue(fmt::format("the key of {} was valid from {} to {}, and this is of {}", holder,
                              engine::format_time(officer.not_before),
                              engine::format_time(officer.not_after), engine::format_time(moment)));
  }
  const auto* revoked = document.revocation_of(officer.key.keyid);
  if (revoked == nullptr) return {};
  const std::string since = engine::format_time(revoked->since);
  if (!admitted || *admitted >= revoked->since) {
    return untrue(fmt::format("the key of {} is revoked since {} ({}){}", holder, since,
                              visible(revoked->reason),
                              admitted ? "" : ", and a thief can write any date into a file"));
  }
  remarks.push_back(fmt::format("the key of {} was revoked later, since {}: {}", holder, since,
                                visible(revoked->reason)));
  return {};
}

}  // namespace

Outcome<Verified> verify_envelope(const engine::Envelope& envelope,
                                  const trust::TrustDocument& document,
                                  std::optional<engine::Time> admitted) {
  if (envelope.payload_type != engine::kCapType) {
    return untrue(fmt::format("it holds {}, not an alert", visible(envelope.payload_type)));
  }
  const auto signers = signers_of(envelope, document);
  if (!signers) return signers.error();
  auto judgement = cap::judge(envelope.payload);
  if (!judgement.alert) {
    return trouble(Exit::refused, "it is truly signed, but it is not a CAP alert to be shown",
                   "tell the sender; tocsin alert check names the rules it breaks");
  }
  Verified verified;
  verified.id = trust::sha256(envelope.payload);
  verified.alert = std::move(*judgement.alert);
  verified.sender = signers->front().sender;
  const cap::Alert& alert = verified.alert;
  if (alert.sender != verified.sender->sender) {
    return untrue(fmt::format("it speaks for {} but was signed by officers of {}",
                              visible(alert.sender), visible(verified.sender->sender)));
  }
  if (system_of(alert) != document.system) {
    return untrue(fmt::format("it was signed for system {}, not for {}", visible(system_of(alert)),
                              visible(document.system)));
  }
  std::set<std::string> holders;
  for (const auto& signer : *signers) {
    if (auto held = key_held(signer, document, alert.sent, admitted, verified.remarks); !held) {
      return held.error();
    }
    holders.insert(signer.officer->key.holder);
    verified.signers.push_back({signer.officer->key.keyid, signer.officer->key.holder});
  }
  verified.holders = static_cast<int>(holders.size());
  verified.holders_needed =
      alert.msg_type == cap::MsgType::cancel
          ? 1
          : engine::holders_needed(*verified.sender, alert.status, cap::severity_of(alert));
  if (verified.holders < verified.holders_needed) {
    verified.remarks.push_back(fmt::format("signed by {} of the {} holders it takes: not complete",
                                           verified.holders, verified.holders_needed));
  }
  return verified;
}

std::string names_text(const std::vector<Signer>& signers) {
  std::string text;
  for (std::size_t i = 0; i < signers.size(); ++i) {
    if (i > 0) text += i + 1 == signers.size() ? " and " : ", ";
    text += visible(signers[i].holder);
  }
  return text;
}

}  // namespace ops::cli
