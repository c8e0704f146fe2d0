#include "engine/cap/raster.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "engine/cap/footprint.hpp"
#include "tests/unit/cap/random_rings.hpp"

using namespace engine::cap;
using Maker = tests::RandomRings;

namespace {

/// As in a school book: count what a ray to the east crosses.
bool held_by_hand(const Ring& ring, Spot p) {
  bool inside = false;
  for (std::size_t i = 0; i < ring.size(); ++i) {
    const Edge edge = edge_between(ring[i], ring[(i + 1) % ring.size()]);
    const int turn = side(edge.low, edge.high, p);
    if (turn == 0 && extent_of(edge).holds(p)) return true;
    if (edge.low.y <= p.y && p.y < edge.high.y && turn > 0) inside = !inside;
  }
  return inside;
}

/// Spots of all kinds: anywhere, on vertices, beside them, and on their parallels and meridians.
template <class Ask>
void ask_many(Maker& maker, const std::vector<Ring>& rings, const Extent& box, int count, Ask ask) {
  for (int i = 0; i < count; ++i) {
    const Ring& one = rings[static_cast<std::size_t>(maker.below(std::ssize(rings)))];
    const Ring& two = rings[static_cast<std::size_t>(maker.below(std::ssize(rings)))];
    const Spot a = one[static_cast<std::size_t>(maker.below(std::ssize(one)))];
    const Spot b = two[static_cast<std::size_t>(maker.below(std::ssize(two)))];
    ask(maker.in({{box.least.x - 2, box.least.y - 2}, {box.most.x + 2, box.most.y + 2}}));
    ask(a);
    ask({a.x + maker.below(3) - 1, a.y + maker.below(3) - 1});
    ask({a.x, b.y});
    ask({maker.in(box).x, a.y});
  }
}

int compare(Maker& maker, const std::vector<Ring>& rings, int count) {
  const Raster raster(rings, {});
  Extent box = extent_of(rings.front());
  for (const Ring& ring : rings) box = around(box, extent_of(ring));
  int held = 0;
  ask_many(maker, rings, box, count, [&](Spot p) {
    CAPTURE(p.x);
    CAPTURE(p.y);
    const bool inside = std::any_of(rings.begin(), rings.end(),
                                    [&](const Ring& ring) { return held_by_hand(ring, p); });
    held += inside ? 1 : 0;
    REQUIRE(raster.holds(p) == inside);
  });
  return held;
}

}  // namespace

TEST_CASE("a raster says of every spot what a school book says") {
  Maker maker(1);
  for (int round = 0; round < 300; ++round) {
    CAPTURE(round);
    std::vector<Ring> rings;
    // From a handful of spots, where everything touches, to half the Earth.
    const std::int64_t size = 1LL << maker.below(32);
    const Extent box{{-size, -size / (1 + maker.below(9))}, {size, size / 2 + 1}};
    const std::int64_t count = 1 + maker.below(round % 3 == 0 ? 40 : 3);
    for (std::int64_t i = 0; i < count; ++i) {
      const auto vertices = static_cast<std::size_t>(1 + maker.below(30));
      rings.push_back(maker.below(2) == 0 ? maker.scribble(box, vertices)
                                          : maker.star(maker.in(box), size / 3 + 2, vertices));
    }
    compare(maker, rings, 100);
  }
}

