#pragma once
// The world these tests ask about: two control rooms, London's and Manchester's, at 12:00:30 on the
// day of the alerts. Ann, Ben and Eve of London may do everything, Cat only approve, Dan only
// cancel. Another world is a changed TrustBuilder.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "engine/admission.hpp"
#include "tests/support/alert_builder.hpp"
#include "tests/support/trust_builder.hpp"

namespace tests {

inline constexpr std::string_view kManchesterRoom = "control@manchester.example.uk";

struct World {
  TrustBuilder trust;
  engine::Time now = at("2026-11-21T12:00:30Z");
  engine::AdmissionLimits limits;

  World() {
    trust.sender().officer("Ann").officer("Ben").officer("Eve");
    trust.officer("Cat", {.duties = {"approve"}}).officer("Dan", {.duties = {"cancel"}});
    trust.officer("Ann's spare", {.holder = "Ann"});
    trust.officer("Old", {.not_after = "2026-06-01T00:00:00Z"});
    trust.officer("New", {.not_before = "2026-12-01T00:00:00Z"});
    trust.officer("Lost").revoke("Lost", "2026-11-20T00:00:00Z");
    trust.sender(kManchesterRoom).areas({"E08000003"}).officer("Mia");
  }
  static World live() {
    World world;
    world.trust.live();
    return world;
  }

  KeyPtrs keys(const std::vector<std::string>& names) const {
    KeyPtrs found;
    for (const auto& name : names) found.push_back(&trust.key(name));
    return found;
  }
  engine::Verdict verdict(std::string_view body) const {
    return engine::decide(body, *trust.document(), engine::Places::builtin(), now, limits);
  }
  engine::Verdict verdict(const AlertBuilder& alert, const std::vector<std::string>& names) const {
    return verdict(alert.signed_by(keys(names)));
  }
};

/// "admitted", or the code of the refusal.
inline std::string outcome(const engine::Verdict& verdict) {
  const auto* refused = std::get_if<engine::Refused>(&verdict);
  return refused == nullptr ? "admitted" : std::string(engine::text(refused->refusal.code));
}

/// The refusal; a candidate stops the test.
inline engine::Refusal refusal_of(const engine::Verdict& verdict) {
  const auto* refused = std::get_if<engine::Refused>(&verdict);
  REQUIRE_MESSAGE(refused != nullptr, "it was admitted");
  return refused->refusal;
}

inline bool says(const engine::Refusal& refusal, std::string_view words) {
  return refusal.detail.find(words) != std::string::npos;
}

inline engine::cap::Identity earlier_alert(std::string_view sender = kControlRoom) {
  return {std::string(sender), "EX-2026-0000", at("2026-11-21T11:00:00Z")};
}

}  // namespace tests
