// Whether an alert lies inside an authority's areas.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "embedded/places_boundaries.hpp"
#include "engine/match/ground.hpp"
#include "engine/places.hpp"
#include "tests/support/alert_builder.hpp"

using namespace engine;
using tests::AlertBuilder;

namespace {

constexpr const char* kWestminster = "E09000033";
constexpr const char* kManchester = "E08000003";
constexpr const char* kLondon = "E12000007";
constexpr const char* kEngland = "E92000001";
constexpr const char* kUnitedKingdom = "K02000001";

const Places& places() { return Places::builtin(); }

cap::Polygon rectangle(double south, double west, double north, double east) {
  return {{south, west}, {south, east}, {north, east}, {north, west}, {south, west}};
}

/// Whether an alert about that area lies inside those areas.
bool inside(const AlertBuilder& builder, std::vector<std::string> areas) {
  return places().inside(builder.alert(), areas);
}
AlertBuilder somewhere() { return AlertBuilder().no_shape(); }

}  // namespace

TEST_CASE("an alert is inside when each geocode is contained in one of the areas") {
  CHECK(inside(somewhere().geocode(kWestminster), {kLondon}));
  CHECK(inside(somewhere().geocode(kWestminster), {"S92000003", kWestminster}));
  CHECK_FALSE(inside(somewhere().geocode(kLondon), {kWestminster}));
  CHECK_FALSE(inside(somewhere().geocode(kWestminster).geocode(kManchester), {kLondon}));
  CHECK(inside(somewhere().geocode(kWestminster).geocode(kManchester), {kLondon, kManchester}));
  CHECK_FALSE(inside(somewhere().geocode(kWestminster), {}));
  CHECK_FALSE(inside(somewhere().geocode("E99999999"), {kUnitedKingdom}));
  CHECK(inside(somewhere().geocode("E99999999"), {"*"}));
  CHECK(inside(somewhere().geocode("006037", "SAME"), {kLondon}));
}

TEST_CASE("every info and every area has to be inside") {
  AlertBuilder second_area;
  second_area.area("Manchester").geocode(kManchester);
  CHECK_FALSE(inside(second_area, {kLondon}));
  AlertBuilder second_info;
  second_info.info().no_shape().geocode(kManchester);
  CHECK_FALSE(inside(second_info, {kLondon}));
  CHECK(inside(second_info, {kLondon, kManchester}));
}

namespace {

/// An inland border that runs along a parallel for a while would be convenient; there is none. So
/// the tests below measure from the westernmost spot of Birmingham, or make shapes around
/// Leicester, which Leicestershire's districts lie all around.
constexpr const char* kLeicester = "E06000016";
const std::vector<std::string> kAroundLeicester = {"E07000129", "E07000130", "E07000131",
                                                   "E07000132", "E07000135"};

const Leaf& leaf_of(const Ground& ground, std::string_view code) {
  const auto found = std::find_if(ground.leaves().begin(), ground.leaves().end(),
                                  [&](const Leaf& leaf) { return leaf.code == code; });
  REQUIRE(found != ground.leaves().end());
  return *found;
}

/// How much of a box from there to 1 degree east lies in England, counted spot by spot.
double share_of_england(const Ground& ground, double west) {
  int all = 0, held = 0;
  for (double latitude = 52.201; latitude < 52.4; latitude += 0.002) {
    for (int column = 0; column < 100; ++column) {
      const cap::Point point{latitude, west + (column + 0.5) / 100 * (1.0 - west)};
      const auto leaves = ground.holding(cap::spot_of(point));
      ++all;
      held += !leaves.empty() && ground.leaves()[leaves.front()].code.front() == 'E' ? 1 : 0;
    }
  }
  return static_cast<double>(held) / all;
}

}  // namespace

TEST_CASE("a shape is inside with 95 % of its area and no less") {
  // A box across England, and more and more of Wales with it.
  const Ground ground(embedded::places_boundaries());
  for (const auto& [share, verdict] : {std::pair{0.96, true}, {0.94, false}}) {
    double west = -2.9;
    while (share_of_england(ground, west) > share) west -= 0.02;
    CAPTURE(west);
    // Its western corners lie more than 2 km outside, so that the share alone decides.
    CHECK_FALSE(inside(somewhere().polygon(rectangle(52.2, west, 52.4, west + 0.001)), {kEngland}));
    CHECK(inside(somewhere().polygon(rectangle(52.2, west, 52.4, 1.0)), {kEngland}) == verdict);
  }
}

TEST_CASE("a shape is inside when no vertex is more than 2 km outside") {
  // Westwards from the westernmost spot of Blackpool there is the sea alone.
  const Ground ground(embedded::places_boundaries());
  cap::Spot tip{1800000000, 0};
  for (const auto& ring : leaf_of(ground, "E06000009").rings) {
    for (const cap::Spot spot : ring) tip = std::min(tip, spot);
  }
  const cap::Point west = cap::point_of(tip);
  const double km = 1 / (111.32 * std::cos(west.latitude * 3.14159265 / 180));
  for (const auto& each : {std::pair{1.9, true}, {1.98, true}, {2.02, false}}) {
    const double far_km = each.first;
    const double end = west.longitude - far_km * km;
    CAPTURE(far_km);
    const cap::Polygon sliver{{west.latitude, west.longitude},
                              {west.latitude + 1e-5, end},
                              {west.latitude - 1e-5, end},
                              {west.latitude, west.longitude}};
    CHECK(inside(somewhere().polygon(sliver), {"E06000009"}) == each.second);
    CHECK(inside(somewhere().circle({{west.latitude, end}, 0}), {"E06000009"}) == each.second);
    CHECK(inside(somewhere().circle({{west.latitude, west.longitude}, far_km}), {"E06000009"}) ==
          each.second);
  }
}

