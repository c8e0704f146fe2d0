#pragma once
// A part of the Earth inside rings, its edges straight in degrees as CAP's polygons are read, made
// ready for many questions. Every decision is exact; what lies on the border belongs to it.
// Immutable; any thread.
#include <vector>

#include "engine/cap/box_tree.hpp"
#include "engine/cap/parallels.hpp"
#include "engine/cap/spot.hpp"

namespace engine::cap {

class Region {
 public:
  /// What an odd number of rings go round, so that a ring inside another is a hole.
  explicit Region(const std::vector<Ring>& rings);

  const Extent& extent() const { return extent_; }
  const std::vector<Edge>& edges() const { return edges_; }
  const std::vector<Spot>& corners() const { return corners_; }  // one of each ring

  /// Whether the spot lies in it.
  bool holds(Spot p) const { return extent_.holds(p) && parallels_.holds(edges_, p); }
  /// Whether the border meets the line.
  bool touches(const Edge& line) const;
  /// Whether they have a spot in common.
  bool meets(const Region& other) const;

  /// Whether `wanted(edge)` is true of an edge that is in none but boxes of which `near(box)` is.
  template <class Near, class Wanted>
  bool any_edge(const Near& near, const Wanted& wanted) const {
    return tree_.any(near, [&](std::size_t i) { return wanted(edges_[i]); });
  }

 private:
  Extent extent_;
  std::vector<Edge> edges_;
  std::vector<Spot> corners_;
  BoxTree tree_;
  Parallels parallels_;
};

}  // namespace engine::cap
