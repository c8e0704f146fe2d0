// Question 9, and what holders_needed makes of a sender's rules.
#include "tests/unit/admission/world.hpp"

using namespace engine;
using namespace tests;
using cap::Severity;
using cap::Status;

namespace {

AlertBuilder actual() { return AlertBuilder().status(Status::actual).codes({"system:live-gb"}); }

}  // namespace

TEST_CASE("without a rule Actual takes two holders and anything else one") {
  const trust::Sender sender;
  for (const Severity severity : {Severity::extreme, Severity::severe, Severity::moderate,
                                  Severity::minor, Severity::unknown}) {
    CHECK(holders_needed(sender, Status::actual, severity) == 2);
    CHECK(holders_needed(sender, Status::exercise, severity) == 1);
    CHECK(holders_needed(sender, Status::test, severity) == 1);
  }
}

TEST_CASE("of the rules that match the one that asks most decides") {
  trust::Sender sender;
  sender.approvals = {{Status::actual, Severity::minor, 1},
                      {Status::actual, Severity::extreme, 3},
                      {Status::actual, Severity::severe, 2},
                      {Status::exercise, Severity::severe, 2}};
  struct Row {
    Status status;
    Severity severity;
    int holders;
  };
  const std::vector<Row> rows = {
      {Status::actual, Severity::minor, 1},     {Status::actual, Severity::moderate, 1},
      {Status::actual, Severity::severe, 2},    {Status::actual, Severity::extreme, 3},
      {Status::actual, Severity::unknown, 3},   {Status::exercise, Severity::severe, 2},
      {Status::exercise, Severity::unknown, 2}, {Status::exercise, Severity::moderate, 1},
      {Status::test, Severity::extreme, 1},
  };
  for (const auto& [status, severity, holders] : rows) {
    CHECK(holders_needed(sender, status, severity) == holders);
  }
}

TEST_CASE("an Actual alert is admitted with two holders") {
  const World world = World::live();
  CHECK(outcome(world.verdict(actual(), {"Ann", "Ben"})) == "admitted");
  CHECK(outcome(world.verdict(actual(), {"Cat", "Ben"})) == "admitted");
  CHECK(outcome(world.verdict(actual(), {"Ann"})) == "needs_approval");
}

TEST_CASE("a person with two keys is one holder") {
  const World world = World::live();
  const auto refusal = refusal_of(world.verdict(actual(), {"Ann", "Ann's spare"}));
  CHECK(refusal.code == Code::needs_approval);
  CHECK(refusal.have == 1);
  CHECK(refusal.need == 2);
}

TEST_CASE("the refusal names those who could still sign") {
  World world = World::live();
  const auto refusal = refusal_of(world.verdict(actual(), {"Ann"}));
  CHECK(refusal.have == 1);
  CHECK(refusal.need == 2);
  // Not Ann's other key, nor who may only cancel, has no duty, or whose key is not valid.
  CHECK(refusal.could == std::vector<std::string>{"Ben", "Eve", "Cat"});
  CHECK(says(refusal, "one of Ben, Eve and Cat"));
  world.trust.officer("Zoe");  // of Manchester
  CHECK(refusal_of(world.verdict(actual(), {"Ann"})).could == refusal.could);
  world.trust.revoke("Ben", "2026-11-21T12:00:30Z").revoke("Eve", "2026-11-21T12:00:31Z");
  CHECK(refusal_of(world.verdict(actual(), {"Ann"})).could ==
        std::vector<std::string>{"Eve", "Cat"});
}

TEST_CASE("a key that ends this moment helps nobody") {
  World world = World::live();
  TrustBuilder ending;
  ending.live().sender().officer("Ann");
  ending.officer("Ben", {.not_after = "2026-11-21T12:00:30Z"});
  ending.officer("Eve", {.not_before = "2026-11-21T12:00:30Z"});
  world.trust = ending;
  CHECK(refusal_of(world.verdict(actual(), {"Ann"})).could == std::vector<std::string>{"Eve"});
}

TEST_CASE("where nobody who signed may originate one place stays empty") {
  World world;
  const auto refusal = refusal_of(world.verdict(AlertBuilder(), {"Cat"}));
  CHECK(refusal.code == Code::needs_approval);
  CHECK(refusal.have == 0);
  CHECK(refusal.need == 1);
  CHECK(refusal.could == std::vector<std::string>{"Ann", "Ben", "Eve"});

  TrustBuilder approvers;
  approvers.live().sender().officer("Cat", {.duties = {"approve"}});
  approvers.officer("Col", {.duties = {"approve"}}).officer("Cyd", {.duties = {"approve"}});
  approvers.approval("Actual", "Minor", 3).officer("Ann");
  world.trust = approvers;
  const auto one = refusal_of(world.verdict(actual(), {"Cat"}));
  CHECK(one.have == 1);
  CHECK(one.need == 3);
  CHECK(one.could == std::vector<std::string>{"Col", "Cyd", "Ann"});
  const auto three = refusal_of(world.verdict(actual(), {"Cat", "Col", "Cyd"}));
  CHECK(three.have == 2);
  CHECK(three.need == 3);
  CHECK(three.could == std::vector<std::string>{"Ann"});
  CHECK(outcome(world.verdict(actual(), {"Cat", "Col", "Ann"})) == "admitted");
}

TEST_CASE("where nobody else could sign the refusal says so") {
  World world;
  TrustBuilder alone;
  alone.live().sender().officer("Ann");
  world.trust = alone;
  const auto refusal = refusal_of(world.verdict(actual(), {"Ann"}));
  CHECK(refusal.could.empty());
  CHECK(says(refusal, "Nobody else"));
}

TEST_CASE("Unknown takes as many holders as Extreme") {
  World world;
  TrustBuilder strict;
  strict.sender().approval("Exercise", "Extreme", 2).officer("Ann").officer("Ben");
  world.trust = strict;
  CHECK(outcome(world.verdict(AlertBuilder().severity(Severity::severe), {"Ann"})) == "admitted");
  CHECK(outcome(world.verdict(AlertBuilder().severity(Severity::unknown), {"Ann"})) ==
        "needs_approval");
  CHECK(outcome(world.verdict(AlertBuilder().severity(Severity::unknown), {"Ann", "Ben"})) ==
        "admitted");
}

TEST_CASE("a Cancel takes one holder whatever the rules ask of alerts") {
  World world = World::live();
  auto cancel = actual().cancel(earlier_alert());
  CHECK(outcome(world.verdict(cancel, {"Dan"})) == "admitted");
}

TEST_CASE("an Update needs approval as an Alert does") {
  const World world = World::live();
  const auto update = actual().update(earlier_alert());
  CHECK(outcome(world.verdict(update, {"Ann"})) == "needs_approval");
  CHECK(outcome(world.verdict(update, {"Ann", "Ben"})) == "admitted");
}
