#include "engine/cap/outline.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "engine/cap/judge.hpp"
#include "tests/unit/cap/document.hpp"

using namespace engine;
using namespace engine::cap;

namespace {

Alert alert_from(const std::string& xml) {
  Judgement judgement = judge(xml);
  REQUIRE(judgement.alert.has_value());
  return *judgement.alert;
}

Ring square(double south, double west) {
  return ring_of(
      {{south, west}, {south, west + 1}, {south + 1, west + 1}, {south + 1, west}, {south, west}});
}

Reach reach_named(int number) {
  Reach reach;
  reach.status = Status::exercise;
  reach.sender = "control@example.org";
  reach.severity = Severity::minor;
  reach.categories = bit(Category::met);
  reach.codes = {"E0900000" + std::to_string(number)};
  reach.shapes = {{square(50.0 + number, 0)}, {}};
  reach.met = {"met" + std::to_string(number)};
  return reach;
}

bool holds(const Box& box, Point point) {
  return point.latitude >= box.south && point.latitude <= box.north &&
         point.longitude >= box.west && point.longitude <= box.east;
}

}  // namespace

TEST_CASE("the outline of an alert says what it is and whom it reaches") {
  const Alert alert = alert_from(sound_alert());
  const Outline outline = outline_of(alert);
  CHECK(outline.msg_type == MsgType::alert);
  CHECK(outline.audience.scope == Scope::public_);
  CHECK(outline.identity == alert.identity());
  CHECK(outline.expires == *parse_time("2026-11-21T21:30:00Z"));
  CHECK(outline.shown());
  REQUIRE(outline.reaches.size() == 1);
  const Reach& reach = outline.reaches[0];
  CHECK(reach.status == Status::exercise);
  CHECK(reach.severity == Severity::severe);
  CHECK(reach.categories == (bit(Category::safety) | bit(Category::met)));
  CHECK(reach.sender == "control@example.org");
  CHECK(reach.codes == std::vector<std::string>{"E09000005"});
  CHECK(reach.shapes.polygons() == std::vector<Ring>{ring_of(alert.infos[0].areas[0].polygons[0])});
  CHECK(reach.shapes.circles() == std::vector{Disc(spot_of({51.55, -0.25}), 5)});
  CHECK_FALSE(reach.everywhere);
  CHECK(reach.met.empty());
}

TEST_CASE("geocodes of other lists are not codes") {
  const Alert alert = alert_from(with("<valueName>ONS", "<valueName>SAME"));
  CHECK(outline_of(alert).reaches[0].codes.empty());
}

TEST_CASE("a Cancel and an Ack reach nobody by areas of their own") {
  for (const char* type : {"Cancel", "Ack", "Error"}) {
    const std::string xml =
        changed(with("<msgType>Alert", "<msgType>" + std::string(type)), "<note>A note</note>",
                "<references>control@example.org,drill-6,2026-11-21T19:00:00-00:00</references>");
    const Outline outline = outline_of(alert_from(xml));
    CHECK(outline.reaches.empty());
    REQUIRE(outline.references.size() == 1);
    CHECK(outline.references[0].identifier == "drill-6");
    CHECK(outline.shown() == (std::string(type) == "Cancel"));
  }
}

TEST_CASE("many shapes become one box around them all") {
  Alert alert = alert_from(sound_alert());
  Area& area = alert.infos[0].areas[0];
  area.polygons.clear();
  area.circles.clear();
  for (int i = 0; i < static_cast<int>(kShapesMax); ++i) {
    area.circles.push_back({{0.001 * i, 0.002 * i}, 0});
  }
  CHECK(outline_of(alert).reaches[0].shapes.shapes() == kShapesMax);
  area.circles.push_back({{-7, -8}, 0});
  const Footprint shapes = outline_of(alert).reaches[0].shapes;
  REQUIRE(shapes.shapes() == 1);
  CHECK(extent_of(shapes.polygons()[0]) ==
        Extent{spot_of({-7, -8}), spot_of({0.001 * (kShapesMax - 1), 0.002 * (kShapesMax - 1)})});
}

TEST_CASE("a Public audience covers all and others cover their own scope with all of its names") {
  using Names = std::vector<std::string>;
  const Audience everybody;
  const Audience both{Scope::restricted, Names{"banks", "retail"}};
  const Audience one{Scope::restricted, Names{"retail"}};
  CHECK(covers(everybody, both));
  CHECK(covers(both, one));
  CHECK(covers(one, one));
  CHECK_FALSE(covers(one, both));
  CHECK_FALSE(covers(both, everybody));
  CHECK_FALSE(covers(both, {Scope::private_, Names{"retail"}}));
}

TEST_CASE("the box of a polygon is its outermost coordinates") {
  CHECK(box_of(Polygon{{51, -1}, {52, 0.5}, {51.5, 1}, {51, -1}}) == Box{51, -1, 52, 1});
}

