#include "engine/cap/crossing.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>

using namespace engine::cap;

namespace {

Polygon polygon_of(std::initializer_list<Point> points) {
  Polygon polygon(points);
  polygon.push_back(polygon.front());
  return polygon;
}

long side(Point a, Point b, Point p) {
  return std::lround((b.longitude - a.longitude) * (p.latitude - a.latitude) -
                     (b.latitude - a.latitude) * (p.longitude - a.longitude));
}

bool between(Point a, Point b, Point p) {
  return p.latitude >= std::min(a.latitude, b.latitude) &&
         p.latitude <= std::max(a.latitude, b.latitude) &&
         p.longitude >= std::min(a.longitude, b.longitude) &&
         p.longitude <= std::max(a.longitude, b.longitude);
}

bool on_edge(Point a, Point b, Point p) { return side(a, b, p) == 0 && between(a, b, p); }

bool share_a_point(Point a, Point b, Point c, Point d) {
  const long s1 = side(a, b, c);
  const long s2 = side(a, b, d);
  const long s3 = side(c, d, a);
  const long s4 = side(c, d, b);
  if (s1 != 0 && s2 != 0 && s3 != 0 && s4 != 0) {
    return (s1 > 0) != (s2 > 0) && (s3 > 0) != (s4 > 0);
  }
  return on_edge(a, b, c) || on_edge(a, b, d) || on_edge(c, d, a) || on_edge(c, d, b);
}

/// Every edge against every other, on a grid of whole degrees, where that is exact.
bool crosses_by_trying(const Polygon& closed) {
  const std::size_t count = closed.size() - 1;
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t j = i + 1; j < count; ++j) {
      const Point a = closed[i];
      const Point b = closed[i + 1];
      const Point c = closed[j];
      const Point d = closed[j + 1];
      if (j == i + 1) {
        if (on_edge(a, b, d) || on_edge(c, d, a)) return true;
      } else if (i == 0 && j == count - 1) {
        if (on_edge(a, b, c) || on_edge(c, d, b)) return true;
      } else if (share_a_point(a, b, c, d)) {
        return true;
      }
    }
  }
  return false;
}

Polygon star(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> radius(5, 40);
  Polygon polygon;
  for (std::size_t i = 0; i < count; ++i) {
    const double angle = 2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(count);
    const double r = radius(random);
    polygon.push_back({r * std::sin(angle), r * std::cos(angle)});
  }
  polygon.push_back(polygon.front());
  return polygon;
}

}  // namespace

TEST_CASE("outlines that meet themselves nowhere are sound") {
  CHECK_FALSE(find_crossing(polygon_of({{0, 0}, {1, 0}, {0, 1}})));
  CHECK_FALSE(find_crossing(polygon_of({{0, 0}, {0, 4}, {4, 4}, {4, 0}})));
  CHECK_FALSE(find_crossing(polygon_of({{0, 0}, {0, 4}, {4, 4}, {1, 2}})));  // a dent
  CHECK_FALSE(find_crossing(polygon_of({{0, 0}, {0, 2}, {0, 4}, {4, 4}})));  // a vertex on a line
}

TEST_CASE("a bow tie crosses between the edges that are named") {
  const auto crossing = find_crossing(polygon_of({{0, 0}, {4, 4}, {4, 0}, {0, 4}}));
  REQUIRE(crossing);
  CHECK(*crossing == std::pair<std::size_t, std::size_t>{0, 2});
}

TEST_CASE("touching and lying on each other is meeting too") {
  CHECK(find_crossing(polygon_of({{0, 0}, {0, 4}, {4, 4}, {0, 2}, {4, 0}})));  // a vertex touches
  CHECK(find_crossing(polygon_of({{0, 0}, {0, 4}, {0, 2}, {4, 2}})));          // a spike
  CHECK(find_crossing(polygon_of({{0, 0}, {4, 0}, {8, 0}})));                  // no area at all
  CHECK(find_crossing(polygon_of({{0, 0}, {0, 9}, {2, 9}, {2, 5}, {0, 5}, {0, 3}, {3, 0}})));
}

