#include "engine/cap/region.hpp"

#include <algorithm>

namespace engine::cap {

Region::Region(const std::vector<Ring>& rings) {
  std::vector<Extent> boxes;
  for (const Ring& ring : rings) {
    if (ring.empty()) continue;
    corners_.push_back(ring.front());
    for (std::size_t i = 0; i < ring.size(); ++i) {
      edges_.push_back(edge_between(ring[i], ring[i + 1 == ring.size() ? 0 : i + 1]));
      boxes.push_back(extent_of(edges_.back()));
      extent_ = edges_.size() == 1 ? boxes.back() : around(extent_, boxes.back());
    }
  }
  tree_ = BoxTree(boxes);
  parallels_ = Parallels(rings, edges_);
}

bool Region::touches(const Edge& line) const {
  return any_edge([&](const Extent& box) { return cross(line, box); },
                  [&](const Edge& edge) { return cross(line, edge); });
}

bool Region::meets(const Region& other) const {
  if (edges_.empty() || other.edges_.empty() || !extent_.meets(other.extent_)) return false;
  const auto held = [](const Region& region) {
    return [&region](Spot corner) { return region.holds(corner); };
  };
  if (std::any_of(corners_.begin(), corners_.end(), held(other))) return true;
  if (std::any_of(other.corners_.begin(), other.corners_.end(), held(*this))) return true;
  return other.any_edge([&](const Extent& box) { return box.meets(extent_); },
                        [&](const Edge& edge) { return touches(edge); });
}

}  // namespace engine::cap
