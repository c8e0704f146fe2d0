// What the command line calls verified: nothing that an engine by the same trust document would not
// have taken, whatever the engine says.
#include "ops/cli/verification.hpp"

#include <doctest/doctest.h>

#include "ops/cli/records.hpp"
#include "tests/support/alert_builder.hpp"
#include "tests/support/trust_builder.hpp"

using namespace tests;
using ops::cli::Bulletins;
using ops::cli::verify_envelope;
using ops::cli::verify_item;
using ops::cli::verify_unsent;
namespace cap = engine::cap;

namespace {

TrustBuilder control_room() {
  TrustBuilder world;
  world.sender().officer("Ann").officer("Ben").officer("Cas", {.duties = {"cancel"}});
  world.approval("Exercise", "Severe", 2);
  return world;
}

/// Why the engine's word for it is not taken; empty where it is.
std::string why_not(const TrustBuilder& world, const AlertBuilder& alert, const KeyPtrs& keys) {
  Bulletins::Item item;
  item.envelope = alert.envelope(keys);
  item.id = engine::to_hex(engine::view(engine::trust::sha256(item.envelope.payload)));
  item.sequence = 1;
  item.admitted = alert.alert().sent;
  const auto verified = verify_item(item, *world.document());
  return verified ? "" : verified.error().what;
}
bool holds(std::string_view why, std::string_view words) {
  return why.find(words) != std::string_view::npos;
}

}  // namespace

TEST_CASE("What an engine says it took needs all that admission asks of those who signed") {
  TrustBuilder world = control_room();
  const KeyPtrs ann{&world.key("Ann")}, cas{&world.key("Cas")};
  const KeyPtrs both{&world.key("Ann"), &world.key("Ben")};
  AlertBuilder severe, minor, cancel, foreign, fire;
  severe.severity(cap::Severity::severe);
  minor.severity(cap::Severity::minor);
  cancel.identifier("C").cancel(minor.identity());
  foreign.identifier("F").update({"other@example.org", "X", minor.alert().sent});
  CHECK(why_not(world, severe, both).empty());
  CHECK(why_not(world, minor, ann).empty());
  CHECK(why_not(world, cancel, cas).empty());
  CHECK(holds(why_not(world, severe, ann), "1 of the 2 holders"));
  CHECK(holds(why_not(world, minor, cas), "may only cancel"));
  CHECK(holds(why_not(world, foreign, both), "another sender"));
  world.categories({"Met"}).max_severity("Minor");
  CHECK(holds(why_not(world, severe, both), "outside"));
}

TEST_CASE("An envelope may wait for signatures but not name two systems or another kind of one") {
  const TrustBuilder world = control_room();
  const KeyPtrs ann{&world.key("Ann")};
  AlertBuilder waiting, two, actual;
  waiting.severity(cap::Severity::severe);
  two.codes({"system:exercise-gb", "system:live-gb"});
  actual.status(cap::Status::actual);
  const auto verify = [&](const AlertBuilder& alert) {
    return verify_envelope(alert.envelope(ann), *world.document(), std::nullopt);
  };
  const auto waits = verify(waiting);
  REQUIRE(waits.has_value());
  CHECK(waits->waits_for == "signed by 1 of the 2 holders it takes");
  REQUIRE_FALSE(verify(two).has_value());
  CHECK(holds(verify(two).error().what, "more than one system"));
  REQUIRE_FALSE(verify(actual).has_value());
  CHECK(holds(verify(actual).error().what, "Actual"));
}

TEST_CASE("A file holds only where no signature but further ones stands between it and an engine") {
  TrustBuilder world = control_room();
  world.officer("Dan", {.duties = {"approve"}});
  const KeyPtrs ann{&world.key("Ann")}, cas{&world.key("Cas")}, dan{&world.key("Dan")};
  const KeyPtrs both{&world.key("Ann"), &world.key("Ben")};
  AlertBuilder severe, minor, cancel, foreign;
  severe.severity(cap::Severity::severe);
  minor.severity(cap::Severity::minor);
  cancel.identifier("C").cancel(minor.identity());
  foreign.identifier("F").update({"other@example.org", "X", minor.alert().sent});
  const auto verify = [&](const AlertBuilder& alert, const KeyPtrs& keys) {
    return verify_unsent(alert.envelope(keys), *world.document());
  };
  const auto refused = [&](const AlertBuilder& alert, const KeyPtrs& keys) {
    const auto verified = verify(alert, keys);
    if (verified) return std::string("it holds");
    CHECK(verified.error().exit == ops::cli::Exit::bad_signature);
    return verified.error().what;
  };
  const auto waits_for = [&](const AlertBuilder& alert, const KeyPtrs& keys) {
    const auto verified = verify(alert, keys);
    return verified ? verified->waits_for : verified.error().what;
  };
  CHECK(waits_for(severe, both).empty());
  CHECK(waits_for(minor, ann).empty());
  CHECK(waits_for(cancel, cas).empty());
  CHECK(waits_for(severe, ann) == "signed by 1 of the 2 holders it takes");
  CHECK(waits_for(minor, dan) == "nobody who signed it may originate an alert");
  CHECK(holds(refused(severe, cas), "may only cancel"));
  CHECK(holds(refused(cancel, dan), "nobody who signed it may cancel"));
  CHECK(holds(refused(foreign, both), "another sender"));
  world.categories({"Met"}).max_severity("Minor");
  CHECK(holds(refused(severe, both), "outside"));
}

TEST_CASE("An alert that was asked for by its id is that one") {
  const TrustBuilder world = control_room();
  const AlertBuilder alert;
  const auto verified =
      verify_envelope(alert.envelope({&world.key("Ann")}), *world.document(), std::nullopt);
  REQUIRE(verified.has_value());
  const std::string id = engine::to_hex(engine::view(verified->id));
  CHECK(ops::cli::is_asked_for(*verified, id).has_value());
  CHECK(ops::cli::is_asked_for(*verified, "12").has_value());
  CHECK_FALSE(ops::cli::is_asked_for(*verified, std::string(64, 'a')).has_value());
}
