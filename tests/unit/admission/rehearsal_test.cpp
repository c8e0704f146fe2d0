// A dry run's questions 1 to 12: the same, with any number of holders.
#include "tests/unit/admission/world.hpp"

using namespace engine;
using namespace tests;
using cap::Status;

namespace {

std::variant<Rehearsed, Refused> rehearsal(const World& world, const AlertBuilder& alert,
                                           const std::vector<std::string>& names) {
  return rehearse(alert.signed_by(world.keys(names)), *world.trust.document(), Places::builtin(),
                  world.now, world.limits);
}
Rehearsed rehearsed(const World& world, const AlertBuilder& alert,
                    const std::vector<std::string>& names) {
  auto answer = rehearsal(world, alert, names);
  REQUIRE(std::holds_alternative<Rehearsed>(answer));
  return std::get<Rehearsed>(std::move(answer));
}
AlertBuilder actual() { return AlertBuilder().status(Status::actual).codes({"system:live-gb"}); }

}  // namespace

TEST_CASE("a rehearsal says which signatures are missing and who could give them") {
  const World world = World::live();
  const auto one = rehearsed(world, actual(), {"Ann"});
  REQUIRE(one.missing.has_value());
  CHECK(one.missing->have == 1);
  CHECK(one.missing->need == 2);
  CHECK(one.missing->could == std::vector<std::string>{"Ben", "Eve", "Cat"});
  CHECK_FALSE(rehearsed(world, actual(), {"Ann", "Ben"}).missing.has_value());
}

TEST_CASE("a rehearsal needs no originator yet") {
  const World world;
  const auto approved = rehearsed(world, AlertBuilder(), {"Cat"});
  REQUIRE(approved.missing.has_value());
  CHECK(approved.missing->have == 0);
  CHECK(approved.missing->need == 1);
  CHECK(approved.missing->could == std::vector<std::string>{"Ann", "Ben", "Eve"});
}

TEST_CASE("a rehearsal of a Cancel needs nobody with the duty cancel yet") {
  const World world;
  const auto cancel = AlertBuilder().cancel(earlier_alert());
  const auto approved = rehearsed(world, cancel, {"Cat"});
  REQUIRE(approved.missing.has_value());
  CHECK(approved.missing->have == 0);
  CHECK(approved.missing->need == 1);
  CHECK(approved.missing->could == std::vector<std::string>{"Ann", "Ben", "Eve", "Dan"});
  CHECK_FALSE(rehearsed(world, cancel, {"Dan"}).missing.has_value());
  CHECK(outcome(world.verdict(cancel, {"Cat"})) == "outside_authority");
}

TEST_CASE("a rehearsal refuses everything else that admission refuses") {
  const World world = World::live();
  struct Row {
    AlertBuilder alert;
    std::vector<std::string> names;
    Code code;
  };
  const std::vector<Row> rows = {
      {actual(), {}, Code::too_large},  // no signature: nothing is read before it is trusted
      {actual(), {"Nobody"}, Code::unknown_key},
      {actual().headline("   "), {"Ann"}, Code::invalid_alert},
      {AlertBuilder(), {"Ann"}, Code::wrong_system},
      {actual(), {"Ann", "Dan"}, Code::outside_authority},
      {actual().update(earlier_alert("else@where")), {"Ann"}, Code::foreign_reference},
      {actual().sent("2026-11-21T12:10:00Z"), {"Ann"}, Code::sent_in_future},
      {actual().no_area(), {"Ann"}, Code::no_place},
  };
  for (const Row& row : rows) {
    CAPTURE(text(row.code));
    const auto answer = rehearsal(world, row.alert, row.names);
    REQUIRE(std::holds_alternative<Refused>(answer));
    CHECK(std::get<Refused>(answer).refusal.code == row.code);
  }
}

TEST_CASE("a rehearsal reports what one should look at while drafting") {
  const World world;
  const auto warned = rehearsed(world, AlertBuilder().no_expires(), {"Ann"});
  const bool found =
      std::any_of(warned.warnings.begin(), warned.warnings.end(),
                  [](const cap::Fault& fault) { return fault.rule == "expires_missing"; });
  CHECK(found);
}
