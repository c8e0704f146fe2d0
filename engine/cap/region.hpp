#pragma once
// A part of the Earth inside rings, its edges straight in degrees as CAP's polygons are read, made
// ready for many questions. Coordinates are whole numbers of 10^-7 degrees (a centimetre) and every
// decision is exact; what lies on the border belongs to it. Immutable; any thread.
#include <algorithm>
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

class Region {
 public:
  /// What an odd number of rings go round, so that a ring inside another is a hole.
  explicit Region(const std::vector<Ring>& rings);

  const Extent& extent() const { return extent_; }
  const std::vector<Edge>& edges() const { return edges_; }
  const std::vector<Spot>& corners() const { return corners_; }  // one of each ring

  /// Whether the spot lies in it. O(log n) of n edges, and at worst O(sqrt n) or so.
  bool holds(Spot p) const;
  /// Whether the border meets the line from a to b.
  bool touches(Spot a, Spot b) const;
  /// Whether they have a spot in common.
  bool meets(const Region& other) const;

  /// Whether `wanted(edge)` is true of an edge that may come between these latitudes; asks some
  /// edges twice.
  template <class Wanted>
  bool any_edge(std::int64_t south, std::int64_t north, Wanted wanted) const;

 private:
  // The map is cut along parallels so that each slab holds about as many vertices. Of a slab, edges
  // that go through all of it lie side by side, from west to east, and are searched by halves;
  // those that end in it are looked at one by one.
  struct Slab {
    std::uint32_t through = 0;  // where in items_ each kind begins
    std::uint32_t ending = 0;
    std::uint32_t end = 0;
  };
  using Item = std::uint32_t;  // an edge's place in edges_

  std::size_t slab_at(std::int64_t y) const;
  bool goes_through(const Edge& edge, std::size_t slab) const;
  std::size_t count_items() const;
  void cut(const std::vector<std::int64_t>& latitudes, std::size_t slabs);
  void fill_slabs();
  std::size_t west_of(const Slab& slab, Spot p) const;
  bool touches_in(std::size_t slab, const Edge& line) const;

  Extent extent_;
  std::vector<Edge> edges_;
  std::vector<Spot> corners_;
  std::vector<std::int64_t> cuts_;  // one more than slabs; the first is the southern edge
  std::vector<Slab> slabs_;
  std::vector<Item> items_;
};

template <class Wanted>
bool Region::any_edge(std::int64_t south, std::int64_t north, Wanted wanted) const {
  if (edges_.empty() || north < extent_.least.y || south > extent_.most.y) return false;
  const std::size_t last = slab_at(std::min(north, extent_.most.y));
  for (std::size_t i = slab_at(std::max(south, extent_.least.y)); i <= last; ++i) {
    for (std::uint32_t k = slabs_[i].through; k < slabs_[i].end; ++k) {
      if (wanted(edges_[items_[k]])) return true;
    }
  }
  return false;
}

}  // namespace engine::cap
