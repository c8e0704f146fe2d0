#include "engine/cap/raster.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>
#include <utility>

namespace engine::cap {
namespace {

__extension__ using Wide = __int128;

// What drawing may cost, in steps of a few nanoseconds, and the cells that are worth their memory.
constexpr double kSteps = 6e5;
constexpr double kStepsOfCircle = 2;  // of each cell that its box meets
constexpr std::size_t kCellsLeast = 1024, kCellsMost = 1U << 16;
constexpr std::size_t kCellsPerEdge = 8;
// Circles that pass a cell and are asked one by one.
constexpr std::size_t kCirclesAsked = 8;

/// How far to the left of the line, looking up it, the spot lies; `unit` parts make a unit of the
/// spot.
Wide left_of(const Edge& edge, Spot p, std::int64_t unit = 1) {
  return static_cast<Wide>(edge.high.x - edge.low.x) * (p.y - unit * edge.low.y) -
         static_cast<Wide>(edge.high.y - edge.low.y) * (p.x - unit * edge.low.x);
}

double length_of(std::int64_t from, std::int64_t to) {
  return std::abs(static_cast<double>(to - from));
}

}  // namespace

/// A raster while it is made, shape by shape.
class Raster::Drawing {
 public:
  explicit Drawing(Raster& raster) : raster_(raster) {}

  void choose_cells(const std::vector<Ring>& rings);
  void add(const Ring& ring);
  void add(const Disc& circle, std::uint32_t index);
  void finish();

 private:
  struct Touch {
    std::uint32_t cell;
    std::uint32_t word;
  };
  /// An edge of the ring that is being drawn, on its way up the rows.
  struct Climber {
    std::uint32_t index;
    std::size_t first, last;  // rows
    double slope;             // of longitude
    // Just below and just above the row that is being drawn, or where it ends in it: its longitude.
    double south = 0, north = 0;
    bool orderly = false;  // side by side with the others in it
  };

  std::int64_t west_of(std::size_t column) const {
    return raster_.extent_.least.x + (static_cast<std::int64_t>(column) << raster_.width_);
  }
  std::int64_t south_of(std::size_t row) const {
    return raster_.extent_.least.y + (static_cast<std::int64_t>(row) << raster_.height_);
  }
  std::size_t column_of(std::int64_t x) const {
    return static_cast<std::size_t>((x - raster_.extent_.least.x) >> raster_.width_);
  }
  std::size_t row_of(std::int64_t y) const {
    return static_cast<std::size_t>((y - raster_.extent_.least.y) >> raster_.height_);
  }
  std::size_t cell_of(std::size_t row, std::size_t column) const {
    return row * raster_.columns_ + column;
  }
  Wide left_of_corner(const Edge& edge, std::size_t row, std::size_t column) const {
    return left_of(edge, {2 * west_of(column) - 1, 2 * south_of(row) - 1}, 2);
  }
  void measure(std::vector<Climber>& climbers, std::size_t row) const;
  static void put_in_order(std::vector<Climber>& through, std::size_t sorted);
  void pass(const Climber& climber, std::size_t row, std::uint32_t flags);
  void enter(const Edge& edge, std::size_t row, std::size_t guess);
  void touch(std::uint32_t word, std::size_t row, std::size_t column);
  void settle_row(std::size_t row, std::size_t first_touch);

