#include "engine/admission.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/cap/judge.hpp"
#include "engine/trust/admission_words.hpp"
#include "engine/trust/signature.hpp"

namespace engine {
namespace {

using trust::Officer;
using trust::Sender;
using trust::TrustDocument;

/// What a question says: a refusal, or nothing.
using Answer = std::optional<Refusal>;

/// Those whose keys signed: officers of one sender, in the envelope's order.
struct Signers {
  const Sender* sender = nullptr;
  std::vector<const Officer*> officers;

  bool any_may(bool trust::Duties::*duty) const {
    return std::any_of(officers.begin(), officers.end(),
                       [&](const Officer* officer) { return officer->duties.*duty; });
  }
  bool has_signed(std::string_view holder) const {
    return std::any_of(officers.begin(), officers.end(),
                       [&](const Officer* officer) { return officer->key.holder == holder; });
  }
  /// A person with two keys is one holder.
  int holders() const {
    std::set<std::string_view> distinct;
    for (const Officer* officer : officers) distinct.insert(officer->key.holder);
    return static_cast<int>(distinct.size());
  }
};

/// A dry run may ask before everybody has signed.
enum class Holders { enough, any };

/// What questions 7 to 12 look at.
struct Case {
  const cap::Alert& alert;
  const Signers& signers;
  const TrustDocument& document;
  const Places& places;
  Time now;
  const AdmissionLimits& limits;
  Holders holders;

