#include "engine/cap/footprint.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <tuple>

#include "engine/cap/outline.hpp"
#include "engine/cap/raster.hpp"

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

/// Whether an odd number of edges lie west of the spot, or one goes through it.
bool goes_round(const Ring& ring, Spot spot) {
  bool inside = false;
  for (std::size_t i = 0; i < ring.size(); ++i) {
    const Edge edge = edge_between(ring[i], ring[i + 1 == ring.size() ? 0 : i + 1]);
    if (spot.y < edge.low.y || spot.y > edge.high.y) continue;
    const int turn = side(edge.low, edge.high, spot);
    if (turn == 0 && extent_of(edge).holds(spot)) return true;
    inside = inside != (turn < 0 && spot.y < edge.high.y);
  }
  return inside;
}

bool lies_in(const Ring& polygon, Spot spot) {
  if (!has_wide_edge(polygon)) return goes_round(polygon, spot);
  const std::vector<Ring> readings = readings_of(polygon);
  return std::any_of(readings.begin(), readings.end(),
                     [&](const Ring& reading) { return goes_round(reading, spot); });
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
  Body(std::vector<Ring> rings, std::vector<Disc> discs);
  bool holds(Spot spot) const;
  const std::vector<Region>& ready_regions() const;

  std::vector<Ring> polygons;
  std::vector<Disc> circles;
  BoxTree around_polygons, around_circles;

  // Made when asked for: who only reads records of a log needs neither.
  mutable std::once_flag regions_once, raster_once;
  mutable std::vector<Region> regions;
  mutable BoxTree around_regions;
  mutable std::unique_ptr<const Raster> raster_owned;
  mutable std::atomic<const Raster*> raster{nullptr};
};

Footprint::Body::Body(std::vector<Ring> rings, std::vector<Disc> discs)
    : polygons(std::move(rings)), circles(std::move(discs)) {
  std::vector<Extent> boxes;
  boxes.reserve(polygons.size());
  for (const Ring& ring : polygons) {
    const bool plain = !ring.empty() && !has_wide_edge(ring);
    boxes.push_back(plain ? extent_of(ring) : Extent{{-kTurn / 2, -kPole}, {kTurn / 2, kPole}});
  }
  around_polygons = BoxTree(boxes);
  around_circles = tree_of(circles);
}

bool Footprint::Body::holds(Spot spot) const {
  const auto near = [&](const Extent& box) { return box.holds(spot); };
  return around_polygons.any(near, [&](std::size_t i) { return lies_in(polygons[i], spot); }) ||
         around_circles.any(near, [&](std::size_t i) { return circles[i].holds(spot); });
}

const std::vector<Region>& Footprint::Body::ready_regions() const {
  std::call_once(regions_once, [this] {
    for (const Ring& ring : polygons) {
      for (Region& region : regions_of(ring)) regions.push_back(std::move(region));
    }
    around_regions = tree_of(regions);
  });
  return regions;
}

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

std::vector<Ring> readings_of(const Ring& ring) {
  std::vector<Ring> readings;
  if (ring.empty()) return readings;
  readings.push_back(ring);
  if (!has_wide_edge(ring)) return readings;
  Ring other = unwound(ring);
  for (Spot& spot : other) spot.x -= 2 * kTurn;
  for (int turns = -1; turns <= 1; ++turns) {
    for (Spot& spot : other) spot.x += kTurn;
    const Extent extent = extent_of(other);
    if (extent.least.x > kTurn / 2 || extent.most.x < -kTurn / 2) continue;
    readings.push_back(other);
  }
  return readings;
}

std::vector<Region> regions_of(const Ring& ring) {
  std::vector<Region> regions;
  for (const Ring& reading : readings_of(ring)) regions.emplace_back(std::vector<Ring>{reading});
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
  body_ = std::make_shared<Body>(std::move(polygons), std::move(circles));
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
  const Raster* raster = body_->raster.load(std::memory_order_acquire);
  return raster != nullptr ? raster->holds(spot) : body_->holds(spot);
}

void Footprint::prepare() const {
  if (!body_) return;
  std::call_once(body_->raster_once, [this] {
    std::vector<Ring> rings;
    for (const Ring& polygon : body_->polygons) {
      for (Ring& reading : readings_of(polygon)) rings.push_back(std::move(reading));
    }
    body_->raster_owned = std::make_unique<const Raster>(rings, body_->circles);
    body_->raster.store(body_->raster_owned.get(), std::memory_order_release);
  });
}

std::size_t Footprint::octets_prepared() const {
  const Raster* raster = body_ ? body_->raster.load(std::memory_order_acquire) : nullptr;
  return raster == nullptr ? 0 : raster->octets();
}

bool Footprint::meets(const Region& place) const {
  if (!body_) return false;
  const auto near = [&](const Extent& box) { return box.meets(place.extent()); };
  const std::vector<Region>& regions = body_->ready_regions();
  return body_->around_regions.any(near, [&](std::size_t i) { return place.meets(regions[i]); }) ||
         body_->around_circles.any(near,
                                   [&](std::size_t i) { return body_->circles[i].meets(place); });
}

}  // namespace engine::cap
