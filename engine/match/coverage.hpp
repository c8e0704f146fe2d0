#pragma once
// How much of each cell of a grid lies inside rings: exactly, and in time that grows with the cells
// their edges pass, however often rings cross each other. Used and thrown away by one thread.
#include <vector>

#include "engine/cap/region.hpp"

namespace engine {

class Coverage {
 public:
  /// `size` times `size` cells over the box, which has a width and a height.
  Coverage(const cap::Extent& box, int size);

  /// Adds the inside of a ring that goes round it anticlockwise, takes away that of a clockwise
  /// one.
  void add(const cap::Ring& ring);
  /// After the last ring.
  void finish();

  /// From 0, nothing of the cell, to 1, all of it. Row 0 is the southernmost, column 0 the west.
  double at(int row, int column) const { return cells_[place(row, column)]; }
  cap::Spot centre(int row, int column) const;
  int size() const { return size_; }

 private:
  struct Dot {
    double x = 0, y = 0;  // in cells
  };

  std::size_t place(int row, int column) const {
    return static_cast<std::size_t>(row) * static_cast<std::size_t>(size_ + 2) +
           static_cast<std::size_t>(column);
  }
  Dot dot(cap::Spot spot) const;
  void add_line(Dot a, Dot b);
  void add_piece(int row, Dot a, Dot b);
  void add_flat(int row, double x, double height);

  cap::Extent box_;
  int size_;
  double width_, height_;  // of a cell, in units of Spot
  // Until finish(): what enters at each cell; a cell's part is the sum from the row's beginning.
  std::vector<double> cells_;
};

}  // namespace engine
