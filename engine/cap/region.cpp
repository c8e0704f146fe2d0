#include "engine/cap/region.hpp"

#include <cmath>

namespace engine::cap {
namespace {

__extension__ using Wide = __int128;

constexpr std::size_t kSlabsMax = 1024;
constexpr std::size_t kVerticesPerSlab = 8;
// Long edges stand in many slabs: fewer slabs are cut where that would take too much memory.
constexpr std::size_t kItemsPerEdge = 8;

/// On which side of the line from a to b the spot p lies: 1 left, -1 right, 0 on it.
int side(Spot a, Spot b, Spot p) {
  const Wide turn =
      static_cast<Wide>(b.x - a.x) * (p.y - a.y) - static_cast<Wide>(b.y - a.y) * (p.x - a.x);
  return turn > 0 ? 1 : turn < 0 ? -1 : 0;
}

Edge upward(Spot a, Spot b) { return a.y <= b.y ? Edge{a, b} : Edge{b, a}; }

bool spans(const Edge& edge, Spot p) {
  const auto [west, east] = std::minmax(edge.low.x, edge.high.x);
  return west <= p.x && p.x <= east && edge.low.y <= p.y && p.y <= edge.high.y;
}

bool cross(const Edge& e, const Edge& f) {
  const auto [e_west, e_east] = std::minmax(e.low.x, e.high.x);
  const auto [f_west, f_east] = std::minmax(f.low.x, f.high.x);
  if (e_east < f_west || f_east < e_west || e.high.y < f.low.y || f.high.y < e.low.y) return false;
  const int f_low = side(e.low, e.high, f.low), f_high = side(e.low, e.high, f.high);
  if (f_low * f_high > 0) return false;
  const int e_low = side(f.low, f.high, e.low), e_high = side(f.low, f.high, e.high);
  return e_low * e_high <= 0;  // on one line they meet where their boxes do
}

/// The longitude at which the edge has that latitude, to a centimetre.
double longitude_at(const Edge& edge, double y) {
  const auto height = static_cast<double>(edge.high.y - edge.low.y);
  if (height == 0) return static_cast<double>(edge.low.x);
  const double share = (y - static_cast<double>(edge.low.y)) / height;
  return static_cast<double>(edge.low.x) + share * static_cast<double>(edge.high.x - edge.low.x);
}

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

Region::Region(const std::vector<Ring>& rings) {
  std::vector<std::int64_t> latitudes;
  for (const Ring& ring : rings) {
    if (ring.empty()) continue;
    const Extent extent = extent_of(ring);
    extent_ = corners_.empty() ? extent : around(extent_, extent);
    corners_.push_back(ring.front());
    for (std::size_t i = 0; i < ring.size(); ++i) {
      latitudes.push_back(ring[i].y);
      edges_.push_back(upward(ring[i], ring[i + 1 == ring.size() ? 0 : i + 1]));
    }
  }
  if (edges_.empty()) return;
  std::size_t slabs = std::clamp<std::size_t>(edges_.size() / kVerticesPerSlab, 1, kSlabsMax);
  std::sort(latitudes.begin(), latitudes.end());
  cut(latitudes, slabs);
  while (slabs > 1 && count_items() > kItemsPerEdge * edges_.size()) cut(latitudes, slabs /= 2);
  fill_slabs();
}

void Region::cut(const std::vector<std::int64_t>& latitudes, std::size_t slabs) {
  cuts_.clear();
  for (std::size_t i = 0; i < slabs; ++i) {
    const std::int64_t y = latitudes[i * latitudes.size() / slabs];
    if (cuts_.empty() || cuts_.back() < y) cuts_.push_back(y);
  }
  // A slab has a height, but for the only one of a region that has none.
  if (cuts_.size() > 1 && cuts_.back() == extent_.most.y) cuts_.pop_back();
  cuts_.push_back(extent_.most.y);
}

std::size_t Region::slab_at(std::int64_t y) const {
  const auto above = std::upper_bound(cuts_.begin(), cuts_.end() - 1, y);
  return above == cuts_.begin() ? 0 : static_cast<std::size_t>(above - cuts_.begin() - 1);
}

bool Region::goes_through(const Edge& edge, std::size_t slab) const {
  return edge.low.y <= cuts_[slab] && edge.high.y >= cuts_[slab + 1] && edge.low.y < edge.high.y;
}

std::size_t Region::count_items() const {
  std::size_t items = 0;
  for (const Edge& edge : edges_) items += slab_at(edge.high.y) - slab_at(edge.low.y) + 1;
  return items;
}

void Region::fill_slabs() {
  const std::size_t count = cuts_.size() - 1;
  slabs_.resize(count);
  std::vector<std::uint32_t> through(count), ending(count);
  const auto each = [&](auto visit) {
    for (std::uint32_t e = 0; e < edges_.size(); ++e) {
      const std::size_t last = slab_at(edges_[e].high.y);
      for (std::size_t i = slab_at(edges_[e].low.y); i <= last; ++i) visit(e, i);
    }
  };
  each([&](std::uint32_t e, std::size_t i) {
    ++(goes_through(edges_[e], i) ? through[i] : ending[i]);
  });
  std::uint32_t at = 0;
  for (std::size_t i = 0; i < count; ++i) {
    slabs_[i] = {at, at + through[i], at + through[i] + ending[i]};
    at = slabs_[i].end;
    through[i] = slabs_[i].through;
    ending[i] = slabs_[i].ending;
  }
  items_.resize(at);
  each([&](std::uint32_t e, std::size_t i) {
    items_[goes_through(edges_[e], i) ? through[i]++ : ending[i]++] = e;
  });
  std::vector<std::pair<double, Item>> ordered;
  for (std::size_t i = 0; i < count; ++i) {
    const double middle =
        0.5 * static_cast<double>(cuts_[i]) + 0.5 * static_cast<double>(cuts_[i + 1]);
    ordered.clear();
    for (std::uint32_t k = slabs_[i].through; k < slabs_[i].ending; ++k) {
      ordered.emplace_back(longitude_at(edges_[items_[k]], middle), items_[k]);
    }
    std::sort(ordered.begin(), ordered.end());
    for (std::size_t k = 0; k < ordered.size(); ++k) {
      items_[slabs_[i].through + k] = ordered[k].second;
    }
  }
}

/// Of the edges that go through a slab, how many lie west of a spot in it.
std::size_t Region::west_of(const Slab& slab, Spot p) const {
  const auto begin = items_.begin() + slab.through, end = items_.begin() + slab.ending;
  const auto found = std::partition_point(
      begin, end, [&](Item item) { return side(edges_[item].low, edges_[item].high, p) < 0; });
  return static_cast<std::size_t>(found - begin);
}

bool Region::holds(Spot p) const {
  if (edges_.empty() || !extent_.holds(p)) return false;
  const Slab& slab = slabs_[slab_at(p.y)];
  const std::size_t west = west_of(slab, p);
  if (slab.through + west < slab.ending) {
    const Edge& next = edges_[items_[slab.through + west]];
    if (side(next.low, next.high, p) == 0) return true;
  }
  // On the northern edge of all, where nothing goes on, an edge that ends there is not counted.
  bool inside = west % 2 != 0 && p.y < extent_.most.y;
  for (std::uint32_t k = slab.ending; k < slab.end; ++k) {
    const Edge& edge = edges_[items_[k]];
    if (edge.low.y > p.y || edge.high.y < p.y) continue;
    const int turn = side(edge.low, edge.high, p);
    if (turn == 0 && spans(edge, p)) return true;
    if (p.y < edge.high.y && turn < 0) inside = !inside;
  }
  return inside;
}

bool Region::touches_in(std::size_t slab, const Edge& line) const {
  const Slab& here = slabs_[slab];
  for (std::uint32_t k = here.ending; k < here.end; ++k) {
    if (cross(edges_[items_[k]], line)) return true;
  }
  if (here.through == here.ending) return false;
  // The line crosses edges that go through the slab only if it has not as many of them on its west
  // at both of its ends there. The ends are rounded, so one more on each side is looked at.
  const auto end_at = [&](std::int64_t y) {
    if (y == line.low.y) return line.low;
    if (y == line.high.y) return line.high;
    return Spot{std::llround(longitude_at(line, static_cast<double>(y))), y};
  };
  const std::size_t one = west_of(here, end_at(std::max(cuts_[slab], line.low.y)));
  const std::size_t other = west_of(here, end_at(std::min(cuts_[slab + 1], line.high.y)));
  const std::size_t first = std::min(one, other), last = std::max(one, other);
  const std::size_t count = here.ending - here.through;
  for (std::size_t k = first == 0 ? 0 : first - 1; k < std::min(last + 2, count); ++k) {
    if (cross(edges_[items_[here.through + k]], line)) return true;
  }
  return false;
}

bool Region::touches(Spot a, Spot b) const {
  const Edge line = upward(a, b);
  if (edges_.empty() || !extent_.meets(around({a, a}, {b, b}))) return false;
  const std::size_t last = slab_at(std::min(line.high.y, extent_.most.y));
  for (std::size_t i = slab_at(std::max(line.low.y, extent_.least.y)); i <= last; ++i) {
    if (touches_in(i, line)) return true;
  }
  return false;
}

bool Region::meets(const Region& other) const {
  if (edges_.empty() || other.edges_.empty() || !extent_.meets(other.extent_)) return false;
  const auto held = [](const Region& region) {
    return [&region](Spot corner) { return region.holds(corner); };
  };
  if (std::any_of(corners_.begin(), corners_.end(), held(other))) return true;
  if (std::any_of(other.corners_.begin(), other.corners_.end(), held(*this))) return true;
  return std::any_of(edges_.begin(), edges_.end(), [&](const Edge& edge) {
    const auto [west, east] = std::minmax(edge.low.x, edge.high.x);
    return other.extent_.meets({{west, edge.low.y}, {east, edge.high.y}}) &&
           other.touches(edge.low, edge.high);
  });
}

}  // namespace engine::cap
