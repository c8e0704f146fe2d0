#pragma once
// Shapes drawn on the lattice, row by row: which cells lie inside of them, and which their edges
// pass, where only those few edges are looked at. As exact as the shapes themselves, so what it
// says of a spot is what Footprint::holds() says. Made for one question; one thread.
#include <cstdint>
#include <span>
#include <vector>

#include "engine/cap/footprint.hpp"
#include "engine/match/lattice.hpp"

namespace engine {

class Sweep {
 public:
  /// Adds what an odd number of these rings go round, together.
  void add(std::span<const cap::Ring> rings);
  /// Adds what each of the shapes holds. False where drawing them would take longer than asking
  /// them of each spot; then nothing is added. The shapes outlive the sweep.
  bool add(const cap::Footprint& shapes);
  /// After the last one.
  void finish();

  /// Cells [first, last) of one row, all of each inside.
  struct Span {
    std::uint32_t first = 0, last = 0;
  };
  /// A cell that edges pass, or circles.
  struct Border {
    std::uint32_t cell = 0;
    std::uint32_t begin = 0, end = 0;  // of what passes it
    std::uint32_t size() const { return end - begin; }
  };
  // In the order of cells, each cell in one of them at most.
  const std::vector<Span>& inside() const { return inside_; }
  const std::vector<Border>& borders() const { return borders_; }
  /// Whether something holds the spot, which lies in that cell.
  bool holds(const Border& border, cap::Spot p) const;

 private:
  /// An edge and the rows of the lattice it passes.
  struct Climber {
    std::uint32_t edge = 0;
    std::int64_t first = 0, last = 0;
    double slope = 0;  // of longitude
  };
  /// What passes a cell, as in cap::Raster: an edge is looked at on the way from the cell's corner,
  /// half a unit outside of it, up its western side and then east to the spot.
  struct Touch {
    std::uint32_t cell = 0, word = 0;
  };
  static constexpr std::uint32_t kIndex = (1U << 26) - 1;  // among the edges or the circles
  static constexpr std::uint32_t kCircle = 1U << 26;
  static constexpr std::uint32_t kFirst = 1U << 27;  // of its group in this cell
  static constexpr std::uint32_t kBase = 1U << 28;   // the first one: the group holds the corner
  static constexpr std::uint32_t kWest = 1U << 29;   // the edge lies west of the corner
  static constexpr std::uint32_t kAbove = 1U << 30;  // it passes the western side's line above it

  std::vector<Climber> climbers_of(std::span<const cap::Ring> rings);
  void add_circle(const cap::Disc& circle);
  void halve(std::uint32_t index, std::int64_t row, std::int64_t first, std::int64_t last);
  void draw(const Climber& climber, std::int64_t row);
  void enter(const cap::Edge& edge, std::int64_t row, std::int64_t guess);
  void settle_row(std::int64_t row);

  std::vector<cap::Edge> edges_;
  std::vector<const cap::Disc*> circles_;
  // Of the row that is being drawn: column and word of what passes each cell; and the columns from
  // whose corners on the group holds what it did not hold west of them, or the other way round.
  std::vector<std::uint64_t> row_touches_;
  std::vector<std::int64_t> row_turns_;

  std::vector<Touch> touches_;
  std::vector<Span> inside_;
  std::vector<Border> borders_;
};

}  // namespace engine
