#pragma once
// Places, lines and boxes on the map, in whole numbers of 10^-7 degrees (a centimetre), so that
// every question about them has an exact answer. Pure; any thread.
#include <cstdint>
#include <vector>

#include "engine/cap/alert.hpp"

namespace engine::cap {

inline constexpr std::int64_t kSpotsPerDegree = 10'000'000;

/// A place on the map.
struct Spot {
  std::int64_t x = 0;  // longitude
  std::int64_t y = 0;  // latitude
  auto operator<=>(const Spot&) const = default;
};
using Ring = std::vector<Spot>;  // the last one is joined to the first

Spot spot_of(Point point);
Point point_of(Spot spot);

/// A rectangle, edges included.
struct Extent {
  Spot least, most;
  bool operator==(const Extent&) const = default;

  bool holds(Spot p) const {
    return least.x <= p.x && p.x <= most.x && least.y <= p.y && p.y <= most.y;
  }
  bool meets(const Extent& other) const {
    return least.x <= other.most.x && other.least.x <= most.x && least.y <= other.most.y &&
           other.least.y <= most.y;
  }
};

/// Around all of these; there is at least one.
Extent extent_of(const Ring& ring);
Extent around(const Extent& one, const Extent& other);

struct Edge {
  Spot low, high;  // high.y is not below low.y
};

Edge edge_between(Spot a, Spot b);
Extent extent_of(const Edge& edge);

/// On which side of the line from a to b the spot p lies: 1 left, -1 right, 0 on it.
int side(Spot a, Spot b, Spot p);
/// Whether two edges have a spot in common, ends included.
bool cross(const Edge& e, const Edge& f);
/// Whether the edge and the box have a spot in common.
bool cross(const Edge& e, const Extent& box);

}  // namespace engine::cap