TEST_CASE("vertices in one place are found wherever they stand") {
  CHECK_FALSE(find_repeated_vertex(polygon_of({{0, 0}, {1, 0}, {0, 1}})));
  const auto neighbours = find_repeated_vertex(polygon_of({{0, 0}, {1, 0}, {1, 0}, {0, 1}}));
  REQUIRE(neighbours);
  CHECK(*neighbours == std::pair<std::size_t, std::size_t>{1, 2});
  const auto distant = find_repeated_vertex(polygon_of({{0, 0}, {2, 2}, {4, 0}, {5, 5}, {2, 2}}));
  REQUIRE(distant);
  CHECK(*distant == std::pair<std::size_t, std::size_t>{1, 4});
  CHECK_FALSE(find_repeated_vertex({}));
}

TEST_CASE("the sweep agrees with trying every pair of edges on random small polygons") {
  std::mt19937 random(20261121);
  int sound = 0;
  int crossed = 0;
  for (int round = 0; round < 20'000; ++round) {
    const int span = std::uniform_int_distribution<int>(2, 12)(random);
    std::uniform_int_distribution<int> coordinate(0, span);
    Polygon polygon;
    const int count = std::uniform_int_distribution<int>(3, 9)(random);
    for (int i = 0; i < count; ++i) {
      const Point point{static_cast<double>(coordinate(random)),
                        static_cast<double>(coordinate(random))};
      if (std::find(polygon.begin(), polygon.end(), point) == polygon.end()) {
        polygon.push_back(point);
      }
    }
    if (polygon.size() < 3) continue;
    polygon.push_back(polygon.front());
    const bool expected = crosses_by_trying(polygon);
    (expected ? crossed : sound) += 1;
    std::string shown;
    for (const Point& point : polygon) {
      shown += std::to_string(point.latitude) + "," + std::to_string(point.longitude) + " ";
    }
    CAPTURE(shown);
    REQUIRE(find_crossing(polygon).has_value() == expected);
  }
  CHECK(sound > 1'000);
  CHECK(crossed > 2'000);
}

TEST_CASE("a star is sound until one of its vertices is moved across") {
  for (unsigned seed = 0; seed < 20; ++seed) {
    Polygon polygon = star(500, seed);
    CHECK_FALSE(find_crossing(polygon));
    const double far = -45 / std::hypot(polygon[100].latitude, polygon[100].longitude);
    polygon[100] = {far * polygon[100].latitude, far * polygon[100].longitude};
    CHECK(find_crossing(polygon));
  }
}

TEST_CASE("a hundred thousand vertices are no burden") {
  CHECK_FALSE(find_crossing(star(100'000, 1)));
  Polygon comb;  // as many edges as possible are met by the sweep line at once
  for (int i = 0; i < 25'000; ++i) {
    const double north = i * 0.002;
    comb.push_back({north, 10.0});
    comb.push_back({north + 0.001, -10.0 - (i % 7)});
  }
  comb.push_back({51, 20});
  comb.push_back({-1, 20});
  comb.push_back(comb.front());
  CHECK_FALSE(find_crossing(comb));
}

TEST_CASE("an outline across the antimeridian may go the short way") {
  CHECK_FALSE(find_crossing(polygon_of({{10, 170}, {20, 175}, {20, -175}, {10, -170}})));
  // Sound in the plane only if the long edges are taken the short way.
  CHECK_FALSE(find_crossing(polygon_of({{0, 179}, {5, -179}, {10, 179}, {5, 178}})));
  // The whole Earth is sound as it stands.
  CHECK_FALSE(find_crossing(polygon_of({{-90, -180}, {90, -180}, {90, 180}, {-90, 180}})));
  CHECK(find_crossing(polygon_of({{10, 170}, {20, -170}, {10, -170}, {20, 170}})));
}

TEST_CASE("distances below a micrometre are told apart") {
  const double step = 1e-11;
  CHECK_FALSE(find_crossing(polygon_of({{51, 0}, {51, 1}, {51 + step, 1}, {51 + step, 0}})));
  CHECK(find_crossing(polygon_of({{51, 0}, {51, 1}, {51 + step, 0}, {51 + step, 1}})));
}
