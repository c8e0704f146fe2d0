#include "engine/match/coverage.hpp"

#include <algorithm>
#include <cmath>

namespace engine {

Coverage::Coverage(const cap::Extent& box, int size)
    : box_(box),
      size_(size),
      width_(static_cast<double>(box.most.x - box.least.x) / size),
      height_(static_cast<double>(box.most.y - box.least.y) / size),
      cells_(static_cast<std::size_t>(size) * static_cast<std::size_t>(size + 2)) {}

Coverage::Dot Coverage::dot(cap::Spot spot) const {
  return {static_cast<double>(spot.x - box_.least.x) / width_,
          static_cast<double>(spot.y - box_.least.y) / height_};
}

cap::Spot Coverage::centre(int row, int column) const {
  return {box_.least.x + std::llround((column + 0.5) * width_),
          box_.least.y + std::llround((row + 0.5) * height_)};
}

void Coverage::add(const cap::Ring& ring) {
  for (std::size_t i = 0; i < ring.size(); ++i) {
    const cap::Spot a = ring[i], b = ring[i + 1 == ring.size() ? 0 : i + 1];
    const bool beside = (a.y <= box_.least.y && b.y <= box_.least.y) ||
                        (a.y >= box_.most.y && b.y >= box_.most.y) ||
                        (a.x >= box_.most.x && b.x >= box_.most.x);
    if (!beside) add_line(dot(a), dot(b));
  }
}

void Coverage::finish() {
  for (int row = 0; row < size_; ++row) {
    double sum = 0;
    for (int column = 0; column <= size_; ++column) {
      sum += cells_[place(row, column)];
      cells_[place(row, column)] = std::clamp(sum, 0.0, 1.0);
    }
  }
}

/// Cuts a line at the rows it passes. What lies to the west of it is left as it is, what lies to
/// the east gains its height if it goes down, loses it if it goes up.
void Coverage::add_line(Dot a, Dot b) {
  if (a.y == b.y || std::max(a.y, b.y) <= 0 || std::min(a.y, b.y) >= size_) return;
  if (std::min(a.x, b.x) >= size_) return;
  const double slope = (b.x - a.x) / (b.y - a.y);
  const bool down = b.y < a.y;
  const Dot low = down ? b : a, high = down ? a : b;
  const double bottom = std::max(low.y, 0.0), top = std::min(high.y, static_cast<double>(size_));
  const int last = std::min(static_cast<int>(top), size_ - 1);
  for (int row = static_cast<int>(bottom); row <= last; ++row) {
    const double from = std::max(bottom, static_cast<double>(row));
    const double to = std::min(top, row + 1.0);
    if (to <= from) continue;
    const Dot south{low.x + (from - low.y) * slope, from}, north{low.x + (to - low.y) * slope, to};
    add_piece(row, down ? north : south, down ? south : north);
  }
}

/// A vertical line, or one west of the grid.
void Coverage::add_flat(int row, double x, double height) {
  if (x >= size_) return;
  const int column = x <= 0 ? 0 : static_cast<int>(x);
  const double east = x <= 0 ? 1 : column + 1 - x;  // of the cell, what lies east of the line
  cells_[place(row, column)] += height * east;
  cells_[place(row, column + 1)] += height * (1 - east);
}

/// A line within a row, cut at the columns it passes.
void Coverage::add_piece(int row, Dot a, Dot b) {
  const double height = a.y - b.y;
  const double west = std::min(a.x, b.x), east = std::max(a.x, b.x);
  if (east <= 0 || west >= size_ || std::floor(west) == std::floor(east)) {
    // Within one cell a line counts as the vertical one through its middle.
    return add_flat(row, 0.5 * (west + east), height);
  }
  const double each = height / (east - west);
  if (west < 0) add_flat(row, 0, -west * each);
  const int last =
      std::min(static_cast<int>(std::min(east, static_cast<double>(size_))), size_ - 1);
  for (int column = static_cast<int>(std::max(west, 0.0)); column <= last; ++column) {
    const double from = std::max(west, static_cast<double>(column));
    const double to = std::min(east, column + 1.0);
    if (to > from) add_flat(row, 0.5 * (from + to), (to - from) * each);
  }
}

}  // namespace engine
