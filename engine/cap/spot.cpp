#include "engine/cap/spot.hpp"

#include <algorithm>
#include <cmath>

namespace engine::cap {
namespace {

__extension__ using Wide = __int128;

}  // namespace

Spot spot_of(Point point) {
  constexpr double scale = kSpotsPerDegree;
  return {std::llround(point.longitude * scale), std::llround(point.latitude * scale)};
}

Point point_of(Spot spot) {
  constexpr double scale = kSpotsPerDegree;
  return {static_cast<double>(spot.y) / scale, static_cast<double>(spot.x) / scale};
}

Extent extent_of(const Ring& ring) {
  Extent extent{ring.front(), ring.front()};
  for (const Spot spot : ring) extent = around(extent, {spot, spot});
  return extent;
}

Extent around(const Extent& one, const Extent& other) {
  return {{std::min(one.least.x, other.least.x), std::min(one.least.y, other.least.y)},
          {std::max(one.most.x, other.most.x), std::max(one.most.y, other.most.y)}};
}

Edge edge_between(Spot a, Spot b) { return a.y <= b.y ? Edge{a, b} : Edge{b, a}; }

Extent extent_of(const Edge& edge) {
  const auto [west, east] = std::minmax(edge.low.x, edge.high.x);
  return {{west, edge.low.y}, {east, edge.high.y}};
}

int side(Spot a, Spot b, Spot p) {
  const Wide turn =
      static_cast<Wide>(b.x - a.x) * (p.y - a.y) - static_cast<Wide>(b.y - a.y) * (p.x - a.x);
  return turn > 0 ? 1 : turn < 0 ? -1 : 0;
}

bool cross(const Edge& e, const Edge& f) {
  if (!extent_of(e).meets(extent_of(f))) return false;
  if (side(e.low, e.high, f.low) * side(e.low, e.high, f.high) > 0) return false;
  // Where both lie on one line they meet where their boxes do.
  return side(f.low, f.high, e.low) * side(f.low, f.high, e.high) <= 0;
}

bool cross(const Edge& e, const Extent& box) {
  if (!extent_of(e).meets(box)) return false;
  // It passes by unless the two corners that are farthest from its line lie on both sides of it.
  const bool eastward = e.low.x <= e.high.x;
  const Spot left{box.least.x, eastward ? box.most.y : box.least.y};
  const Spot right{box.most.x, eastward ? box.least.y : box.most.y};
  return side(e.low, e.high, left) >= 0 && side(e.low, e.high, right) <= 0;
}

}  // namespace engine::cap
