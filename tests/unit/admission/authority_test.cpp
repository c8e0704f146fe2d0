// Questions 7, 8 and 10 to 12: what an alert says, held against the system it is sent to, the
// authority of its sender, and the time.
#include <functional>

#include "tests/unit/admission/world.hpp"

using namespace engine;
using namespace tests;

namespace {

struct Row {
  std::string story;
  const char* outcome;
  std::function<void(AlertBuilder&)> change;
};

void check(const World& world, const std::vector<Row>& rows,
           const std::vector<std::string>& names) {
  for (const Row& row : rows) {
    CAPTURE(row.story);
    AlertBuilder alert;
    row.change(alert);
    const auto verdict = world.verdict(alert, names);
    CHECK(outcome(verdict) == row.outcome);
    if (outcome(verdict) != "admitted") CHECK(refusal_of(verdict).detail.ends_with('.'));
  }
}

const cap::Polygon kWestminsterTriangle = {
    {51.50, -0.13}, {51.51, -0.13}, {51.51, -0.12}, {51.50, -0.13}};
const cap::Polygon kParisTriangle = {{48.85, 2.34}, {48.86, 2.34}, {48.86, 2.35}, {48.85, 2.34}};

}  // namespace

TEST_CASE("an alert names the system it is for, exactly once") {
  const std::vector<Row> rows = {
      {"its own", "admitted", [](auto& a) { a.codes({"system:exercise-gb"}); }},
      {"among other codes", "admitted",
       [](auto& a) {
         a.codes({"profile:1", "system:exercise-gb", "systemic"});
       }},
      {"none", "wrong_system", [](auto& a) { a.codes({}); }},
      {"only other codes", "wrong_system",
       [](auto& a) {
         a.codes({"exercise-gb", "System:x"});
       }},
      {"another", "wrong_system", [](auto& a) { a.codes({"system:live-gb"}); }},
      {"one that begins alike", "wrong_system", [](auto& a) { a.codes({"system:exercise-gb2"}); }},
      {"in other letters", "wrong_system", [](auto& a) { a.codes({"system:Exercise-GB"}); }},
      {"its own and another", "wrong_system",
       [](auto& a) {
         a.codes({"system:exercise-gb", "system:live-gb"});
       }},
      {"its own twice", "wrong_system",
       [](auto& a) {
         a.codes({"system:exercise-gb", "system:exercise-gb"});
       }},
  };
  check(World(), rows, {"Ann"});
}

TEST_CASE("an exercise system takes drills only and a live one no drafts") {
  struct Kind {
    cap::Status status;
    const char* exercise;
    const char* live;
  };
  const std::vector<Kind> rows = {
      {cap::Status::actual, "wrong_system", "admitted"},
      {cap::Status::exercise, "admitted", "admitted"},
      {cap::Status::test, "admitted", "admitted"},
      {cap::Status::system, "wrong_system", "wrong_system"},
      {cap::Status::draft, "wrong_system", "wrong_system"},
  };
  const World exercise, live = World::live();
  for (const Kind& row : rows) {
    CAPTURE(cap::text(row.status));
    auto alert = AlertBuilder().status(row.status).note("A note.");
    CHECK(outcome(exercise.verdict(alert, {"Ann", "Ben"})) == row.exercise);
    alert.codes({"system:live-gb"});
    CHECK(outcome(live.verdict(alert, {"Ann", "Ben"})) == row.live);
    const auto cancel = AlertBuilder().status(row.status).cancel(earlier_alert());
    CHECK(outcome(exercise.verdict(cancel, {"Dan"})) == row.exercise);
    CHECK(outcome(live.verdict(cancel, {"Dan"})) == "wrong_system");
  }
}