  bool is_cancel() const { return alert.msg_type == cap::MsgType::cancel; }
};

Refusal refuse(Code code, std::string detail) {
  Refusal refusal;
  refusal.code = code;
  refusal.detail = std::move(detail);
  return refusal;
}

// Question 3.
Answer ask_type(const Envelope& envelope) {
  if (envelope.payload_type == kCapType) return std::nullopt;
  return refuse(Code::unsupported_type,
                fmt::format("The payloadType is {}. Sign the alert as {}.",
                            quoted(envelope.payload_type), quoted(kCapType)));
}

const trust::Revoked* revoked_by_now(const TrustDocument& document, const KeyId& keyid, Time now) {
  const trust::Revoked* revoked = document.revocation_of(keyid);
  return revoked != nullptr && revoked->since <= now ? revoked : nullptr;
}

Refusal key_revoked(const KeyId& keyid, const trust::Revoked& revoked) {
  return refuse(Code::key_revoked,
                fmt::format("Key {} was revoked on {} ({}). Sign with another key.", name_of(keyid),
                            format_time(revoked.since), quoted(revoked.reason)));
}

/// Question 4 of one signature; adds its officer to `signers`.
Answer ask_key(const KeyId& keyid, const TrustDocument& document, Time now, Signers& signers) {
  const trust::Revoked* revoked = revoked_by_now(document, keyid, now);
  const auto found = document.find(keyid);
  if (!found && revoked != nullptr) return key_revoked(keyid, *revoked);
  if (!found) {
    return refuse(Code::unknown_key,
                  fmt::format("Key {} is in no sender of trust document version {}. Sign with an "
                              "officer's key, or have this one added to the trust document.",
                              name_of(keyid), document.version));
  }
  const auto& [sender, officer] = *found;
  if (signers.sender != nullptr && signers.sender != sender) {
    return refuse(
        Code::unknown_key,
        fmt::format("Key {} belongs to {}, and a key before it to {}. All signatures of "
                    "an alert must be of one sender's officers.",
                    name_of(keyid), quoted(sender->sender), quoted(signers.sender->sender)));
  }
  if (now < officer->not_before || now >= officer->not_after) {
    return refuse(
        Code::key_expired,
        fmt::format("Key {} of {} is valid from {} until {}, and it is {}. Sign with a "
                    "key that is valid now.",
                    name_of(keyid), quoted(officer->key.holder), format_time(officer->not_before),
                    format_time(officer->not_after), format_time(now)));
  }
  if (revoked != nullptr) return key_revoked(keyid, *revoked);
  signers.sender = sender;
  signers.officers.push_back(officer);
  return std::nullopt;
}

// Question 4: the first fault in the envelope's order decides.
Answer ask_keys(const Envelope& envelope, const TrustDocument& document, Time now,
                Signers& signers) {
  for (const auto& block : envelope.signatures) {
    if (Answer refusal = ask_key(block.keyid, document, now, signers)) return refusal;
  }
  return std::nullopt;
}

// Question 5. No further signature is tried after one that fails.
Answer ask_signatures(const Envelope& envelope, const Signers& signers) {
  const Bytes message = trust::pre_authentication_encoding(envelope.payload_type, envelope.payload);
  for (std::size_t i = 0; i < envelope.signatures.size(); ++i) {
    const Officer& officer = *signers.officers[i];
    if (trust::verify(officer.key.public_key, message, envelope.signatures[i].signature)) continue;
    return refuse(Code::bad_signature,
                  fmt::format("The signature by key {} of {} does not verify: the alert or the "
                              "signature was changed after signing. Sign these very bytes again.",
                              name_of(officer.key.keyid), quoted(officer.key.holder)));
  }
  return std::nullopt;
}

// Question 6.
Refusal invalid_alert(cap::Judgement judgement) {
  const std::size_t count = judgement.errors.size();
  std::string detail = "The alert could not be read. Check it before it is signed.";
  if (count > 0) {
    detail = fmt::format("The alert breaks {}, first {} at {}: {}",
                         count == 1 ? "a rule" : fmt::format("{} rules", count),
                         judgement.errors.front().rule, judgement.errors.front().where,
                         judgement.errors.front().message);
  }
  Refusal refusal = refuse(Code::invalid_alert, std::move(detail));
  refusal.errors = std::move(judgement.errors);
  return refusal;
}

// Question 7.
Answer ask_system(const Case& c) {
  constexpr std::string_view prefix = "system:";
  const std::string own = std::string(prefix) + c.document.system;
  std::vector<std::string_view> named;
  for (const auto& code : c.alert.codes) {
    if (code.starts_with(prefix)) named.push_back(code);
  }
  const std::string advice =
      fmt::format("An alert for this system has exactly one such code, <code>{}</code>.", own);
  if (named.empty()) {
    return refuse(Code::wrong_system, "The alert has no <code> that names a system. " + advice);
  }
  if (named.size() > 1) {
    return refuse(Code::wrong_system,
                  fmt::format("The alert names {} systems. {}", named.size(), advice));
  }
  if (named.front() != own) {
    return refuse(Code::wrong_system,
                  fmt::format("The alert is for {}. {}", quoted(named.front()), advice));
  }
  const cap::Status status = c.alert.status;
  const bool drill = status == cap::Status::exercise || status == cap::Status::test;
  const bool live = c.document.kind == trust::SystemKind::live;
  if (drill || (live && status == cap::Status::actual)) return std::nullopt;
  return refuse(Code::wrong_system,
                fmt::format("The status is {}, and this {} system takes {}. Set the status it is "
                            "meant to have, and sign it again.",
                            cap::text(status), live ? "live" : "exercise",
                            live ? "Actual, Exercise and Test" : "Exercise and Test only"));
}

Refusal outside(std::string detail) { return refuse(Code::outside_authority, std::move(detail)); }

/// Whose signature would help: their keys are valid now, the duties fit, and they have not signed.
template <class Fits>
std::vector<std::string> who_could(const Case& c, Fits fits) {
  std::vector<std::string> could;
  for (const Officer& officer : c.signers.sender->officers) {
    const std::string& holder = officer.key.holder;
    const bool valid = officer.not_before <= c.now && c.now < officer.not_after &&
                       revoked_by_now(c.document, officer.key.keyid, c.now) == nullptr;
    const bool known = std::find(could.begin(), could.end(), holder) != could.end();
    if (valid && fits(officer.duties) && !known && !c.signers.has_signed(holder)) {
      could.push_back(holder);
    }
  }
  return could;
}

std::string next_signer(const std::vector<std::string>& could) {
  if (could.empty()) return "Nobody else could sign: the trust document has to name more officers.";
  return fmt::format("Have it signed as well by {}{}.", could.size() > 1 ? "one of " : "",
                     listed(could));
}

/// The signatures it does not have yet.
std::optional<Missing> missing_of(const Case& c) {
  if (c.is_cancel()) {
    if (c.signers.any_may(&trust::Duties::cancel)) return std::nullopt;
    return Missing{0, 1, who_could(c, [](const trust::Duties& duties) { return duties.cancel; })};
  }
  const int need = holders_needed(*c.signers.sender, c.alert.status, cap::severity_of(c.alert));
  const int have = c.signers.holders();
  const bool originated = c.signers.any_may(&trust::Duties::originate);
  if (have >= need && originated) return std::nullopt;

  Missing missing;
  missing.need = need;
  missing.have = originated ? have : std::min(have, need - 1);  // one place is an originator's
  const bool only_originate = !originated && missing.have == need - 1;
  missing.could = who_could(c, [&](const trust::Duties& duties) {
    return duties.originate || (duties.approve && !only_originate);
  });
  return missing;
}

// Question 8, of the officers.
Answer ask_duties(const Case& c) {
  if (c.is_cancel()) {
    const auto missing = missing_of(c);
    if (!missing || c.holders == Holders::any) return std::nullopt;
    return outside("None of those who signed has the duty cancel. " + next_signer(missing->could));
  }
  for (const Officer* officer : c.signers.officers) {
    if (officer->duties.originate || officer->duties.approve) continue;
    return outside(
        fmt::format("{} has neither the duty originate nor approve, and may not sign "
                    "this {}. Have it signed without that key.",
                    quoted(officer->key.holder), cap::text(c.alert.msg_type)));
  }
  return std::nullopt;
}

// Question 8, of what the alert says.
Answer ask_authority(const Case& c) {
  const trust::Authority& may = c.signers.sender->authority;
  const std::string who = quoted(c.signers.sender->sender);
  if (const auto place = c.places.first_outside(c.alert, may.areas)) {
    return outside(
        fmt::format("The alert's {} lies outside the areas of {} ({}). Draw the area "
                    "smaller, or ask the sender whose area it is.",
                    *place, who, listed(may.areas)));
  }
  for (const auto& info : c.alert.infos) {
    for (const cap::Category category : info.categories) {
      if ((may.categories & cap::bit(category)) != 0) continue;
      return outside(fmt::format("Category {} is not among those of {}. Choose one that is.",
                                 cap::text(category), who));
    }
  }
  const cap::Severity severity = cap::severity_of(c.alert);
  if (cap::rank(severity) > cap::rank(may.max_severity)) {
    return outside(fmt::format("Severity {} is above {}, the highest of {}{}.", cap::text(severity),
                               cap::text(may.max_severity), who,
                               severity == cap::Severity::unknown
                                   ? ": Unknown counts as Extreme. Say how severe it is"
                                   : ". Lower it, or ask a sender who may say this"));
  }
  if (!may.statuses.contains(c.alert.status)) {
    return outside(fmt::format("Status {} is not among those of {}. Choose one that is.",
                               cap::text(c.alert.status), who));
  }
  if (!may.scopes.contains(c.alert.scope)) {
    return outside(fmt::format("Scope {} is not among those of {}. Choose one that is.",
                               cap::text(c.alert.scope), who));
  }
  return std::nullopt;
}

// Question 8.
Answer ask_sender(const Case& c) {
  const Sender& own = *c.signers.sender;
  if (c.alert.sender != own.sender) {
    return outside(
        fmt::format("The alert's sender is {}, and those who signed are officers of {}. "
                    "Write the latter as its sender, and sign it again.",
                    quoted(c.alert.sender), quoted(own.sender)));
  }
  if (Answer refusal = ask_duties(c)) return refusal;
  return c.is_cancel() ? std::nullopt : ask_authority(c);
}

// Question 9. A Cancel's one holder was asked for in question 8.
Answer ask_holders(const Case& c) {
  if (c.is_cancel() || c.holders == Holders::any) return std::nullopt;
  auto missing = missing_of(c);
  if (!missing) return std::nullopt;
  Refusal refusal;
  refusal.code = Code::needs_approval;
  refusal.have = missing->have;
  refusal.need = missing->need;
  refusal.could = std::move(missing->could);
  refusal.detail = fmt::format(
      "This {} {} of severity {} needs {}, one of them with the duty originate; {} counted. {}",
      cap::text(c.alert.status), cap::text(c.alert.msg_type), cap::text(cap::severity_of(c.alert)),
      refusal.need == 1 ? "1 officer's signature"
                        : fmt::format("{} officers' signatures", refusal.need),
      refusal.have, next_signer(refusal.could));
  return refusal;
}

// Question 10.
Answer ask_references(const Case& c) {
  for (const auto& named : c.alert.references) {
    if (named.sender == c.alert.sender) continue;
    return refuse(
        Code::foreign_reference,
        fmt::format("The alert refers to {} of {}. A sender may name its own alerts only: "
                    "ask that sender to act, or send an Alert of your own.",
                    quoted(named.identifier), quoted(named.sender)));
  }
  return std::nullopt;
}

// Question 11.
Answer ask_times(const Case& c) {
  const Time sent = c.alert.sent;
  if (sent > c.now + c.limits.sent_ahead_max) {
    return refuse(Code::sent_in_future,
                  fmt::format("The alert was sent at {}, and it is {} here. Set the clock, and "
                              "sign it again.",
                              format_time(sent), format_time(c.now)));
  }
  if (c.is_cancel()) return std::nullopt;
  if (sent < c.now - c.limits.sent_age_max) {
    return refuse(Code::too_old,
                  fmt::format("The alert was sent at {}, and it is {} now. Draft it anew.",
                              format_time(sent), format_time(c.now)));
  }
  const Time expires = cap::expires_of(c.alert);
  if (expires > c.now) return std::nullopt;
  return refuse(Code::expired,
                fmt::format("The alert expired at {}, and it is {} now. If it still holds, draft "
                            "it anew with a later expires.",
                            format_time(expires), format_time(c.now)));
}

bool says_where(const cap::Area& area, const Places& places) {
  if (!area.polygons.empty() || !area.circles.empty()) return true;
  return std::any_of(area.geocodes.begin(), area.geocodes.end(), [&](const cap::NamedValue& code) {
    return code.name == kGeocodeName && places.find(code.value) != nullptr;
  });
}

// Question 12. No place means no alert, never everywhere.
Answer ask_where(const Case& c) {
  const bool asked =
      c.alert.msg_type == cap::MsgType::alert || c.alert.msg_type == cap::MsgType::update;
  if (!asked) return std::nullopt;
  constexpr std::string_view advice =
      "Give it a polygon, a circle or a geocode with valueName ONS and a GSS code known here.";
  if (c.alert.infos.empty()) {
    return refuse(Code::no_place, fmt::format("The alert has no info, so no area. {}", advice));
  }
  for (std::size_t i = 0; i < c.alert.infos.size(); ++i) {
    const auto& areas = c.alert.infos[i].areas;
    if (areas.empty()) {
      return refuse(Code::no_place, fmt::format("info[{}] has no area. {}", i + 1, advice));
    }
    for (std::size_t k = 0; k < areas.size(); ++k) {
      if (says_where(areas[k], c.places)) continue;
      return refuse(Code::no_place,
                    fmt::format("info[{}]/area[{}], {}, does not say where. {}", i + 1, k + 1,
                                quoted(areas[k].description), advice));
    }
  }
  return std::nullopt;
}

Candidate candidate(Envelope envelope, const BulletinId& id, const Case& c) {
  const cap::Alert& alert = c.alert;
  const Signers& signers = c.signers;
  const bool warns =
      alert.msg_type == cap::MsgType::alert || alert.msg_type == cap::MsgType::update;
  Candidate candidate;
  candidate.rate_per_hour = signers.sender->rate_per_hour;
  candidate.rate_exempt =
      warns && cap::rank(cap::severity_of(alert)) == 4 && signers.holders() >= 2;
  cap::Outline outline = cap::outline_of(alert);
  c.places.complete(outline);
  candidate.bulletin =
      std::make_shared<const Bulletin>(Bulletin{id, std::move(envelope), std::move(outline)});
  return candidate;
}

/// What both ways of asking share.
struct Ask {
  const TrustDocument& trust;
  const Places& places;
  Time now;
  const AdmissionLimits& limits;
  Holders holders;
  const Known& known;
};

Refusal in_the_log() {
  Refusal refusal = refuse(Code::log_unavailable,
                           "It is in the log already, which does not say where at the moment. Send "
                           "it again in a moment.");
  refusal.retry_after_s = 1;
  return refusal;
}

std::variant<Rehearsed, Refused> ask_all(std::string_view body, const Ask& ask) {
  auto parsed = trust::parse_envelope(body, ask.limits.envelope);  // questions 1 and 2
  if (auto* refusal = std::get_if<Refusal>(&parsed)) return Refused{std::move(*refusal), {}};
  auto& envelope = std::get<Envelope>(parsed);

  Signers signers;
  if (Answer refusal = ask_type(envelope)) return Refused{std::move(*refusal), {}};
  if (Answer refusal = ask_keys(envelope, ask.trust, ask.now, signers))
    return Refused{std::move(*refusal), {}};
  if (Answer refusal = ask_signatures(envelope, signers)) return Refused{std::move(*refusal), {}};

  const BulletinId id = trust::sha256(envelope.payload);
  if (ask.known && ask.known(id)) return Refused{in_the_log(), id};
  cap::Profile profile;
  profile.vertices_max = ask.limits.vertices_max;
  cap::Judgement judgement = cap::judge(envelope.payload, profile);
  if (!judgement.errors.empty() || !judgement.alert) {
    return Refused{invalid_alert(std::move(judgement)), id};
  }

  const Case c{*judgement.alert, signers, ask.trust, ask.places, ask.now, ask.limits, ask.holders};
  constexpr std::array questions{ask_system,     ask_sender, ask_holders,  // 7 to 12
                                 ask_references, ask_times,  ask_where};
  for (const auto& question : questions) {
    if (Answer refusal = question(c)) return Refused{std::move(*refusal), id};
  }
  Rehearsed rehearsed;
  rehearsed.missing = missing_of(c);
  rehearsed.candidate = candidate(std::move(envelope), id, c);
  rehearsed.warnings = std::move(judgement.warnings);
  return rehearsed;
}

}  // namespace

int holders_needed(const Sender& sender, cap::Status status, cap::Severity severity) {
  int holders = 0;
  for (const auto& rule : sender.approvals) {
    const bool matches =
        rule.status == status && cap::rank(severity) >= cap::rank(rule.severity_at_least);
    if (matches) holders = std::max(holders, rule.holders);
  }
  if (holders > 0) return holders;
  return status == cap::Status::actual ? 2 : 1;
}

Verdict decide(std::string_view body, const TrustDocument& trust, const Places& places, Time now,
               const AdmissionLimits& limits, const Known& known) {
  auto answer = ask_all(body, {trust, places, now, limits, Holders::enough, known});
  if (auto* refused = std::get_if<Refused>(&answer)) return std::move(*refused);
  return std::get<Rehearsed>(std::move(answer)).candidate;
}

std::variant<Rehearsed, Refused> rehearse(std::string_view body, const TrustDocument& trust,
                                          const Places& places, Time now,
                                          const AdmissionLimits& limits, const Known& known) {
  return ask_all(body, {trust, places, now, limits, Holders::any, known});
}

}  // namespace engine
