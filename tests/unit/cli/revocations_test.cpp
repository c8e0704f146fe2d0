// What a key that was taken away still counts for, and how commands learn of it.
#include "ops/cli/revocations.hpp"

#include <doctest/doctest.h>

#include "engine/limits.hpp"
#include "ops/cli/records.hpp"
#include "ops/cli/revoked_keys.hpp"
#include "tests/support/alert_builder.hpp"
#include "tests/support/trust_builder.hpp"

using namespace tests;
using namespace ops::cli;
namespace trust = engine::trust;

namespace {

std::string line(const TrustBuilder& world, const engine::KeyId& keyid, engine::Time since) {
  engine::Envelope envelope;
  envelope.payload_type = trust::kRevocationType;
  envelope.payload = trust::revocation_payload("exercise-gb", {keyid, since, "Stolen."}, since);
  envelope.signatures = {world.key("Duty").sign(trust::kRevocationType, envelope.payload)};
  return trust::envelope_json(envelope) + "\n";
}

engine::KeyId numbered(std::size_t number) {
  engine::KeyId keyid{};
  for (std::size_t i = 0; i < 4; ++i) keyid[i] = static_cast<std::uint8_t>(number >> (8 * i));
  return keyid;
}

engine::Time moment(const char* text) { return *engine::parse_time(text); }

/// Why an alert of `sent` that came at `at` is not taken, its only key being revoked since noon.
std::string why_not(engine::Time sent, std::optional<engine::Time> at) {
  TrustBuilder world;
  world.sender().officer("Ann").revoke("Ann", "2026-11-21T12:00:00Z");
  AlertBuilder alert;
  alert.sent(sent);
  Bulletins::Item item;
  item.envelope = alert.envelope({&world.key("Ann")});
  item.admitted = at;
  const auto verified = verify_item(item, *world.document());
  return verified ? "" : verified.error().what;
}

}  // namespace

TEST_CASE("What a revoked key signed stands only where it was sent and admitted before") {
  const auto before = moment("2026-11-21T11:00:00Z"), later = moment("2026-11-21T12:00:00Z");
  const auto has = [](const std::string& why, std::string_view words) {
    CAPTURE(why);
    return why.find(words) != std::string::npos;
  };
  CHECK(why_not(before, before).empty());
  CHECK(why_not(before, later - std::chrono::seconds{1}).empty());
  CHECK(has(why_not(before, later), "before this was admitted"));
  CHECK(has(why_not(later, later - std::chrono::seconds{1}), "before this was sent"));
  CHECK(has(why_not(before, std::nullopt), "any date"));
}

TEST_CASE("What an engine says of when it took an alert has to fit with when that was sent") {
  const auto sent = moment("2026-11-21T11:00:00Z");
  using std::chrono::seconds;
  TrustBuilder world;
  world.sender().officer("Ann");
  const auto holds = [&](AlertBuilder& alert, engine::Time at) {
    Bulletins::Item item;
    item.envelope = alert.sent(sent).envelope({&world.key("Ann")});
    item.admitted = at;
    return verify_item(item, *world.document()).has_value();
  };
  AlertBuilder alert, cancel;
  cancel.identifier("C").cancel(alert.identity());
  CHECK(holds(alert, sent - seconds{120}));
  CHECK_FALSE(holds(alert, sent - seconds{121}));
  CHECK(holds(alert, sent + std::chrono::hours{24}));
  CHECK_FALSE(holds(alert, sent + std::chrono::hours{24} + seconds{1}));
  CHECK(holds(cancel, sent + std::chrono::hours{48}));
}

TEST_CASE("Revocations are added once each and what is none is counted and passed over") {
  const TrustBuilder world;
  const auto since = moment("2026-11-21T12:00:00Z");
  Revocations known;
  const std::string one = line(world, numbered(1), since);
  CHECK(add_revocations(known, one + "no envelope\n" + one + line(world, numbered(2), since)) == 1);
  CHECK(known.size() == 2);
  CHECK(add_revocations(known, one) == 0);
  CHECK(known.size() == 2);
}

TEST_CASE("So many revocations are kept and not one more") {
  const TrustBuilder world;
  const auto since = moment("2026-11-21T12:00:00Z");
  Revocations known;
  trust::Revocation some;
  REQUIRE(add_revocations(known, line(world, numbered(0), since)) == 0);
  some = known.front();
  known.assign(engine::limits::kRevocationsMax - 1, some);
  CHECK(add_revocations(known, line(world, numbered(1), since)) == 0);
  CHECK(known.size() == engine::limits::kRevocationsMax);
  CHECK(add_revocations(known, line(world, numbered(2), since)) == 1);
  CHECK(known.size() == engine::limits::kRevocationsMax);
}

TEST_CASE("Whoever looks at a trust document is told whose keys are gone and whose go soon") {
  TrustBuilder world;
  world.sender()
      .officer("Ann")
      .officer("Ben", {.not_after = "2026-12-01T00:00:00Z"})
      .officer("Cas", {.not_after = "2026-11-01T00:00:00Z"})
      .revoke("Ann", "2026-11-20T00:00:00Z", "Stolen.");
  Revocations told;
  const auto since = moment("2026-11-21T12:00:00Z");
  add_revocations(told, line(world, world.key("Ben").keyid(), since));
  const auto document = world.document();
  const auto keys = revoked_keys(*document, told);
  REQUIRE(keys.size() == 2);
  CHECK(keys[0].whose == "Ann, control@example.police.uk");
  CHECK(keys[0].void_since.empty());
  CHECK(keys[1].whose == "Ben, control@example.police.uk");
  CHECK_FALSE(keys[1].void_since.empty());  // no key of this document may revoke
  const std::string text = revoked_text(keys);
  CHECK(text.find("2026-11-20T00:00:00Z") != std::string::npos);
  CHECK(text.find("Stolen.") != std::string::npos);
  CHECK(text.find("VOID") != std::string::npos);
  const auto warnings = key_warnings(*document, keys, since);
  REQUIRE(warnings.size() == 3);
  CHECK(warnings[0].find("the key of Ben expires in 9 d") != std::string::npos);
  CHECK(warnings[1].find("the key of Cas expired") != std::string::npos);
  CHECK(warnings[2].find("does not count") != std::string::npos);
  CHECK(revoked_text({}).empty());
}
