#pragma once
// The questions asked of an envelope before the log sees it: 1 to 12 of schemas/refusals.md, in
// that order: cheap before dear, and nothing parsed before it is trusted.
#include <functional>
#include <optional>
#include <variant>

#include "engine/bulletin.hpp"
#include "engine/places.hpp"
#include "engine/refusal.hpp"
#include "engine/trust/envelope.hpp"
#include "engine/trust/trust_document.hpp"

namespace engine {

struct AdmissionLimits {
  trust::EnvelopeLimits envelope;
  std::size_t vertices_max = 20'000;
  Duration sent_ahead_max = std::chrono::minutes{2};
  Duration sent_age_max = std::chrono::hours{24};
};

/// An admitted bulletin and what the log's writer needs for questions 13 to 15.
struct Candidate {
  BulletinPtr bulletin;
  int rate_per_hour = 0;
  bool rate_exempt = false;  // Extreme with two holders
};

/// A refusal after question 5 is known to be signed: then the log is asked whether it holds this
/// very bulletin already, before the sender hears no.
struct Refused {
  Refusal refusal;
  std::optional<BulletinId> signed_id;
};
using Verdict = std::variant<Candidate, Refused>;

/// Whether the log holds this bulletin already; asked after question 5, of what is known to be
/// signed. What it does is its own: the questions below are pure but for that.
using Known = std::function<bool(const BulletinId&)>;

/// Pure: no I/O, no memory, no waiting, so any thread may ask. Of what is known already nothing
/// else is asked: it is refused, as something the log has yet to be asked for.
Verdict decide(std::string_view body, const trust::TrustDocument& trust, const Places& places,
               Time now, const AdmissionLimits& limits = {}, const Known& known = {});

/// Signatures that an alert still needs: of distinct holders, one of them an originator's (of a
/// Cancel: one of somebody with the duty cancel).
struct Missing {
  int have = 0, need = 0;
  std::vector<std::string> could;  // holders whose signature would help
};

/// What a dry run knows before it asks the log.
struct Rehearsed {
  Candidate candidate;
  std::optional<Missing> missing;    // nothing: question 9 lets it through as it is
  std::vector<cap::Fault> warnings;  // of question 6
};

/// The same questions with any number of holders: too few are `missing`, and no refusal. Pure.
std::variant<Rehearsed, Refused> rehearse(std::string_view body, const trust::TrustDocument& trust,
                                          const Places& places, Time now,
                                          const AdmissionLimits& limits = {},
                                          const Known& known = {});

/// How many distinct holders an alert of this kind needs of that sender.
int holders_needed(const trust::Sender& sender, cap::Status status, cap::Severity severity);

}  // namespace engine
