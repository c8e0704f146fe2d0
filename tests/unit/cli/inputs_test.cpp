#include "ops/cli/inputs.hpp"

#include <doctest/doctest.h>

using namespace ops::cli;
namespace cap = engine::cap;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST_CASE("a polygon is read latitude first and closed") {
  const auto polygon = parse_polygon("51.5,-0.1 51.6,-0.1  51.6,-0.2");
  REQUIRE(polygon.has_value());
  REQUIRE(polygon->size() == 4);
  CHECK((*polygon)[0] == cap::Point{51.5, -0.1});
  CHECK(polygon->front() == polygon->back());
  const auto closed = parse_polygon("51.5,-0.1 51.6,-0.1 51.6,-0.2 51.5,-0.1");
  REQUIRE(closed.has_value());
  CHECK(closed->size() == 4);
}

TEST_CASE("what is no polygon is told what one looks like") {
  for (const auto* wrong : {"", "51.5,-0.1", "51.5,-0.1 51.6,-0.1", "51.5 -0.1 51.6",
                            "91,0 1,1 2,2", "0,181 1,1 2,2", "1,1 2,2 x,3", "1,1 2,2 3,",
                            "1,1 2,2 3,nan", "1,1 2,2 3,inf", "1,1 2,2 3,4,5", "1;1 2;2 3;3"}) {
    CAPTURE(wrong);
    const auto polygon = parse_polygon(wrong);
    REQUIRE_FALSE(polygon.has_value());
    CHECK_FALSE(polygon.error().what.empty());
  }
}

TEST_CASE("a circle is a centre and kilometres") {
  const auto circle = parse_circle(" 51.505,-0.095 0.8 ");
  REQUIRE(circle.has_value());
  CHECK(circle->centre == cap::Point{51.505, -0.095});
  CHECK(circle->radius_km == doctest::Approx(0.8));
  for (const auto* wrong : {"", "51,0", "51,0 -1", "51,0 1 2", "51,0 km", "51 0 1"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_circle(wrong).has_value());
  }
}

TEST_CASE("durations are numbers with units") {
  CHECK(parse_duration("90s").value() == seconds{90});
  CHECK(parse_duration("45m").value() == minutes{45});
  CHECK(parse_duration("2h").value() == hours{2});
  CHECK(parse_duration("1h30m").value() == minutes{90});
  CHECK(parse_duration("3d").value() == hours{72});
  for (const auto* wrong : {"", "2", "h", "2 h", "-2h", "2h!", "1.5h", "99999999999d", "4000d"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_duration(wrong).has_value());
  }
}

TEST_CASE("durations are told in their largest units") {
  CHECK(duration_text(seconds{8}) == "8 s");
  CHECK(duration_text(minutes{12}) == "12 min");
  CHECK(duration_text(minutes{119}) == "1 h 59 min");
  CHECK(duration_text(hours{2}) == "2 h");
  CHECK(duration_text(hours{76}) == "3 d 4 h");
  CHECK(duration_text(hours{24 * 364}) == "364 d");
}

TEST_CASE("CAP's words are read in any case and listed when they are not") {
  CHECK(parse_word<cap::Severity>("extreme").value() == cap::Severity::extreme);
  CHECK(parse_word<cap::Category>("CBRNE").value() == cap::Category::cbrne);
  CHECK(parse_word<cap::Scope>("Private").value() == cap::Scope::private_);
  const auto wrong = parse_word<cap::Urgency>("soon");
  REQUIRE_FALSE(wrong.has_value());
  CHECK(wrong.error().what.find("Immediate, Expected, Future, Past, Unknown") != std::string::npos);
}

TEST_CASE("an officer is a key file and duties") {
  const auto officer = parse_officer("keys/a:b.key:originate,cancel");
  REQUIRE(officer.has_value());
  CHECK(officer->key_file == "keys/a:b.key");
  CHECK(officer->duties.originate);
  CHECK(officer->duties.cancel);
  CHECK_FALSE(officer->duties.approve);
  for (const auto* wrong : {"anna.key", "anna.key:", ":originate", "anna.key:send"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_officer(wrong).has_value());
  }
}

TEST_CASE("an approval rule is a status, a severity and a number of holders") {
  const auto rule = parse_approval("Actual:Severe:2");
  REQUIRE(rule.has_value());
  CHECK(rule->status == cap::Status::actual);
  CHECK(rule->severity_at_least == cap::Severity::severe);
  CHECK(rule->holders == 2);
  for (const auto* wrong : {"", "Actual:2", "Actual:Severe:0", "Actual:Severe:9",
                            "Actual:Severe:2x", "Real:Severe:2"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_approval(wrong).has_value());
  }
}

TEST_CASE("an area is named whatever the case and the space around it") {
  CHECK(names_area("  tenbury WELLS ", "Tenbury Wells"));
  CHECK(names_area("Ynys M\u00f4n", "Ynys M\u00f4n"));
  CHECK_FALSE(names_area("Tenbury", "Tenbury Wells"));
  CHECK_FALSE(names_area("yes", "Tenbury Wells"));
  CHECK_FALSE(names_area("", "Tenbury Wells"));
  CHECK_FALSE(names_area("", ""));
  CHECK_FALSE(names_area("  ", " "));
}
