#include "engine/cap/region.hpp"

#include <doctest/doctest.h>

#include "engine/cap/footprint.hpp"
#include "tests/unit/cap/random_rings.hpp"

using namespace engine::cap;

namespace {

std::int64_t turn(Spot a, Spot b, Spot p) {  // small numbers: no overflow
  return (b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x);
}

int sign(std::int64_t number) { return number > 0 ? 1 : number < 0 ? -1 : 0; }

bool on(Spot a, Spot b, Spot p) {
  return turn(a, b, p) == 0 && std::min(a.x, b.x) <= p.x && p.x <= std::max(a.x, b.x) &&
         std::min(a.y, b.y) <= p.y && p.y <= std::max(a.y, b.y);
}

template <class Visit>
void each_edge(const std::vector<Ring>& rings, Visit visit) {
  for (const Ring& ring : rings) {
    for (std::size_t i = 0; i < ring.size(); ++i) visit(ring[i], ring[(i + 1) % ring.size()]);
  }
}

/// As in a school book: count what a ray to the east crosses.
bool held_by_hand(const std::vector<Ring>& rings, Spot p) {
  bool inside = false, border = false;
  each_edge(rings, [&](Spot a, Spot b) {
    border = border || on(a, b, p);
    if ((a.y <= p.y) == (b.y <= p.y)) return;
    if ((turn(a, b, p) > 0) == (b.y > a.y)) inside = !inside;
  });
  return border || inside;
}

bool cross_by_hand(Spot a, Spot b, Spot c, Spot d) {
  if (on(a, b, c) || on(a, b, d) || on(c, d, a) || on(c, d, b)) return true;
  return sign(turn(a, b, c)) * sign(turn(a, b, d)) < 0 &&
         sign(turn(c, d, a)) * sign(turn(c, d, b)) < 0;
}

bool touched_by_hand(const std::vector<Ring>& rings, Spot a, Spot b) {
  bool touched = false;
  each_edge(rings, [&](Spot c, Spot d) { touched = touched || cross_by_hand(a, b, c, d); });
  return touched;
}

bool meet_by_hand(const std::vector<Ring>& one, const std::vector<Ring>& other) {
  bool meet = held_by_hand(one, other[0][0]) || held_by_hand(other, one[0][0]);
  each_edge(one, [&](Spot a, Spot b) { meet = meet || touched_by_hand(other, a, b); });
  return meet;
}

class Maker : public tests::RandomRings {
 public:
  using RandomRings::RandomRings;

  /// Teeth from south to north or leaning, on a base, so that the ring does not cross itself.
  Ring comb(Spot corner, std::int64_t teeth, std::int64_t height, std::int64_t lean) {
    Ring ring = RandomRings::comb(corner, teeth, 1, {lean, height}, 5);
    ring.push_back({ring.back().x, corner.y - 10});
    ring.push_back({corner.x, corner.y - 10});
    return ring;
  }
};

void compare(Maker& maker, const std::vector<Ring>& rings, int questions) {
  const Region region(rings);
  const Extent box = region.extent();
  const auto somewhere = [&] {
    return Spot{box.least.x - 3 + maker.below(box.most.x - box.least.x + 7),
                box.least.y - 3 + maker.below(box.most.y - box.least.y + 7)};
  };
  for (int i = 0; i < questions; ++i) {
    const Spot p = somewhere();
    CAPTURE(p.x);
    CAPTURE(p.y);
    REQUIRE(region.holds(p) == held_by_hand(rings, p));
    Spot q = somewhere();
    if (i % 2 == 0) q = {p.x + maker.below(9) - 4, p.y + maker.below(9) - 4};
    CAPTURE(q.x);
    CAPTURE(q.y);
    REQUIRE(region.touches(edge_between(p, q)) == touched_by_hand(rings, p, q));
  }
  each_edge(rings, [&](Spot a, Spot b) {
    REQUIRE(region.holds(a));
    REQUIRE(region.touches(edge_between(a, b)));
  });
}

}  // namespace