TEST_CASE("corners in two areas do not make what lies between them anybody's") {
  // London and Manchester may be warned; the Midlands between them may not.
  const cap::Polygon across = {
      {51.50, -0.20}, {51.50, -0.10}, {53.48, -2.23}, {53.47, -2.25}, {51.50, -0.20}};
  const std::vector<std::string> both = {kLondon, kManchester};
  CHECK_FALSE(inside(somewhere().polygon(across), both));
  CHECK(places()
            .first_outside(somewhere().polygon(across).alert(), both)
            .value_or("nothing")
            .starts_with("middle near 5"));
  CHECK(inside(somewhere().polygon(across), {kEngland}));
}

TEST_CASE("a shape without an inside is judged by the ground its edges cross") {
  const struct {
    cap::Point from, to;
    std::vector<std::string> areas;
  } cases[] = {
      {{51.505, -0.10}, {53.48, -2.24}, {kLondon, kManchester}},
      {{51.30, -2.24}, {53.48, -2.24}, {"E06000054", kManchester}},  // along a meridian
      {{53.48, -2.24}, {53.48, -0.50}, {kManchester, "E06000013"}},  // along a parallel
  };
  for (const auto& each : cases) {
    REQUIRE(inside(somewhere().circle({each.from, 0}), each.areas));
    for (const double width : {1e-11, 1e-9, 1e-7, 1e-5, 1e-3}) {
      CAPTURE(width);
      const cap::Polygon sliver{
          each.from, each.to, {each.to.latitude + width, each.to.longitude + width}, each.from};
      CHECK(places()
                .first_outside(somewhere().polygon(sliver).alert(), each.areas)
                .value_or("nothing")
                .starts_with("middle near "));
      CHECK(inside(somewhere().polygon(sliver), {kEngland}));
    }
  }
}

TEST_CASE("an authority all around another one has no say over it") {
  const cap::Polygon around = rectangle(52.54, -1.27, 52.72, -0.98);
  CHECK_FALSE(inside(somewhere().polygon(around), kAroundLeicester));
  std::vector<std::string> all = kAroundLeicester;
  all.emplace_back(kLeicester);
  for (const char* code : {"E07000133", "E07000134"}) all.emplace_back(code);
  CHECK(inside(somewhere().polygon(around), all));
}

TEST_CASE("a circle is inside as a shape of its area is") {
  CHECK(inside(somewhere().circle({{51.5080, -0.1281}, 1.0}), {kWestminster}));
  CHECK(inside(somewhere().circle({{51.5080, -0.1281}, 0.0}), {kWestminster}));
  CHECK_FALSE(inside(somewhere().circle({{51.5080, -0.1281}, 20.0}), {kWestminster}));
  CHECK(inside(somewhere().circle({{51.5080, -0.1281}, 14.0}), {kLondon}));
  for (const double radius_km : {900.0, 30'000.0, 1e300}) {
    CHECK_FALSE(inside(somewhere().circle({{54, -2}, radius_km}), {kUnitedKingdom}));
  }
  CHECK_FALSE(inside(somewhere().circle({{0, 180}, 100}), {kUnitedKingdom}));
  CHECK_FALSE(inside(somewhere().circle({{90, 0}, 100}), {kUnitedKingdom}));
}

TEST_CASE("polygons across the antimeridian and around a pole are outside") {
  CHECK_FALSE(inside(somewhere().polygon({{-17, 177}, {-17, -178}, {-19, -178}, {-17, 177}}),
                     {kUnitedKingdom}));
  CHECK_FALSE(
      inside(somewhere().polygon({{70, 0}, {70, 120}, {70, -120}, {70, 0}}), {kUnitedKingdom}));
}

TEST_CASE("what lies outside is named") {
  const std::vector<std::string> london = {kLondon};
  const auto outside = [&](const AlertBuilder& builder) {
    return places().first_outside(builder.alert(), london).value_or("nothing");
  };
  CHECK(outside(somewhere().geocode(kWestminster)) == "nothing");
  CHECK(outside(somewhere().geocode(kManchester)) == "geocode E08000003");
  CHECK(outside(somewhere().geocode("E99999999")) == "geocode E99999999 (not known here)");
  CHECK(outside(somewhere().polygon({{51.5, -0.1}, {51.6, -0.1}, {53.5, -2.25}, {51.5, -0.1}})) ==
        "corner 53.5,-2.25");
  CHECK(outside(somewhere().circle({{53.5, -2.25}, 3})) == "circle around 53.5,-2.25");
}

TEST_CASE("so many shapes across a border that it would take long are refused and told so") {
  // Both reach into Wales, with less than 5 % of their area and more than 2 km from England.
  const cap::Polygon across = rectangle(52.0, -3.16, 52.6, -1.5);
  AlertBuilder builder = somewhere();
  builder.polygon(across);
  CHECK(inside(builder, {kEngland}));
  for (int i = 1; i < 5000; ++i) builder.polygon(across);
  CHECK(places().first_outside(builder.alert(), std::vector<std::string>{kEngland}).value_or("") ==
        "shapes cross more borders than can be looked at (draw fewer), which");
  // Where nothing has to be measured there may be as many as a document holds.
  AlertBuilder small = somewhere();
  for (int i = 0; i < 11'000; ++i) small.circle({{51.4 + 0.00001 * i, -0.1}, 1});
  CHECK(inside(small, {kLondon}));
}