TEST_CASE("polygons across the antimeridian or around a pole have every longitude") {
  CHECK(box_of(Polygon{{10, 170}, {20, 175}, {15, -175}, {10, 170}}) == Box{10, -180, 20, 180});
  CHECK(box_of(Polygon{{80, 0}, {80, 120}, {75, -120}, {80, 0}}) == Box{75, -180, 90, 180});
  CHECK(box_of(Polygon{{-80, 0}, {-80, 120}, {-75, -120}, {-80, 0}}) == Box{-90, -180, -75, 180});
}

TEST_CASE("the box of a circle holds every point within its radius") {
  const Box box = box_of(Circle{{51.5, -0.1}, 111.2});
  CHECK(box.north == doctest::Approx(52.5).epsilon(0.001));
  CHECK(box.south == doctest::Approx(50.5).epsilon(0.001));
  CHECK(box.east == doctest::Approx(-0.1 + 1.607).epsilon(0.01));
  CHECK(box.west == doctest::Approx(-0.1 - 1.607).epsilon(0.01));
  CHECK(holds(box, {52.49, -0.1}));
  CHECK(box_of(Circle{{51.5, -0.1}, 0}) == Box{51.5, -0.1, 51.5, -0.1});
}

TEST_CASE("circles over a pole or the antimeridian have every longitude") {
  const Box polar = box_of(Circle{{89, 20}, 200});
  CHECK(polar.north == 90);
  CHECK(polar.west == -180);
  CHECK(polar.east == 180);
  CHECK(polar.south == doctest::Approx(87.2).epsilon(0.001));
  const Box pacific = box_of(Circle{{0, 179.9}, 100});
  CHECK(pacific.west == -180);
  CHECK(pacific.east == 180);
  CHECK(pacific.north < 1);
  const Box all{-90, -180, 90, 180};
  CHECK(box_of(Circle{{10, 10}, 30'000}) == all);
  CHECK(box_of(Circle{{10, 10}, 1e300}) == all);
  CHECK(box_of(Circle{{90, 0}, 0}).east == 180);
}

TEST_CASE("the same reach is added once") {
  std::vector<Reach> reaches = {reach_named(1)};
  add_reaches(reaches, {reach_named(1), reach_named(2), reach_named(2)});
  CHECK(reaches == std::vector<Reach>{reach_named(1), reach_named(2)});
}

TEST_CASE("a long chain of reaches is merged into one that reaches all of them") {
  std::vector<Reach> reaches;
  for (int i = 0; i < static_cast<int>(kReachesMax); ++i) add_reaches(reaches, {reach_named(i)});
  CHECK(reaches.size() == kReachesMax);
  Reach last = reach_named(40);
  last.severity = Severity::extreme;
  last.categories = bit(Category::fire);
  add_reaches(reaches, {last});
  REQUIRE(reaches.size() == 1);
  CHECK(reaches[0].severity == Severity::extreme);
  CHECK(reaches[0].categories == (bit(Category::met) | bit(Category::fire)));
  CHECK(reaches[0].codes.size() == kReachesMax + 1);
  CHECK(reaches[0].shapes.polygons().size() == kReachesMax + 1);
  CHECK(reaches[0].met.size() == kReachesMax + 1);
  for (int i = 0; i < static_cast<int>(kReachesMax); ++i) {
    CHECK(reaches[0].shapes.holds(spot_of({50.5 + i, 0.5})));
  }
}

TEST_CASE("a drill and the real thing are never merged") {
  std::vector<Reach> reaches;
  for (int i = 0; i < 40; ++i) {
    Reach reach = reach_named(i);
    reach.status = i % 2 == 0 ? Status::actual : Status::exercise;
    add_reaches(reaches, {reach});
  }
  REQUIRE(reaches.size() <= kReachesMax);
  for (const Reach& reach : reaches) {
    for (const std::string& code : reach.codes) {
      const int number = std::stoi(code.substr(8));
      CHECK((number % 2 == 0) == (reach.status == Status::actual));
    }
  }
}

TEST_CASE("more codes than are kept reach everywhere") {
  std::vector<Reach> reaches;
  for (int i = 0; i < static_cast<int>(kReachesMax) + 1; ++i) {
    Reach reach = reach_named(i);
    for (int code = 0; code < 200; ++code) {
      reach.codes.push_back("X" + std::to_string(i * 1000 + code));
    }
    add_reaches(reaches, {reach});
  }
  REQUIRE(reaches.size() == 1);
  CHECK(reaches[0].codes.empty());
  CHECK(reaches[0].everywhere);
  CHECK(reaches[0].shapes == Footprint());
  // And with one alert: kCodesMax are kept, one more is not.
  Alert alert = alert_from(sound_alert());
  auto& geocodes = alert.infos[0].areas[0].geocodes;
  geocodes.clear();
  for (std::size_t i = 0; i < kCodesMax; ++i) geocodes.push_back({"ONS", std::to_string(i)});
  CHECK(outline_of(alert).reaches[0].codes.size() == kCodesMax);
  geocodes.push_back({"ONS", "more"});
  CHECK(outline_of(alert).reaches[0].everywhere);
}

TEST_CASE("the names of one audience stand once where there are many") {
  const auto addressed = [](int number, std::size_t names) {
    Reach reach = reach_named(number);
    reach.audience.scope = Scope::private_;
    for (std::size_t i = 0; i < names; ++i) {
      reach.audience.names.push_back("org-" + std::to_string(10'000 + i));
    }
    return reach;
  };
  std::vector<Reach> reaches;
  for (int i = 0; i < 4; ++i) add_reaches(reaches, {addressed(i, kReachNamesMax / 4)});
  CHECK(reaches.size() == 4);
  add_reaches(reaches, {addressed(4, 1)});  // another audience: one name more than kReachNamesMax
  REQUIRE(reaches.size() == 2);
  CHECK(reaches[0].audience == addressed(0, kReachNamesMax / 4).audience);
  CHECK(reaches[0].codes.size() == 4);
  CHECK(reaches[1] == addressed(4, 1));
}

TEST_CASE("what is gathered in many steps stays few and reaches all of them") {
  std::vector<Reach> gathered;
  for (int i = 0; i < 150; ++i) {
    gather_reaches(gathered, {reach_named(i % 90)});
    CHECK(gathered.size() <= 2 * kReachesMax);
  }
  add_reaches(gathered, {});
  CHECK(gathered.size() <= kReachesMax);
  for (int i = 0; i < 90; ++i) {
    const std::string code = reach_named(i).codes.front();
    CHECK(std::any_of(gathered.begin(), gathered.end(), [&](const Reach& reach) {
      return std::binary_search(reach.codes.begin(), reach.codes.end(), code);
    }));
  }
}

TEST_CASE("names and codes longer than any that is given out are not kept") {
  Alert alert = alert_from(sound_alert());
  alert.scope = Scope::private_;
  const std::string name(kAudienceNameBytes, 'n');
  alert.addresses = name + " " + name + "n";
  const std::string code(kCodeBytes, 'C');
  alert.infos[0].areas[0].geocodes = {{"ONS", code}, {"ONS", code + "C"}};
  const Outline outline = outline_of(alert);
  CHECK(outline.audience.names == std::vector{name});
  CHECK(outline.reaches[0].audience.names == std::vector{name});
  CHECK(outline.reaches[0].codes == std::vector{code});
}

TEST_CASE("more codes than kReachCodesMax in all reaches make the largest reach everywhere") {
  const auto coded = [](int number, std::size_t count) {
    Reach reach = reach_named(number);
    reach.codes.clear();
    for (std::size_t i = 0; i < count; ++i) {
      reach.codes.push_back(std::to_string(number * 1'000'000 + static_cast<int>(i)));
    }
    return reach;
  };
  static_assert(kReachCodesMax == 4 * kCodesMax);
  std::vector<Reach> reaches = {coded(1, kCodesMax - 1), coded(2, kCodesMax), coded(3, kCodesMax),
                                coded(4, kCodesMax)};
  add_reaches(reaches, {coded(5, 1)});
  CHECK_FALSE(reaches[1].everywhere);
  add_reaches(reaches, {coded(6, 1)});
  REQUIRE(reaches.size() == 6);
  CHECK_FALSE(reaches[0].everywhere);
  CHECK(reaches[1].everywhere);
  CHECK_FALSE(reaches[2].everywhere);
}

TEST_CASE("more vertices than kReachVerticesMax make the largest polygons into their boxes") {
  const auto wheel = [](std::size_t vertices, double west) {
    Ring ring;
    for (std::size_t i = 0; i < vertices; ++i) {
      const double angle = 6.283185307 * static_cast<double>(i) / static_cast<double>(vertices);
      ring.push_back(spot_of({50 + std::sin(angle), west + std::cos(angle)}));
    }
    return ring;
  };
  const auto reach_of = [&](std::size_t vertices, int number) {
    Reach reach = reach_named(number);
    reach.shapes = {{wheel(vertices, 10.0 * number)}, {}};
    return reach;
  };
  std::vector<Reach> reaches;
  add_reaches(reaches, {reach_of(kReachVerticesMax / 2 + 10, 0)});
  add_reaches(reaches, {reach_of(kReachVerticesMax / 2 - 10, 1)});
  CHECK(reaches[0].shapes.vertices() + reaches[1].shapes.vertices() == kReachVerticesMax);
  CHECK_FALSE(reaches[0].shapes.holds(spot_of({50.9, 0.9})));  // the corner of its box
  add_reaches(reaches, {reach_of(4, 2)});  // four more, which are not too many alone
  CHECK(reaches[0].shapes.vertices() == 4);
  CHECK(reaches[0].shapes.holds(spot_of({50.9, 0.9})));
  CHECK(reaches[0].shapes.holds(spot_of({50.5, 0.5})));
  CHECK(reaches[0].met == reach_named(0).met);
  CHECK(reaches[1].shapes.vertices() == kReachVerticesMax / 2 - 10);
}