  Raster& raster_;
  std::vector<Touch> touches_;  // of each ring's row together, from its first row on
  std::vector<char> inside_;    // of each cell
  // Of the row that is being drawn, by column: whether something touches the cell, and whether an
  // odd number of edges pass between this cell's corner and the one to the west.
  std::vector<char> touched_, turns_;
  std::size_t westmost_ = 0, eastmost_ = 0;
};

/// Halves the cells, each time the way that cuts fewer edges, as long as it is worth it.
void Raster::Drawing::choose_cells(const std::vector<Ring>& rings) {
  const Extent& all = raster_.extent_;
  double east = 0, north = 0, area = 0;  // of all edges together; of all boxes, in whole extents
  const double whole =
      (length_of(all.least.x, all.most.x) + 1) * (length_of(all.least.y, all.most.y) + 1);
  const auto area_of = [&](const Extent& box) {
    return (length_of(box.least.x, box.most.x) + 1) * (length_of(box.least.y, box.most.y) + 1) /
           whole;
  };
  std::size_t things = raster_.circles_.size();
  for (const Ring& ring : rings) {
    area += area_of(extent_of(ring));
    things += ring.size();
    for (std::size_t i = 0; i < ring.size(); ++i) {
      const Spot a = ring[i], b = ring[i + 1 == ring.size() ? 0 : i + 1];
      east += length_of(a.x, b.x);
      north += length_of(a.y, b.y);
    }
  }
  for (const Disc& circle : raster_.circles_) {
    const Extent& box = circle.extent();
    east += 2 * length_of(box.least.x, box.most.x);
    north += 2 * length_of(box.least.y, box.most.y);
    area += kStepsOfCircle * area_of(box);
  }
  const auto bits = [](std::int64_t length) {
    int power = 0;
    while (length >> power != 0) ++power;
    return power;
  };
  int width = bits(all.most.x - all.least.x), height = bits(all.most.y - all.least.y);
  const double most =
      static_cast<double>(std::clamp(kCellsPerEdge * things, kCellsLeast, kCellsMost));
  for (double cells = 1; width > 0 || height > 0; cells *= 2) {
    const double columns_cut = std::ldexp(east, -width), rows_cut = std::ldexp(north, -height);
    const bool upright = height == 0 || (width > 0 && columns_cut <= rows_cut);
    const double cut = columns_cut + rows_cut + (upright ? columns_cut : rows_cut);
    if (2 * cells > most || cut + 2 * cells * area > kSteps) break;
    upright ? --width : --height;
  }
  raster_.width_ = width;
  raster_.height_ = height;
  raster_.columns_ = column_of(all.most.x) + 1;
  raster_.rows_ = row_of(all.most.y) + 1;
  inside_.assign(raster_.columns_ * raster_.rows_, 0);
  touched_.assign(raster_.columns_, 0);
  turns_.assign(raster_.columns_, 0);
}

void Raster::Drawing::add(const Ring& ring) {
  std::vector<Climber> climbers;
  climbers.reserve(ring.size());
  for (std::size_t i = 0; i < ring.size(); ++i) {
    const Edge edge = edge_between(ring[i], ring[i + 1 == ring.size() ? 0 : i + 1]);
    const auto east = static_cast<double>(edge.high.x - edge.low.x);
    const auto north = static_cast<double>(edge.high.y - edge.low.y);
    climbers.push_back({static_cast<std::uint32_t>(raster_.edges_.size()), row_of(edge.low.y),
                        row_of(edge.high.y), north > 0 ? east / north : 0});
    raster_.edges_.push_back(edge);
  }
  std::sort(climbers.begin(), climbers.end(),
            [](const Climber& a, const Climber& b) { return a.first < b.first; });
  std::vector<Climber> through, partly;  // what passes the row: from its south to its north, or not
  auto next = climbers.begin();
  for (std::size_t row = climbers.front().first;
       next != climbers.end() || !through.empty() || !partly.empty(); ++row) {
    const std::size_t sorted = through.size();
    for (Climber& climber : partly) {
      if (climber.last > row) through.push_back(climber);
    }
    std::erase_if(partly, [row](const Climber& climber) { return climber.last > row; });
    for (; next != climbers.end() && next->first == row; ++next) partly.push_back(*next);
    measure(through, row);
    measure(partly, row);
    put_in_order(through, sorted);

    const std::size_t first_touch = touches_.size();
    westmost_ = raster_.columns_;
    eastmost_ = 0;
    for (const Climber& climber : through) {
      if (climber.orderly) pass(climber, row, Item::kThrough);
    }
    for (const Climber& climber : through) {
      if (!climber.orderly) pass(climber, row, 0);
    }
    for (const Climber& climber : partly) pass(climber, row, 0);
    settle_row(row, first_touch);

    std::erase_if(partly, [row](const Climber& climber) { return climber.last == row; });
    const auto ends = [row](const Climber& climber) { return climber.last == row + 1; };
    std::copy_if(through.begin(), through.end(), std::back_inserter(partly), ends);
    std::erase_if(through, ends);
  }
}

/// From west to east; of the edges that meet another one in the row, or nearly, all but one are not
/// orderly. The first `sorted` were in order in the row below, which is theirs here too.
void Raster::Drawing::put_in_order(std::vector<Climber>& through, std::size_t sorted) {
  const auto west = [](const Climber& a, const Climber& b) {
    return a.south + a.north < b.south + b.north;
  };
  const auto fresh = through.begin() + static_cast<std::ptrdiff_t>(sorted);
  std::sort(fresh, through.end(), west);
  if (std::is_sorted(through.begin(), fresh, west)) {
    std::inplace_merge(through.begin(), fresh, through.end(), west);
  } else {
    std::sort(through.begin(), through.end(), west);
  }
  constexpr double kSure = 0.01;  // far more than rounding can be wrong
  double least_south = -1e300, least_north = -1e300;
  for (Climber& climber : through) {
    climber.orderly = climber.south > least_south && climber.north > least_north;
    if (!climber.orderly) continue;
    least_south = climber.south + kSure;
    least_north = climber.north + kSure;
  }
}

void Raster::Drawing::measure(std::vector<Climber>& climbers, std::size_t row) const {
  const std::int64_t south = south_of(row) - 1, north = south_of(row + 1);
  for (Climber& climber : climbers) {
    const Edge& edge = raster_.edges_[climber.index];
    const auto at = [&](std::int64_t y) {
      const std::int64_t within = std::clamp(y, edge.low.y, edge.high.y) - edge.low.y;
      return static_cast<double>(edge.low.x) + static_cast<double>(within) * climber.slope;
    };
    climber.south = at(south);
    climber.north = at(north);
  }
}

/// The cells of a row that an edge passes, and where it enters the row from the south.
void Raster::Drawing::pass(const Climber& climber, std::size_t row, std::uint32_t flags) {
  const Edge& edge = raster_.edges_[climber.index];
  const auto [west, east] = std::minmax(edge.low.x, edge.high.x);
  std::int64_t least = west, most = east;
  if (climber.first != climber.last) {
    // Two units more on either side, for rounding.
    const auto [low, high] = std::minmax(climber.south, climber.north);
    least = std::max(west, static_cast<std::int64_t>(low) - 2);
    most = std::min(east, static_cast<std::int64_t>(high) + 2);
    const auto south = static_cast<std::int64_t>(climber.south);
    if (climber.first < row) enter(edge, row, column_of(std::clamp(south, west, east)));
  }
  const std::size_t last = column_of(most);
  for (std::size_t column = column_of(least); column <= last; ++column) {
    touch(climber.index | flags, row, column);
  }
}

/// Finds the first corner of the row that lies east of the edge.
void Raster::Drawing::enter(const Edge& edge, std::size_t row, std::size_t guess) {
  while (guess > 0 && left_of_corner(edge, row, guess - 1) <= 0) --guess;
  while (guess < raster_.columns_ && left_of_corner(edge, row, guess) > 0) ++guess;
  westmost_ = std::min(westmost_, std::min(guess, raster_.columns_ - 1));
  if (guess == raster_.columns_) return;
  eastmost_ = std::max(eastmost_, guess);
  turns_[guess] = turns_[guess] == 0 ? 1 : 0;
}

void Raster::Drawing::touch(std::uint32_t word, std::size_t row, std::size_t column) {
  const Edge& edge = raster_.edges_[word & Item::kIndex];
  if (touched_[column] == 0) word |= Item::kFirst;
  touched_[column] = 1;
  westmost_ = std::min(westmost_, column);
  eastmost_ = std::max(eastmost_, column);
  const std::int64_t west = west_of(column);
  if (std::min(edge.low.x, edge.high.x) < west) {  // it passes the western side, or its line
    const bool east_of_it = left_of_corner(edge, row, column) <= 0;
    const bool below = east_of_it == (edge.high.x > edge.low.x);
    if (east_of_it) word |= Item::kWest;
    if (below) word |= Item::kAbove;
  }
  touches_.push_back({static_cast<std::uint32_t>(cell_of(row, column)), word});
}

/// Cells between the ring's edges are inside or outside of it; the others learn which their corner
/// is.
void Raster::Drawing::settle_row(std::size_t row, std::size_t first_touch) {
  char within = 0;
  for (std::size_t column = westmost_; column <= eastmost_; ++column) {
    if (turns_[column] != 0) within = within == 0 ? 1 : 0;
    turns_[column] = within;  // from now on: whether the corner is inside
    if (within != 0 && touched_[column] == 0) inside_[cell_of(row, column)] = 1;
    touched_[column] = 0;
  }
  for (std::size_t i = first_touch; i < touches_.size(); ++i) {
    if (turns_[touches_[i].cell - cell_of(row, 0)] != 0) touches_[i].word |= Item::kBase;
  }
  for (std::size_t column = westmost_; column <= eastmost_; ++column) turns_[column] = 0;
}

void Raster::Drawing::add(const Disc& circle, std::uint32_t index) {
  const Extent& box = circle.extent();
  const Extent& all = raster_.extent_;
  const std::size_t top = row_of(std::min(box.most.y, all.most.y));
  const std::size_t east = column_of(std::min(box.most.x, all.most.x));
  for (std::size_t row = row_of(std::max(box.least.y, all.least.y)); row <= top; ++row) {
    for (std::size_t column = column_of(std::max(box.least.x, all.least.x)); column <= east;
         ++column) {
      const std::size_t cell = cell_of(row, column);
      if (inside_[cell] != 0) continue;
      const Extent ground{{west_of(column), south_of(row)},
                          {west_of(column + 1) - 1, south_of(row + 1) - 1}};
      if (!circle.may_hold(ground)) continue;
      if (circle.surely_holds(ground)) {
        inside_[cell] = 1;
      } else {
        touches_.push_back(
            {static_cast<std::uint32_t>(cell), index | Item::kCircle | Item::kFirst});
      }
    }
  }
}

/// Puts what touches each cell together, in the order in which it was drawn.
void Raster::Drawing::finish() {
  std::vector<std::uint32_t> circles(inside_.size());  // so far, of each cell
  std::erase_if(touches_, [&](Touch& touch) {
    if (inside_[touch.cell] != 0) return true;
    if ((touch.word & Item::kCircle) == 0) return false;
    if (++circles[touch.cell] > kCirclesAsked) touch.word |= Item::kCrowd;
    return circles[touch.cell] > kCirclesAsked + 1;
  });
  auto& begin = raster_.begin_;
  begin.assign(inside_.size() + 1, 0);
  for (const Touch& touch : touches_) ++begin[touch.cell + 1];
  for (std::size_t cell = 0; cell < inside_.size(); ++cell) begin[cell + 1] += begin[cell];
  std::vector<std::uint32_t> next = begin;
  raster_.items_.resize(touches_.size());
  Item* first = nullptr;
  for (const Touch& touch : touches_) {
    raster_.items_[next[touch.cell]++].word = touch.word;
  }
  for (Item& item : raster_.items_) {
    if ((item.word & Item::kFirst) != 0) first = &item;
    if ((item.word & Item::kThrough) == 0) continue;
    // Together they count as passed from the corner on, each that lies west of it too.
    ++first->side_by_side;
    if ((item.word & Item::kWest) != 0) first->word ^= Item::kBase;
  }
  for (std::size_t cell = 0; cell < inside_.size(); ++cell) {
    if (inside_[cell] != 0) begin[cell] |= kInside;
  }
}

Raster::Raster(const std::vector<Ring>& rings, std::vector<Disc> circles)
    : circles_(std::move(circles)), crowd_(circles_) {
  std::optional<Extent> all;
  const auto add = [&all](const Extent& box) { all = all ? around(*all, box) : box; };
  for (const Ring& ring : rings) {
    if (!ring.empty()) add(extent_of(ring));
  }
  for (const Disc& circle : circles_) add(circle.extent());
  if (!all) return;
  extent_ = *all;
  Drawing drawing(*this);
  drawing.choose_cells(rings);
  for (const Ring& ring : rings) {
    if (!ring.empty()) drawing.add(ring);
  }
  for (std::uint32_t i = 0; i < circles_.size(); ++i) drawing.add(circles_[i], i);
  drawing.finish();
}

bool Raster::holds(Spot p) const {
  if (begin_.empty() || !extent_.holds(p)) return false;
  const auto column = static_cast<std::size_t>((p.x - extent_.least.x) >> width_);
  const auto row = static_cast<std::size_t>((p.y - extent_.least.y) >> height_);
  const std::size_t cell = row * columns_ + column;
  const std::uint32_t begin = begin_[cell];
  if ((begin & kInside) != 0) return true;
  const std::uint32_t end = begin_[cell + 1] & ~kInside;
  bool inside = false;  // of the ring whose edges are being looked at
  for (std::uint32_t i = begin; i < end; ++i) {
    const std::uint32_t word = items_[i].word;
    if ((word & Item::kFirst) != 0) {
      if (inside) return true;
      inside = (word & Item::kBase) != 0;
      if ((word & Item::kCircle) != 0) {
        const std::uint32_t index = word & Item::kIndex;
        if (index == Item::kCrowd ? crowd_.holds(p) : circles_[index].holds(p)) return true;
        continue;
      }
      if (const std::uint32_t count = items_[i].side_by_side; count > 0) {
        const std::uint32_t west = find_east_of(i, count, p);
        if (west < count && left_of(edges_[items_[i + west].word & Item::kIndex], p) == 0) {
          return true;
        }
        inside = inside != (west % 2 == 1);
        i += count - 1;
        continue;
      }
    }
    const Edge& edge = edges_[word & Item::kIndex];
    const Wide left = left_of(edge, p);
    if (left == 0 && extent_of(edge).holds(p)) return true;
    const bool beside = edge.low.y <= p.y && p.y < edge.high.y;
    const bool passed = (left < 0) != ((word & Item::kWest) != 0);
    const bool below = p.y >= edge.high.y && (word & Item::kAbove) != 0;
    inside = inside != (beside ? passed : below);
  }
  return inside;
}

/// How many of those side by side the spot lies east of.
std::uint32_t Raster::find_east_of(std::uint32_t begin, std::uint32_t count, Spot p) const {
  const Item* first = items_.data() + begin;
  const Item* east = std::partition_point(first, first + count, [&](Item item) {
    return left_of(edges_[item.word & Item::kIndex], p) < 0;
  });
  return static_cast<std::uint32_t>(east - first);
}

std::size_t Raster::octets() const {
  return sizeof *this + edges_.size() * sizeof(Edge) + circles_.size() * sizeof(Disc) +
         crowd_.octets() + begin_.size() * sizeof(std::uint32_t) + items_.size() * sizeof(Item);
}

}  // namespace engine::cap