TEST_CASE("combs that lean any way are held as a school book says") {
  Maker maker(2);
  for (const Spot lean : {Spot{0, 100'000},
                          {30'000, 100'000},
                          {-100'000, 100'000},
                          {500'000, 90'000},
                          {-2'000'000, 5'000},
                          {7, 40}}) {
    CAPTURE(lean.x);
    CHECK(compare(maker, {maker.comb({50, -20}, 500, 3, lean, 3)}, 1500) > 100);
    CHECK(compare(maker,
                  {maker.comb({50, -20}, 200, 300, lean, 300),
                   maker.comb({-9000, 400}, 200, 100, {lean.y, lean.x}, 100),
                   maker.star({20'000, 50'000}, 60'000, 300)},
                  1000) > 100);
  }
}

TEST_CASE("circles and polygons together are held prepared as they are unprepared") {
  Maker maker(3);
  for (int round = 0; round < 60; ++round) {
    CAPTURE(round);
    // Over Britain, over a pole, and across the antimeridian.
    const Spot middle = round % 3 == 0   ? Spot{-20'000'000, 520'000'000}
                        : round % 3 == 1 ? Spot{0, 890'000'000}
                                         : Spot{1'795'000'000, -180'000'000};
    const Extent box{{middle.x - 5'000'000, middle.y - 10'000'000},
                     {middle.x + 5'000'000, middle.y + 10'000'000}};
    std::vector<Ring> rings;
    std::vector<Disc> circles;
    for (int i = 0; i < 1 + round; ++i) {
      rings.push_back(maker.star(maker.in(box), 1'500'000, 3 + static_cast<std::size_t>(round)));
      for (Spot& spot : rings.back()) {
        spot.y = std::min<std::int64_t>(spot.y, 900'000'000);
        if (spot.x > 1'800'000'000) spot.x -= 3'600'000'000;
      }
      circles.emplace_back(maker.in(box), 0.01 * static_cast<double>(maker.below(3000)));
    }
    circles.emplace_back(middle, 0);
    if (round % 20 == 1) circles.emplace_back(middle, 900);
    const Footprint plain(rings, circles), ready(rings, circles);
    CHECK(ready.octets_prepared() == 0);
    ready.prepare();
    CHECK(ready.octets_prepared() > 0);
    int held = 0;
    ask_many(maker, rings, box, 200, [&](Spot p) {
      CAPTURE(p.x);
      CAPTURE(p.y);
      held += plain.holds(p) ? 1 : 0;
      REQUIRE(ready.holds(p) == plain.holds(p));
    });
    for (const Disc& circle : circles) CHECK(ready.holds(circle.centre()));
    CHECK(held > 0);
  }
}

TEST_CASE("large circles upon each other are held together as each by itself") {
  Maker maker(4);
  struct Row {
    Extent centres;
    double radius_km;
    Extent asked;
  };
  for (const Row& row : {
           // At sea, asked where their eastern sides are; over a pole; and more than half the
           // Earth.
           Row{{{-130'000'000, 540'000'000}, {-120'000'000, 610'000'000}},
               350,
               {{-75'000'000, 530'000'000}, {-50'000'000, 620'000'000}}},
           Row{{{-1'800'000'000, 880'000'000}, {1'800'000'000, 895'000'000}},
               600,
               {{-1'800'000'000, 820'000'000}, {1'800'000'000, 860'000'000}}},
           Row{{{0, 0}, {20'000'000, 20'000'000}},
               12'000,
               {{-1'800'000'000, -900'000'000}, {1'800'000'000, 900'000'000}}},
       }) {
    CAPTURE(row.radius_km);
    std::vector<Disc> circles;
    for (int i = 0; i < 200; ++i) {
      circles.emplace_back(maker.in(row.centres), row.radius_km + static_cast<double>(i % 3));
    }
    const Footprint plain({}, circles), ready({}, circles);
    ready.prepare();
    int held = 0;
    for (int i = 0; i < 3000; ++i) {
      const Spot p = maker.in(row.asked);
      CAPTURE(p.x);
      CAPTURE(p.y);
      held += plain.holds(p) ? 1 : 0;
      REQUIRE(ready.holds(p) == plain.holds(p));
    }
    CHECK(held > 300);
    CHECK(held < 2900);
  }
}

TEST_CASE("what is empty holds nothing, and a spot holds itself") {
  CHECK_FALSE(Raster({}, {}).holds({0, 0}));
  CHECK_FALSE(Raster({{}}, {}).holds({0, 0}));
  const Raster spot({{{5, 5}}}, {});
  CHECK(spot.holds({5, 5}));
  CHECK_FALSE(spot.holds({5, 6}));
  CHECK_FALSE(spot.holds({4, 5}));
}
