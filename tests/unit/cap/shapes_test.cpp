#include "engine/cap/shapes.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace engine::cap;

namespace {

std::vector<Rule> rules_of(const std::vector<ShapeFault>& faults) {
  std::vector<Rule> rules;
  for (const ShapeFault& fault : faults) rules.push_back(fault.rule);
  return rules;
}

}  // namespace

TEST_CASE("a polygon is read as pairs with the latitude first") {
  const PolygonText read = read_polygon("\n 51.5,-0.3\t51.6,-0.3\n51.6,-.2  51.5,-0.3 ");
  CHECK(read.faults.empty());
  CHECK(read.polygon == Polygon{{51.5, -0.3}, {51.6, -0.3}, {51.6, -0.2}, {51.5, -0.3}});
}

TEST_CASE("what is wrong with a polygon is named") {
  struct Case {
    const char* text;
    std::vector<Rule> rules;
  };
  for (const Case& each : std::vector<Case>{
           {"0,0 0,1 1,1 +0,0", {Rule::polygon_malformed}},
           {"0,0 0,1 1,1, 0,0", {Rule::polygon_malformed}},
           {"0, 0 0,1 1,1 0,0", {Rule::polygon_malformed}},
           {"0 0 0 1 1 1 0 0", {Rule::polygon_malformed}},
           {"0,0,5 0,1,5 1,1,5 0,0,5", {Rule::polygon_malformed}},
           {"1e1,0 0,1 1,1 1e1,0", {Rule::polygon_malformed}},
           {"", {Rule::polygon_pairs}},
           {"0,0 0,1 0,0", {Rule::polygon_pairs}},
           {"0,0 0,1", {Rule::polygon_pairs, Rule::polygon_closed}},
           {"0,0 0,1 1,1 1,0", {Rule::polygon_closed}},
           {"91,0 0,1 1,1 91,0", {Rule::polygon_range}},
           {"0,181 0,1 1,1 0,181", {Rule::polygon_range}},
           {"-100,5 -101,5 -101,6 -100,5", {Rule::polygon_range}},
           {"0,0 0,1 0,1 1,1 0,0", {Rule::polygon_vertex_twice}},
           {"0,0 0,1 0,0 1,1 0,0", {Rule::polygon_vertex_twice}},
           {"0,0 1,1 1,0 0,1 0,0", {Rule::polygon_crossing}},
           {"0,0 0,1 0,2 0,0", {Rule::polygon_crossing}},
           {"0,0 1,1 1,0 0,1", {Rule::polygon_closed, Rule::polygon_crossing}},
       }) {
    CAPTURE(each.text);
    CHECK(rules_of(read_polygon(each.text).faults) == each.rules);
  }
}

TEST_CASE("the poles and the antimeridian are in range and nothing beyond them") {
  for (const char* sound : {"90,0 80,10 80,0 90,0", "-90,0 -80,10 -80,0 -90,0",
                            "0,180 0,170 1,170 0,180", "0,-180 0,-170 1,-170 0,-180",
                            "90,180 80,170 80,160 90,180", "-90,-180 -80,-170 -80,-160 -90,-180"}) {
    CAPTURE(sound);
    CHECK(rules_of(read_polygon(sound).faults).empty());
  }
  for (const char* beyond :
       {"90.000001,0 80,10 80,0 90.000001,0", "-90.000001,0 -80,10 -80,0 -90.000001,0",
        "0,180.000001 0,170 1,170 0,180.000001", "0,-180.000001 0,-170 1,-170 0,-180.000001"}) {
    CAPTURE(beyond);
    CHECK(rules_of(read_polygon(beyond).faults) == std::vector{Rule::polygon_range});
  }
  for (const char* sound : {"90,0 5", "-90,0 5", "0,180 5", "0,-180 5"}) {
    CAPTURE(sound);
    CHECK(read_circle(sound).faults.empty());
  }
  for (const char* beyond :
       {"90.000001,0 5", "-90.000001,0 5", "0,180.000001 5", "0,-180.000001 5"}) {
    CAPTURE(beyond);
    CHECK(rules_of(read_circle(beyond).faults) == std::vector{Rule::circle_range});
  }
}

TEST_CASE("a circle is a pair and a radius") {
  const CircleText read = read_circle(" 51.5,-0.3 \n 2.5 ");
  CHECK(read.faults.empty());
  CHECK(read.circle.centre == Point{51.5, -0.3});
  CHECK(read.circle.radius_km == 2.5);
  CHECK(read_circle("0,0 0").faults.empty());
}

TEST_CASE("what is wrong with a circle is named") {
  struct Case {
    const char* text;
    std::vector<Rule> rules;
  };
  for (const Case& each : std::vector<Case>{
           {"", {Rule::circle_malformed}},
           {"51,0", {Rule::circle_malformed}},
           {"51,0,5", {Rule::circle_malformed}},
           {"51 0 5", {Rule::circle_malformed}},
           {"51,0 5km", {Rule::circle_malformed}},
           {"51,0 5 5", {Rule::circle_malformed}},
           {"95,0 5", {Rule::circle_range}},
           {"0,-190 5", {Rule::circle_range}},
           {"51,0 -1", {Rule::circle_radius}},
           {"95,0 -1", {Rule::circle_range, Rule::circle_radius}},
       }) {
    CAPTURE(each.text);
    CHECK(rules_of(read_circle(each.text).faults) == each.rules);
  }
}

TEST_CASE("a polygon inside another is found and one beside it is not") {
  const Polygon outer = read_polygon("0,0 0,9 9,9 9,0 0,0").polygon;
  const Polygon inner = read_polygon("2,2 2,4 4,4 4,2 2,2").polygon;
  const Polygon beside = read_polygon("2,12 2,14 4,14 4,12 2,12").polygon;
  const Polygon across = read_polygon("2,2 2,14 4,14 4,2 2,2").polygon;
  const Polygon notched = read_polygon("0,0 0,9 9,9 1,4.5 9,0 0,0").polygon;
  const Polygon in_notch = read_polygon("7,4 7,5 8,5 8,4 7,4").polygon;
  const auto found = find_polygons_inside({&inner, &outer});
  REQUIRE(found.size() == 1);
  CHECK(found[0].inner == 0);
  CHECK(found[0].outer == 1);
  CHECK(find_polygons_inside({&outer, &beside}).empty());
  CHECK(find_polygons_inside({&outer, &across}).empty());
  CHECK(find_polygons_inside({&outer, &outer}).empty());  // the same one is no hole
  CHECK(find_polygons_inside({&notched, &in_notch}).empty());
}

TEST_CASE("looking for polygons inside others ends after a bounded amount of work") {
  Polygon round;
  for (int i = 0; i <= 200'000; ++i) {
    const double angle = i * 3.14159e-5;
    round.push_back({50 * std::sin(angle), 50 * std::cos(angle)});
  }
  const Polygon inner = read_polygon("2,2 2,4 4,4 4,2 2,2").polygon;
  CHECK(find_polygons_inside({&inner, &round}).empty());
}
