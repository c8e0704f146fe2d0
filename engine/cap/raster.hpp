#pragma once
// Shapes on a map of small cells, for when many spots are asked: most cells lie inside a shape or
// outside of all, and in the others only the edges that pass the cell are looked at. As exact as
// the shapes themselves. Immutable; any thread.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/cap/crowd.hpp"

namespace engine::cap {

class Raster {
 public:
  /// Of each ring what an odd number of its edges go round; of each circle what it holds. Takes
  /// at most some milliseconds, however many there are and however they lie.
  Raster(const std::vector<Ring>& rings, std::vector<Disc> circles);

  /// Whether one of them holds the spot.
  bool holds(Spot p) const;

  /// About what it takes in memory.
  std::size_t octets() const;

 private:
  class Drawing;

  /// What passes a cell, one ring after the other. An edge is looked at on the way from the cell's
  /// south-west corner up its western side and then east to the spot; the corner lies half a unit
  /// outside, so that no vertex is on its lines.
  struct Item {
    std::uint32_t word = 0;
    // Of the first one of its ring: so many lie side by side from west to east through the whole
    // row of cells, and are searched by halves.
    std::uint32_t side_by_side = 0;
    static constexpr std::uint32_t kIndex = (1U << 26) - 1;  // among the edges or the circles
    static constexpr std::uint32_t kCrowd = kIndex;          // in place of a circle's: all of them
    static constexpr std::uint32_t kCircle = 1U << 26;
    static constexpr std::uint32_t kFirst = 1U << 27;  // of its ring in this cell
    static constexpr std::uint32_t kBase = 1U << 28;   // the first one: the ring holds the corner
    static constexpr std::uint32_t kWest = 1U << 29;   // the edge lies west of the corner
    // The edge passes the line of the western side above the corner.
    static constexpr std::uint32_t kAbove = 1U << 30;
    static constexpr std::uint32_t kThrough = 1U << 31;  // one of those side by side
  };

  std::uint32_t find_east_of(std::uint32_t begin, std::uint32_t count, Spot p) const;

  static constexpr std::uint32_t kInside = 1U << 31;  // of a cell's begin

  Extent extent_;
  int width_ = 0, height_ = 0;  // of a cell, as powers of two
  std::size_t columns_ = 0, rows_ = 0;
  std::vector<Edge> edges_;
  std::vector<Disc> circles_;
  Crowd crowd_;                       // asked in cells that many circles pass
  std::vector<std::uint32_t> begin_;  // of each cell's items; one more than cells
  std::vector<Item> items_;
};

}  // namespace engine::cap
