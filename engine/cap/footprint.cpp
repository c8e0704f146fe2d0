#include "engine/cap/footprint.hpp"

#include <cstdlib>
#include <tuple>

#include "engine/cap/outline.hpp"

namespace engine::cap {
namespace {

constexpr std::int64_t kTurn = 360 * kSpotsPerDegree;
constexpr std::int64_t kPole = 90 * kSpotsPerDegree;

/// The ring with every edge going the short way, so that longitudes go on beyond 180 degrees.
Ring unwound(const Ring& ring) {
  Ring unwound;
  unwound.reserve(ring.size() + 2);
  std::int64_t turns = 0;
  for (std::size_t i = 0; i < ring.size(); ++i) {
    if (i > 0 && ring[i].x - ring[i - 1].x > kTurn / 2) turns -= kTurn;
    if (i > 0 && ring[i - 1].x - ring[i].x > kTurn / 2) turns += kTurn;
    unwound.push_back({ring[i].x + turns, ring[i].y});
  }
  const std::int64_t last = ring.front().x - ring.back().x;
  if (last > kTurn / 2) turns -= kTurn;
  if (last < -kTurn / 2) turns += kTurn;
  if (turns == 0) return unwound;
  const Extent extent = extent_of(ring);
  const std::int64_t pole = extent.least.y + extent.most.y > 0 ? kPole : -kPole;
  const std::int64_t begin = unwound.front().x;
  unwound.push_back({begin + turns, unwound.front().y});
  unwound.push_back({begin + turns, pole});
  unwound.push_back({begin, pole});
  return unwound;
}

bool has_wide_edge(const Ring& ring) {
  for (std::size_t i = 0; i < ring.size(); ++i) {
    const Spot next = ring[i + 1 == ring.size() ? 0 : i + 1];
    if (std::abs(next.x - ring[i].x) > kTurn / 2) return true;
  }
  return false;
}

template <class Shape>
BoxTree tree_of(const std::vector<Shape>& shapes) {
  std::vector<Extent> boxes;
  boxes.reserve(shapes.size());
  for (const Shape& shape : shapes) boxes.push_back(shape.extent());
  return BoxTree(boxes);
}

}  // namespace

struct Footprint::Body {
  std::vector<Ring> polygons;
  std::vector<Disc> circles;
  std::vector<Region> regions;
  BoxTree around_regions, around_circles;
};

Extent box_around(const Ring& ring) {
  Polygon polygon;
  polygon.reserve(ring.size());
  for (const Spot spot : ring) polygon.push_back(point_of(spot));
  const Box box = box_of(polygon);
  return {spot_of({box.south, box.west}), spot_of({box.north, box.east})};
}

Ring ring_of(const Polygon& polygon) {
  Ring ring;
  ring.reserve(polygon.size());
  for (const Point point : polygon) ring.push_back(spot_of(point));
  if (ring.size() > 1 && ring.front() == ring.back()) ring.pop_back();
  return ring;
}

std::vector<Region> regions_of(const Ring& ring) {
  std::vector<Region> regions;
  if (ring.empty()) return regions;
  regions.emplace_back(std::vector<Ring>{ring});
  if (!has_wide_edge(ring)) return regions;
  Ring other = unwound(ring);
  for (Spot& spot : other) spot.x -= 2 * kTurn;
  for (int turns = -1; turns <= 1; ++turns) {
    for (Spot& spot : other) spot.x += kTurn;
    const Extent extent = extent_of(other);
    if (extent.least.x > kTurn / 2 || extent.most.x < -kTurn / 2) continue;
    regions.emplace_back(std::vector<Ring>{other});
  }
  return regions;
}

Footprint::Footprint(std::vector<Ring> polygons, std::vector<Disc> circles) {
  if (polygons.empty() && circles.empty()) return;
  std::sort(polygons.begin(), polygons.end());
  polygons.erase(std::unique(polygons.begin(), polygons.end()), polygons.end());
  const auto key = [](const Disc& disc) { return std::tuple(disc.centre(), disc.radius_km()); };
  std::sort(circles.begin(), circles.end(),
            [&](const Disc& a, const Disc& b) { return key(a) < key(b); });
  circles.erase(std::unique(circles.begin(), circles.end()), circles.end());
  auto body = std::make_shared<Body>();
  for (const Ring& ring : polygons) {
    for (Region& region : regions_of(ring)) body->regions.push_back(std::move(region));
  }
  body->polygons = std::move(polygons);
  body->circles = std::move(circles);
  body->around_regions = tree_of(body->regions);
  body->around_circles = tree_of(body->circles);
  body_ = std::move(body);
}

const std::vector<Ring>& Footprint::polygons() const {
  static const std::vector<Ring> none;
  return body_ ? body_->polygons : none;
}

const std::vector<Disc>& Footprint::circles() const {
  static const std::vector<Disc> none;
  return body_ ? body_->circles : none;
}

std::size_t Footprint::vertices() const {
  std::size_t vertices = circles().size();
  for (const Ring& ring : polygons()) vertices += ring.size();
  return vertices;
}

bool Footprint::holds(Spot spot) const {
  if (!body_) return false;
  const auto near = [&](const Extent& box) { return box.holds(spot); };
  return body_->around_regions.any(near,
                                   [&](std::size_t i) { return body_->regions[i].holds(spot); }) ||
         body_->around_circles.any(near,
                                   [&](std::size_t i) { return body_->circles[i].holds(spot); });
}

bool Footprint::meets(const Region& place) const {
  if (!body_) return false;
  const auto near = [&](const Extent& box) { return box.meets(place.extent()); };
  return body_->around_regions.any(near,
                                   [&](std::size_t i) { return place.meets(body_->regions[i]); }) ||
         body_->around_circles.any(near,
                                   [&](std::size_t i) { return body_->circles[i].meets(place); });
}

}  // namespace engine::cap