TEST_CASE("an alert lies inside its sender's authority") {
  const std::vector<Row> rows = {
      {"as it should be", "admitted", [](auto&) {}},
      {"another sender", "outside_authority", [](auto& a) { a.sender(kManchesterRoom); }},
      {"its sender in other letters", "outside_authority",
       [](auto& a) { a.sender("Control@example.police.uk"); }},
      {"a polygon inside", "admitted", [](auto& a) { a.polygon(kWestminsterTriangle); }},
      {"a polygon outside", "outside_authority", [](auto& a) { a.polygon(kParisTriangle); }},
      {"a circle inside", "admitted",
       [](auto& a) {
         a.circle({{51.5, -0.1}, 5});
       }},
      {"a circle that is too wide", "outside_authority",
       [](auto& a) {
         a.circle({{51.5, -0.1}, 100});
       }},
      {"a geocode beside", "outside_authority", [](auto& a) { a.geocode("E08000003"); }},
      {"a geocode around", "outside_authority", [](auto& a) { a.geocode("E92000001"); }},
      {"a geocode of nowhere", "outside_authority", [](auto& a) { a.geocode("E99999999"); }},
      {"the very area", "admitted", [](auto& a) { a.geocode("E12000007"); }},
      {"a category that is its own", "admitted",
       [](auto& a) {
         a.categories({cap::Category::safety, cap::Category::fire});
       }},
      {"a category beside", "outside_authority",
       [](auto& a) {
         a.categories({cap::Category::safety, cap::Category::health});
       }},
      {"a category beside in a second info", "outside_authority",
       [](auto& a) { a.info().categories({cap::Category::health}); }},
      {"the highest severity", "admitted", [](auto& a) { a.severity(cap::Severity::severe); }},
      {"a lower one", "admitted", [](auto& a) { a.severity(cap::Severity::minor); }},
      {"a higher one", "outside_authority", [](auto& a) { a.severity(cap::Severity::extreme); }},
      {"Unknown, which counts as Extreme", "outside_authority",
       [](auto& a) { a.severity(cap::Severity::unknown); }},
      {"a higher one in a second info", "outside_authority",
       [](auto& a) { a.info().severity(cap::Severity::extreme); }},
      {"a status beside", "outside_authority", [](auto& a) { a.status(cap::Status::test); }},
      {"a scope that is its own", "admitted", [](auto& a) { a.scope(cap::Scope::restricted); }},
      {"a scope beside", "outside_authority", [](auto& a) { a.scope(cap::Scope::private_); }},
  };
  World world;
  TrustBuilder narrow;
  narrow.sender().categories({"Safety", "Fire"}).max_severity("Severe").statuses({"Exercise"});
  narrow.scopes({"Public", "Restricted"}).officer("Ann");
  world.trust = narrow;
  check(world, rows, {"Ann"});
}

TEST_CASE("the refusal says which place and which areas") {
  const auto refusal = refusal_of(World().verdict(AlertBuilder().geocode("E08000003"), {"Ann"}));
  CHECK(says(refusal, "geocode E08000003"));
  CHECK(says(refusal, "E12000007"));
}

TEST_CASE("officers sign what their duties allow") {
  const World world;
  const auto alert = AlertBuilder();
  const auto cancel = AlertBuilder().cancel(earlier_alert());
  struct Line {
    const AlertBuilder& what;
    std::vector<std::string> names;
    const char* outcome;
  };
  const std::vector<Line> rows = {
      {alert, {"Ann"}, "admitted"},           {alert, {"Ann", "Cat"}, "admitted"},
      {alert, {"Dan"}, "outside_authority"},  {alert, {"Ann", "Dan"}, "outside_authority"},
      {cancel, {"Dan"}, "admitted"},          {cancel, {"Ann"}, "admitted"},
      {cancel, {"Cat"}, "outside_authority"}, {cancel, {"Cat", "Dan"}, "admitted"},
  };
  for (const Line& row : rows) {
    CAPTURE(row.names.back());
    CHECK(outcome(world.verdict(row.what, row.names)) == row.outcome);
  }
  CHECK(says(refusal_of(world.verdict(cancel, {"Cat"})), "Ann, Ben, Eve and Dan"));
}

TEST_CASE("of a Cancel only sender and duty are asked and nothing of what it says") {
  World world;
  TrustBuilder narrow;
  narrow.sender().categories({"Fire"}).max_severity("Minor").scopes({"Private"}).statuses({"Test"});
  narrow.areas({"E08000003"}).officer("Dan", {.duties = {"cancel"}});
  narrow.officer("Cat", {.duties = {"approve"}});
  world.trust = narrow;
  const auto cancel = [] {
    return AlertBuilder().cancel(earlier_alert()).severity(cap::Severity::extreme);
  };
  CHECK(outcome(world.verdict(cancel(), {"Dan"})) == "admitted");
  CHECK(outcome(world.verdict(cancel().no_info(), {"Dan"})) == "admitted");
  CHECK(outcome(world.verdict(cancel().sender("x@example.uk"), {"Dan"})) == "outside_authority");
  CHECK(outcome(world.verdict(cancel(), {"Cat"})) == "outside_authority");
}

TEST_CASE("an alert refers to its own sender's alerts only") {
  const World world;
  const auto own = earlier_alert(), foreign = earlier_alert(kManchesterRoom);
  struct Line {
    const char* outcome;
    AlertBuilder alert;
    const char* by;
  };
  const std::vector<Line> rows = {
      {"admitted", AlertBuilder().update(own), "Ann"},
      {"foreign_reference", AlertBuilder().update(foreign), "Ann"},
      {"foreign_reference", AlertBuilder().update(own).refers_to(foreign), "Ann"},
      {"foreign_reference", AlertBuilder().refers_to(foreign), "Ann"},
      {"admitted", AlertBuilder().cancel(own), "Dan"},
      {"foreign_reference", AlertBuilder().cancel(foreign), "Dan"},
      {"foreign_reference", AlertBuilder().cancel(own).refers_to(foreign), "Dan"},
      {"admitted", AlertBuilder().ack(own), "Ann"},
      {"foreign_reference", AlertBuilder().ack(foreign), "Ann"},
  };
  for (const auto& [expected, alert, by] : rows) {
    CHECK(outcome(world.verdict(alert, {by})) == expected);
  }
}

