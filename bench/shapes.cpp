#include "bench/shapes.hpp"

#include <cmath>
#include <functional>
#include <numbers>

namespace bench {
namespace {

using engine::cap::Circle;
using engine::cap::Point;
using engine::cap::Polygon;

const std::string kKingdom = "K02000001", kEngland = "E92000001", kLondon = "E12000007",
                  kScotland = "S92000003";

double rounded(double degrees) { return std::round(degrees * 1e5) / 1e5; }

Polygon closed(Polygon polygon) {
  for (Point& point : polygon) point = {rounded(point.latitude), rounded(point.longitude)};
  polygon.push_back(polygon.front());
  return polygon;
}

/// A polygon that looks like a coast.
Polygon coast(Point middle, double degrees, int vertices, double smooth = 0.97) {
  Chance chance(1);
  Polygon polygon;
  for (int i = 0; i < vertices; ++i) {
    const double angle = 2 * std::numbers::pi * i / vertices;
    const double reach = degrees * chance.between(smooth, 1);
    polygon.push_back({middle.latitude + reach * std::sin(angle),
                       middle.longitude + 1.6 * reach * std::cos(angle)});
  }
  return closed(polygon);
}

/// Teeth of different lengths over a rectangle, all leaning the same way.
Polygon comb(Point corner, double height, double width, double lean, int vertices) {
  Polygon polygon;
  const int teeth = vertices / 4;
  for (int i = 0; i < teeth; ++i) {
    const double x = corner.longitude + width * i / teeth, half = width / teeth / 2;
    const double share = 1 - 0.1 * (i * 7919 % 1000) / 1000;
    const double y = corner.latitude, top = y + height * share, aside = lean * share;
    polygon.insert(polygon.end(),
                   {{y, x}, {top, x + aside}, {top, x + aside + half}, {y, x + half}});
  }
  polygon.push_back({corner.latitude - 0.01, polygon.back().longitude});
  polygon.push_back({corner.latitude - 0.01, corner.longitude});
  return closed(polygon);
}

/// There and back beside it, so many times round.
Polygon spiral(Point middle, double degrees, int vertices, int turns) {
  Polygon polygon;
  const int each = vertices / 2;
  const double gap = degrees / turns / 2;
  for (int i = 0; i < 2 * each; ++i) {
    const bool back = i >= each;
    const int k = back ? 2 * each - 1 - i : i;
    const double angle = 2 * std::numbers::pi * turns * k / each;
    const double reach = degrees * (k + 1) / each + (back ? gap : 0);
    polygon.push_back({middle.latitude + reach * std::sin(angle),
                       middle.longitude + 1.6 * reach * std::cos(angle)});
  }
  return closed(polygon);
}

/// A strip as wide as that beside the border of England with Wales.
Polygon strip(double width) {
  Polygon polygon;
  for (const auto& [y, x] : {std::pair{51.70, -2.67},
                             {51.90, -2.90},
                             {52.10, -3.10},
                             {52.35, -3.00},
                             {52.60, -3.12},
                             {52.90, -3.10}}) {
    polygon.push_back({y, x});
  }
  for (std::size_t i = 6; i-- > 0;) {
    polygon.push_back({polygon[i].latitude, polygon[i].longitude + width});
  }
  return closed(polygon);
}

Shapes nested(int count) {
  Shapes shapes{"5,000 squares in each other", kKingdom, {}, {}};
  for (int i = 0; i < count; ++i) {
    const double half = 0.0001 * (count - i);
    shapes.polygons.push_back(closed({{52.5 - half, -1.5 - half},
                                      {52.5 - half, -1.5 + half},
                                      {52.5 + half, -1.5 + half},
                                      {52.5 + half, -1.5 - half}}));
  }
  return shapes;
}

Shapes circles_at_sea(double radius_km) {
  Shapes shapes{"11,000 circles beside the kingdom", kScotland, {}, {}};
  Chance chance(4);
  for (int i = 0; i < 11'000; ++i) {
    shapes.circles.push_back(
        {{rounded(chance.between(54, 61)), rounded(chance.between(-13, -12))}, radius_km});
  }
  return shapes;
}

}  // namespace

Shapes along_border(const std::string& name, int count, double radius_km, int vertices) {
  Chance chance(3);
  Shapes shapes{name, kEngland, {}, {}};
  for (int i = 0; i < count; ++i) {
    const Point middle{rounded(chance.between(51.8, 53)), rounded(chance.between(-3.0, -2.85))};
    if (vertices == 0) shapes.circles.push_back({middle, radius_km});
    if (vertices > 0) shapes.polygons.push_back(coast(middle, radius_km / 111, vertices, 0.5));
  }
  return shapes;
}

std::vector<Shapes> worst_shapes() {
  return {
      {"100 vertices in London", kLondon, {coast({51.5, -0.12}, 0.02, 100)}, {}},
      {"41,000 vertices in England", kKingdom, {coast({52.5, -1.5}, 1, 41'000, 0.9999)}, {}},
      {"41,000 vertices around the Highlands",
       kScotland,
       {coast({57.5, -5}, 2, 41'000, 0.9999)},
       {}},
      {"upright comb over the kingdom", kKingdom, {comb({50, -9}, 10, 10, 0, 20'000)}, {}},
      {"leaning comb over the kingdom", kKingdom, {comb({50, -9}, 10, 8, 2, 20'000)}, {}},
      {"comb of needles past the Hebrides", kScotland, {comb({54, -9}, 6, 0.2, 2.5, 16'000)}, {}},
      {"comb off the Hebrides", kScotland, {comb({56, -8}, 2.5, 2, 0.4, 20'000)}, {}},
      {"comb across the English border", kEngland, {comb({52, -4.3}, 0.5, 8, 0.05, 20'000)}, {}},
      {"spiral over the kingdom", kKingdom, {spiral({55, -3}, 5, 20'000, 100)}, {}},
      {"star over the kingdom", kKingdom, {coast({55, -3}, 6, 20'000, 0.1)}, {}},
      {"strip along the border, 1 km inside", kEngland, {strip(0.03)}, {}},
      {"strip along the border, 5 km inside", kEngland, {strip(0.07)}, {}},
      along_border("11,000 circles of 1 km on the border", 11'000, 1, 0),
      along_border("11,000 circles of 3 km on the border", 11'000, 3, 0),
      along_border("256 circles of 3 km on the border", 256, 3, 0),
      along_border("256 circles of 30 km on the border", 256, 30, 0),
      along_border("256 polygons of 64 on the border", 256, 4, 64),
      along_border("4,000 polygons of 4 on the border", 4000, 3, 4),
      circles_at_sea(350),
      nested(5000),
  };
}

std::vector<Shapes> shapes_in_london() {
  std::vector<Shapes> all{
      {"100 vertices", kLondon, {coast({51.5, -0.12}, 0.02, 100)}, {}},
      {"20,000 vertices", kLondon, {coast({51.5, -0.12}, 0.2, 20'000)}, {}},
      {"leaning comb", kLondon, {comb({51.3, -0.5}, 0.4, 0.7, 0.1, 20'000)}, {}},
      {"256 circles", kLondon, {}, {}},
      {"11,000 circles", kLondon, {}, {}},
      {"256 polygons of 78", kLondon, {}, {}}};
  for (int i = 0; i < 11'000; ++i) {
    all[4].circles.push_back({{51.3 + 0.004 * (i % 100), -0.5 + 0.008 * (i / 100)}, 0.15});
    if (i >= 256) continue;
    const Point middle{51.4 + 0.01 * (i % 16), -0.3 + 0.02 * (i / 16)};
    all[3].circles.push_back({middle, 1});
    all[5].polygons.push_back(coast(middle, 0.004, 78));
  }
  return all;
}

}  // namespace bench
