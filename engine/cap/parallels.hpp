#pragma once
// Where a spot lies among rings: found in O(log^2 n) of n edges, whatever their form. Immutable;
// any thread.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/cap/spot.hpp"

namespace engine::cap {

class Parallels {
 public:
  Parallels() = default;
  /// `edges` are those of the rings, and are handed to each question again. No two cross; where
  /// rounding made some cross by a centimetre, answers are right but for that centimetre.
  Parallels(const std::vector<Ring>& rings, const std::vector<Edge>& edges);

  /// Whether an odd number of rings go round it, or it lies on one of them.
  bool holds(const std::vector<Edge>& edges, Spot p) const;

 private:
  using Item = std::uint32_t;  // an edge's place among the edges

  /// Lists of edges, one after the other.
  struct Lists {
    std::vector<std::uint32_t> begin;  // one more than lists
    std::vector<Item> items;
  };
  /// A part of a parallel that lies on the border.
  struct Level {
    std::int64_t y = 0, west = 0, east = 0;
    auto operator<=>(const Level&) const = default;
  };

  std::size_t slab_at(std::int64_t y) const;
  void find_levels(const std::vector<Ring>& rings);
  template <class Through, class Within>
  void place(const Edge& edge, Through through, Within within) const;
  void fill(const std::vector<Edge>& edges);
  void sort_from_west(const std::vector<Edge>& edges);
  bool on_level(Spot p) const;

  // The map is cut along parallels into slabs of a few vertices each, and slabs are the leaves of a
  // binary tree. An edge stands in the fewest nodes that are all the slabs it goes through, at most
  // two of each height: there edges lie side by side and are searched by halves. In the slabs where
  // it begins and ends within, it is looked at by itself.
  std::vector<std::int64_t> cuts_;  // one more than slabs, rising
  std::size_t leaves_ = 0;          // slabs, rounded up to a power of two; node n has 2n and 2n + 1
  Lists through_;                   // of each node, from west to east
  Lists within_;                    // of each slab
  std::vector<Level> levels_;       // apart from each other, sorted
};

}  // namespace engine::cap