TEST_CASE("an alert is neither from the future nor from long ago nor over") {
  const std::vector<Row> rows = {
      {"2 minutes ahead", "admitted", [](auto& a) { a.sent("2026-11-21T12:02:30Z"); }},
      {"and a second", "sent_in_future", [](auto& a) { a.sent("2026-11-21T12:02:31Z"); }},
      {"24 hours ago", "admitted", [](auto& a) { a.sent("2026-11-20T12:00:30Z"); }},
      {"and a second", "too_old", [](auto& a) { a.sent("2026-11-20T12:00:29Z"); }},
      {"expires in a second", "admitted", [](auto& a) { a.expires("2026-11-21T12:00:31Z"); }},
      {"expires now", "expired", [](auto& a) { a.expires("2026-11-21T12:00:30Z"); }},
      {"expired, the other info not", "admitted",
       [](auto& a) { a.expires("2026-11-21T12:00:01Z").info().expires("2026-11-21T13:00:00Z"); }},
      {"both expired", "expired",
       [](auto& a) { a.expires("2026-11-21T12:00:01Z").info().expires("2026-11-21T12:00:02Z"); }},
      {"no expires, sent just now", "admitted", [](auto& a) { a.no_expires(); }},
      {"no expires, sent 24 hours ago", "expired",
       [](auto& a) { a.no_expires().sent("2026-11-20T12:00:30Z"); }},
      {"no expires, sent a second later", "admitted",
       [](auto& a) { a.no_expires().sent("2026-11-20T12:00:31Z"); }},
      {"an Ack of long ago", "too_old",
       [](auto& a) { a.sent("2026-11-19T12:00:00Z").ack(earlier_alert()); }},
  };
  check(World(), rows, {"Ann"});
}

TEST_CASE("a Cancel may be late but not from the future") {
  const std::vector<Row> rows = {
      {"2 minutes ahead", "admitted",
       [](auto& a) { a.sent("2026-11-21T12:02:30Z").cancel(earlier_alert()); }},
      {"and a second", "sent_in_future",
       [](auto& a) { a.sent("2026-11-21T12:02:31Z").cancel(earlier_alert()); }},
      {"a month ago and expired", "admitted",
       [](auto& a) {
         a.sent("2026-10-21T12:00:00Z").expires("2026-10-21T13:00:00Z").cancel(earlier_alert());
       }},
  };
  check(World(), rows, {"Dan"});
}

TEST_CASE("an Alert or Update says where, in every area of every info") {
  const std::vector<Row> rows = {
      {"a geocode", "admitted", [](auto& a) { a.no_shape().geocode("E09000033"); }},
      {"a polygon", "admitted", [](auto& a) { a.no_shape().polygon(kWestminsterTriangle); }},
      {"a circle", "admitted",
       [](auto& a) {
         a.no_shape().circle({{51.5, -0.1}, 1});
       }},
      {"a circle of no radius", "admitted",
       [](auto& a) {
         a.no_shape().circle({{51.5, -0.1}, 0});
       }},
      {"a former council", "admitted", [](auto& a) { a.no_shape().geocode("E07000026"); }},
      {"a name only", "no_place", [](auto& a) { a.no_shape(); }},
      {"a code unknown here", "no_place", [](auto& a) { a.no_shape().geocode("E99999999"); }},
      {"an unknown code beside a circle", "admitted",
       [](auto& a) {
         a.geocode("E99999999").circle({{51.5, -0.1}, 1});
       }},
      {"a code of another kind", "no_place",
       [](auto& a) { a.no_shape().geocode("E09000033", "SAME"); }},
      {"a second area without", "no_place", [](auto& a) { a.area("Somewhere"); }},
      {"no area", "no_place", [](auto& a) { a.no_area(); }},
      {"a second info without an area", "no_place", [](auto& a) { a.info().no_area(); }},
      {"no info", "no_place", [](auto& a) { a.no_info(); }},
      {"an Update without", "no_place", [](auto& a) { a.update(earlier_alert()).no_shape(); }},
      {"an Ack without an area", "admitted", [](auto& a) { a.ack(earlier_alert()).no_area(); }},
      {"an Ack without an info", "admitted", [](auto& a) { a.ack(earlier_alert()).no_info(); }},
  };
  World world;
  TrustBuilder anywhere;
  anywhere.sender().areas({"*"}).officer("Ann");
  world.trust = anywhere;
  check(world, rows, {"Ann"});
}