TEST_CASE("what a region holds and touches is what a school book says") {
  Maker maker(1);
  for (int round = 0; round < 60; ++round) {
    CAPTURE(round);
    const auto vertices = static_cast<std::size_t>(3 + maker.below(120));
    // Small sizes put many questions on vertices and edges.
    const Ring ring = maker.star({50, -20}, round % 2 == 0 ? 400 : 100'000, vertices);
    if (round % 2 == 0 && vertices > 40)
      continue;  // rounding may make so small a star cross itself
    compare(maker, {ring}, 200);
  }
  compare(maker, {maker.comb({0, 0}, 300, 5000, 0)}, 2000);
  compare(maker, {maker.comb({0, 0}, 300, 5000, 900)}, 2000);
}

TEST_CASE("rings inside rings are holes and islands in them") {
  const auto square = [](std::int64_t half) {
    return Ring{{-half, -half}, {half, -half}, {half, half}, {-half, half}};
  };
  const Region region({square(30), square(20), square(10)});
  CHECK(region.holds({25, 0}));
  CHECK(region.holds({20, 0}));  // a border
  CHECK_FALSE(region.holds({15, 0}));
  CHECK(region.holds({5, 0}));
  CHECK_FALSE(region.meets(Region({{{13, 13}, {17, 13}, {15, 17}}})));
  CHECK(region.meets(Region({{{13, 13}, {21, 13}, {15, 17}}})));
  CHECK(region.meets(Region({square(100)})));
  Maker maker(2);
  compare(maker, {square(30), square(20), square(10)}, 2000);
}

TEST_CASE("whether regions meet is what a school book says") {
  Maker maker(3);
  int met = 0;
  for (int round = 0; round < 400; ++round) {
    const Ring one = maker.star({0, 0}, 30'000, static_cast<std::size_t>(3 + maker.below(60)));
    const Ring other = maker.star({maker.below(90'000) - 45'000, maker.below(90'000) - 45'000},
                                  9'000, static_cast<std::size_t>(3 + maker.below(60)));
    const bool meet = meet_by_hand({one}, {other});
    met += meet ? 1 : 0;
    REQUIRE(Region({one}).meets(Region({other})) == meet);
    REQUIRE(Region({other}).meets(Region({one})) == meet);
  }
  CHECK(met > 50);
  CHECK(met < 350);
}

TEST_CASE("combs of needles meet what a school book says") {
  Maker maker(4);
  int met = 0;
  for (int round = 0; round < 60; ++round) {
    CAPTURE(round);
    // Teeth a few spots wide and thousands long, with triangles as small as the gaps among them.
    const Ring comb = maker.comb({0, 0}, 60, 5000, round % 2 == 0 ? 0 : 900);
    const Region region({comb});
    for (int i = 0; i < 40; ++i) {
      const Spot at{maker.below(1400) - 100, maker.below(5400) - 200};
      const Ring small{at, {at.x + maker.below(4), at.y + 1}, {at.x, at.y + 2 + maker.below(900)}};
      const bool meet = meet_by_hand({comb}, {small});
      met += meet ? 1 : 0;
      REQUIRE(Region({small}).meets(region) == meet);
      REQUIRE(region.meets(Region({small})) == meet);
    }
  }
  CHECK(met > 200);
  CHECK(met < 2200);
}

TEST_CASE("many shapes together answer as each of them does by itself") {
  Maker maker(5);
  std::vector<Ring> polygons;
  std::vector<Disc> circles;
  for (int i = 0; i < 700; ++i) {
    const Spot at{maker.below(10'000'000), maker.below(10'000'000) + 500'000'000};
    if (i % 2 == 0) polygons.push_back(maker.star(at, 100'000, 9));
    if (i % 2 == 1) circles.emplace_back(at, 0.001 * static_cast<double>(maker.below(1500)));
  }
  const Footprint shapes(polygons, circles);
  int held = 0, met = 0;
  for (int i = 0; i < 4000; ++i) {
    const Spot p{maker.below(10'000'000), maker.below(10'000'000) + 500'000'000};
    const bool in_polygon = std::any_of(polygons.begin(), polygons.end(),
                                        [&](const Ring& ring) { return held_by_hand({ring}, p); });
    const bool in_circle = std::any_of(circles.begin(), circles.end(), [&](const Disc& circle) {
      return distance_km(point_of(circle.centre()), point_of(p)) <= circle.radius_km();
    });
    held += in_polygon || in_circle ? 1 : 0;
    REQUIRE(shapes.holds(p) == (in_polygon || in_circle));
    if (i % 20 > 0) continue;
    const Region place({maker.star(p, 50'000, 7)});
    const bool meet = std::any_of(polygons.begin(), polygons.end(),
                                  [&](const Ring& ring) { return place.meets(Region({ring})); }) ||
                      std::any_of(circles.begin(), circles.end(),
                                  [&](const Disc& circle) { return circle.meets(place); });
    met += meet ? 1 : 0;
    REQUIRE(shapes.meets(place) == meet);
  }
  CHECK(held > 100);
  CHECK(held < 3900);
  CHECK(met > 10);
  CHECK(met < 200);
}

TEST_CASE("regions without height or width hold their own spots alone") {
  for (const Ring& ring : {Ring{{5, 5}}, Ring{{5, 5}, {9, 5}}, Ring{{5, 5}, {5, 9}, {5, 7}},
                           Ring{{5, 5}, {9, 9}, {7, 7}}}) {
    const Region region({ring});
    for (const Spot spot : ring) CHECK(region.holds(spot));
    CHECK_FALSE(region.holds({6, 7}));
    CHECK_FALSE(region.holds({4, 5}));
  }
  CHECK_FALSE(Region({}).holds({0, 0}));
  CHECK_FALSE(Region({}).touches({{0, 0}, {1, 1}}));
}

TEST_CASE("a circle meets what comes within its radius and no more") {
  const Region square({ring_of({{51.0, 0.0}, {51.0, 0.1}, {51.1, 0.1}, {51.1, 0.0}})});
  const double km = 1 / 111.26;  // of latitude there
  const auto meets = [&](Point centre, double radius_km) {
    return Disc(spot_of(centre), radius_km).meets(square);
  };
  CHECK(meets({51.05, 0.05}, 0));
  CHECK(meets({51.1 + 3 * km, 0.05}, 3.01));
  CHECK_FALSE(meets({51.1 + 3 * km, 0.05}, 2.99));
  CHECK(meets({51.05, 0.05}, 1e300));
  // Beyond a corner its box meets the square and it does not.
  CHECK_FALSE(meets({51.1 + 3 * km, 0.1 + 3 * km / 0.628}, 4.2));
  CHECK(meets({51.1 + 3 * km, 0.1 + 3 * km / 0.628}, 4.3));
}

TEST_CASE("distances are those of the Earth and not of a globe") {
  CHECK(distance_km({0, 0}, {0, 1}) == doctest::Approx(111.3195).epsilon(0.00001));
  CHECK(distance_km({0, 0}, {1, 0}) == doctest::Approx(110.5744).epsilon(0.00001));
  CHECK(distance_km({89, 0}, {90, 0}) == doctest::Approx(111.6939).epsilon(0.00001));
  CHECK(distance_km({51.5, -0.12}, {51.5, -0.12}) == 0);
  CHECK(Disc(spot_of({0, 0}), 111.33).holds(spot_of({0, 1})));
  CHECK_FALSE(Disc(spot_of({0, 0}), 111.31).holds(spot_of({0, 1})));
}
