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

}  // namespace

struct Footprint::Body {
  std::vector<Ring> polygons;
  std::vector<Disc> circles;
  std::vector<Region> regions;
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
  const auto holds_it = [&](const auto& shape) { return shape.holds(spot); };
  return std::any_of(body_->regions.begin(), body_->regions.end(), holds_it) ||
         std::any_of(body_->circles.begin(), body_->circles.end(), holds_it);
}

bool Footprint::meets(const Region& place) const {
  if (!body_) return false;
  return std::any_of(body_->regions.begin(), body_->regions.end(),
                     [&](const Region& region) { return place.meets(region); }) ||
         std::any_of(body_->circles.begin(), body_->circles.end(),
                     [&](const Disc& circle) { return circle.meets(place); });
}

}  // namespace engine::cap
