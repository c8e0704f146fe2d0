#include "ops/cli/verification.hpp"

#include <fmt/format.h>

#include <algorithm>
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
  if (!admitted || sent >= revoked->since || *admitted >= revoked->since) {
    const std::string_view why = !admitted ? ", and a thief can write any date into a file"
                                 : sent >= revoked->since ? ", before this was sent"
                                                          : ", before this was admitted";
    return untrue(fmt::format("the key of {} is revoked since {} ({}){}", holder, since,
                              visible(revoked->reason), why));
  }
  remarks.push_back(fmt::format("the key of {} was revoked later, since {}: {}", holder, since,
                                visible(revoked->reason)));
  return {};
}

/// Exactly one system is named, this one, and the status is one that it takes.
Outcome<void> made_for(const cap::Alert& alert, const trust::TrustDocument& document) {
  const auto names_one = [](const std::string& code) { return code.starts_with("system:"); };
  if (std::count_if(alert.codes.begin(), alert.codes.end(), names_one) > 1) {
    return untrue("it was signed for more than one system");
  }
  if (system_of(alert) != document.system) {
    return untrue(fmt::format("it was signed for system {}, not for {}", visible(system_of(alert)),
                              visible(document.system)));
  }
  const bool drill = alert.status == cap::Status::exercise || alert.status == cap::Status::test;
  const bool live = document.kind == trust::SystemKind::live;
  if (drill || (live && alert.status == cap::Status::actual)) return {};
  return untrue(fmt::format("no {} system takes the status {}", live ? "live" : "exercise",
                            cap::text(alert.status)));
}

/// Whether an engine could have admitted it at that moment, by question 11. Nobody signed
/// `admitted`, so an engine that lies about it gains no more than a day.
bool could_arrive(const cap::Alert& alert, engine::Time admitted) {
  const engine::AdmissionLimits limits;
  if (alert.sent > admitted + limits.sent_ahead_max) return false;
  return alert.msg_type == cap::MsgType::cancel || alert.sent >= admitted - limits.sent_age_max;
}

bool within(const trust::Authority& authority, const cap::Alert& alert) {
  const auto allowed = [&](const cap::Info& info) {
    return std::all_of(info.categories.begin(), info.categories.end(), [&](cap::Category category) {
      return (authority.categories & cap::bit(category)) != 0;
    });
  };
  return authority.statuses.contains(alert.status) && authority.scopes.contains(alert.scope) &&
         cap::rank(cap::severity_of(alert)) <= cap::rank(authority.max_severity) &&
         std::all_of(alert.infos.begin(), alert.infos.end(), allowed);
}

bool any_may(const std::vector<trust::OfficerRef>& signers, bool trust::Duties::*duty) {
  return std::any_of(signers.begin(), signers.end(),
                     [&](const trust::OfficerRef& signer) { return signer.officer->duties.*duty; });
}

/// Why no engine that goes by this document takes it, whoever else signs; empty where one could.
/// Places are left to the engine, which may know newer ones than this program.
std::string_view why_never(const Verified& verified,
                           const std::vector<trust::OfficerRef>& signers) {
  const cap::Alert& alert = verified.alert;
  const auto foreign = [&](const cap::Identity& named) { return named.sender != alert.sender; };
  if (std::any_of(alert.references.begin(), alert.references.end(), foreign)) {
    return "it names alerts of another sender";
  }
  if (alert.msg_type == cap::MsgType::cancel) {
    return any_may(signers, &trust::Duties::cancel) ? "" : "nobody who signed it may cancel";
  }
  const auto may_speak = [](const trust::OfficerRef& signer) {
    return signer.officer->duties.originate || signer.officer->duties.approve;
  };
  if (!std::all_of(signers.begin(), signers.end(), may_speak)) {
    return "somebody signed it who may only cancel";
  }
  return within(verified.sender->authority, alert) ? "" : "it lies outside what its sender may say";
}

/// The signatures that it lacks, by question 9.
std::string what_is_missing(const Verified& verified,
                            const std::vector<trust::OfficerRef>& signers) {
  if (verified.holders < verified.holders_needed) {
    return fmt::format("signed by {} of the {} holders it takes", verified.holders,
                       verified.holders_needed);
  }
  const bool speaks = verified.alert.msg_type != cap::MsgType::cancel;
  return speaks && !any_may(signers, &trust::Duties::originate)
             ? "nobody who signed it may originate an alert"
             : "";
}

Trouble not_taken(std::string_view why) {
  return untrue(fmt::format("{}, so by this trust document no engine takes it", why));
}

/// What verify_envelope asks, and whether anything speaks against it that no signature mends.
Outcome<Verified> verify_authority(const engine::Envelope& envelope,
                                   const trust::TrustDocument& document,
                                   std::optional<engine::Time> admitted) {
  auto verified = verify_envelope(envelope, document, admitted);
  if (!verified) return verified;
  std::vector<trust::OfficerRef> signers;
  for (const auto& block : envelope.signatures) signers.push_back(*document.find(block.keyid));
  const std::string_view why = why_never(*verified, signers);
  if (!why.empty()) return not_taken(why);
  return verified;
}

}  // namespace

Outcome<Verified> verify_unsent(const engine::Envelope& envelope,
                                const trust::TrustDocument& document) {
  return verify_authority(envelope, document, {});
}

Outcome<Verified> verify_taken(const engine::Envelope& envelope,
                               const trust::TrustDocument& document,
                               std::optional<engine::Time> admitted) {
  auto verified = verify_authority(envelope, document, admitted);
  if (!verified) return verified;
  if (admitted && !could_arrive(verified->alert, *admitted)) {
    return untrue(fmt::format("it is of {} and no engine takes that at {}, as this one says",
                              engine::format_time(verified->alert.sent),
                              engine::format_time(*admitted)));
  }
  if (!verified->waits_for.empty()) return not_taken(verified->waits_for);
  return verified;
}

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
  if (auto here = made_for(alert, document); !here) return here.error();
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
  verified.waits_for = what_is_missing(verified, *signers);
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
