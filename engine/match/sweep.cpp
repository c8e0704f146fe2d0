#include "engine/match/sweep.hpp"

#include <algorithm>
#include <cmath>

namespace engine {
namespace {

using cap::Edge;
using cap::Spot;
using namespace lattice;
__extension__ using Wide = __int128;

// Beyond so many steps of some 20 ns the shapes are asked of each spot instead.
constexpr double kStepsMost = 2e6;
constexpr double kStepsOfCircle = 24;  // of each row that it passes

/// How far to the left of the line, looking up it, the spot lies; `unit` parts make a unit of the
/// spot.
Wide left_of(const Edge& edge, Spot p, std::int64_t unit = 1) {
  return static_cast<Wide>(edge.high.x - edge.low.x) * (p.y - unit * edge.low.y) -
         static_cast<Wide>(edge.high.y - edge.low.y) * (p.x - unit * edge.low.x);
}

Wide left_of_corner(const Edge& edge, std::int64_t row, std::int64_t column) {
  return left_of(edge, {2 * west_of(column) - 1, 2 * south_of(row) - 1}, 2);
}

/// How many of the lattice's rows (or columns) lie between two of them, both counted.
double count(std::int64_t first, std::int64_t last, std::int64_t all) {
  return static_cast<double>(
      std::max<std::int64_t>(0, std::min(last, all - 1) - std::max<std::int64_t>(first, 0) + 1));
}

double steps_of(const cap::Footprint& shapes) {
  double steps = 0;
  for (const cap::Ring& ring : shapes.polygons()) {
    for (std::size_t i = 0; i < ring.size(); ++i) {
      const cap::Extent box =
          extent_of(edge_between(ring[i], ring[i + 1 == ring.size() ? 0 : i + 1]));
      const double rows = count(row_of(box.least.y), row_of(box.most.y), kRows);
      const double columns = count(column_of(box.least.x), column_of(box.most.x), kColumns);
      steps += rows == 0 ? 1 : rows + columns;
    }
  }
  for (const cap::Disc& circle : shapes.circles()) {
    const cap::Extent& box = circle.extent();
    steps += 1 + kStepsOfCircle * count(row_of(box.least.y), row_of(box.most.y), kRows);
  }
  return steps;
}

}  // namespace

bool Sweep::add(const cap::Footprint& shapes) {
  if (steps_of(shapes) > kStepsMost) return false;
  for (const cap::Ring& polygon : shapes.polygons()) {
    for (const cap::Ring& reading : cap::readings_of(polygon)) add(std::span(&reading, 1));
  }
  for (const cap::Disc& circle : shapes.circles()) add_circle(circle);
  return true;
}

/// Their edges, but for those that have no part in any row or lie east of all cells.
std::vector<Sweep::Climber> Sweep::climbers_of(std::span<const cap::Ring> rings) {
  std::vector<Climber> climbers;
  for (const cap::Ring& ring : rings) {
    for (std::size_t i = 0; i < ring.size(); ++i) {
      const Edge edge = cap::edge_between(ring[i], ring[i + 1 == ring.size() ? 0 : i + 1]);
      const std::int64_t first = row_of(edge.low.y), last = row_of(edge.high.y);
      if (last < 0 || first >= kRows) continue;
      if (std::min(edge.low.x, edge.high.x) > west_of(kColumns)) continue;
      const auto east = static_cast<double>(edge.high.x - edge.low.x);
      const auto north = static_cast<double>(edge.high.y - edge.low.y);
      climbers.push_back({static_cast<std::uint32_t>(edges_.size()),
                          std::max<std::int64_t>(first, 0), std::min(last, kRows - 1),
                          north > 0 ? east / north : 0});
      edges_.push_back(edge);
    }
  }
  std::sort(climbers.begin(), climbers.end(),
            [](const Climber& a, const Climber& b) { return a.first < b.first; });
  return climbers;
}

void Sweep::add(std::span<const cap::Ring> rings) {
  const std::vector<Climber> climbers = climbers_of(rings);
  std::vector<Climber> active;
  auto next = climbers.begin();
  for (std::int64_t row = 0; next != climbers.end() || !active.empty(); ++row) {
    if (active.empty()) row = next->first;
    for (; next != climbers.end() && next->first == row; ++next) active.push_back(*next);
    row_touches_.clear();
    row_turns_.clear();
    for (const Climber& climber : active) draw(climber, row);
    settle_row(row);
    std::erase_if(active, [row](const Climber& climber) { return climber.last == row; });
  }
}

/// The cells of the row that an edge passes, and where it enters the row from the south.
void Sweep::draw(const Climber& climber, std::int64_t row) {
  const Edge& edge = edges_[climber.edge];
  const auto [west, east] = std::minmax(edge.low.x, edge.high.x);
  const auto at = [&](std::int64_t y) {
    const std::int64_t within = std::clamp(y, edge.low.y, edge.high.y) - edge.low.y;
    return static_cast<double>(edge.low.x) + static_cast<double>(within) * climber.slope;
  };
  const double south = at(south_of(row) - 1), north = at(south_of(row + 1));
  std::int64_t least = west, most = east;
  if (edge.low.y != edge.high.y) {
    // Two units more on either side, for rounding.
    least = std::max(west, static_cast<std::int64_t>(std::floor(std::min(south, north))) - 2);
    most = std::min(east, static_cast<std::int64_t>(std::ceil(std::max(south, north))) + 2);
  }
  if (edge.low.y < south_of(row) && edge.high.y >= south_of(row)) {
    enter(edge, row, column_of(std::clamp(static_cast<std::int64_t>(south), west, east)));
  }
  const std::int64_t last = std::min(column_of(most), kColumns - 1);
  for (std::int64_t column = std::max<std::int64_t>(column_of(least), 0); column <= last;
       ++column) {
    std::uint32_t word = climber.edge;
    if (west < west_of(column)) {  // it passes the western side, or its line
      const bool east_of_it = left_of_corner(edge, row, column) <= 0;
      const bool below = east_of_it == (edge.high.x > edge.low.x);
      if (east_of_it) word |= kWest;
      if (below) word |= kAbove;
    }
    row_touches_.push_back(static_cast<std::uint64_t>(column) << 32 | word);
  }
}

/// Finds the first corner of the row that lies east of the edge.
void Sweep::enter(const Edge& edge, std::int64_t row, std::int64_t guess) {
  guess = std::clamp<std::int64_t>(guess, 0, kColumns);
  while (guess > 0 && left_of_corner(edge, row, guess - 1) <= 0) --guess;
  while (guess < kColumns && left_of_corner(edge, row, guess) > 0) ++guess;
  row_turns_.push_back(guess);
}

/// Cells between the group's edges are inside or outside of it; the others learn which their corner
/// is.
void Sweep::settle_row(std::int64_t row) {
  std::sort(row_touches_.begin(), row_touches_.end());
  std::sort(row_turns_.begin(), row_turns_.end());
  std::int64_t column = 0;  // the first one that is not settled
  bool within = false;      // of its corner
  auto turn = row_turns_.begin();
  const auto add_span = [&](std::int64_t last) {
    if (within && last > column) inside_.push_back({cell_of(row, column), cell_of(row, last)});
    column = std::max(column, last);
  };
  const auto advance = [&](std::int64_t to) {
    for (; turn != row_turns_.end() && *turn <= to; ++turn) {
      add_span(*turn);
      within = !within;
    }
    add_span(to);
  };
  for (std::size_t i = 0; i < row_touches_.size();) {
    const auto touched = static_cast<std::int64_t>(row_touches_[i] >> 32);
    advance(touched);
    std::uint32_t flags = kFirst | (within ? kBase : 0);
    for (; i < row_touches_.size() && row_touches_[i] >> 32 == static_cast<std::uint64_t>(touched);
         ++i) {
      touches_.push_back(
          {cell_of(row, touched), static_cast<std::uint32_t>(row_touches_[i]) | flags});
      flags = 0;
    }
    column = touched + 1;
  }
  advance(kColumns);
}

void Sweep::add_circle(const cap::Disc& circle) {
  const auto index = static_cast<std::uint32_t>(circles_.size());
  circles_.push_back(&circle);
  const cap::Extent& box = circle.extent();
  const std::int64_t first = std::max<std::int64_t>(column_of(box.least.x), 0);
  const std::int64_t last = std::min(column_of(box.most.x), kColumns - 1) + 1;
  const std::int64_t top = std::min(row_of(box.most.y), kRows - 1);
  for (std::int64_t row = std::max<std::int64_t>(row_of(box.least.y), 0); row <= top; ++row) {
    if (first < last) halve(index, row, first, last);
  }
}

/// Of cells [first, last) of the row.
void Sweep::halve(std::uint32_t index, std::int64_t row, std::int64_t first, std::int64_t last) {
  const cap::Disc& circle = *circles_[index];
  const cap::Extent ground{{west_of(first), south_of(row)},
                           {west_of(last) - 1, south_of(row + 1) - 1}};
  if (!circle.may_hold(ground)) return;
  if (circle.surely_holds(ground)) {
    inside_.push_back({cell_of(row, first), cell_of(row, last)});
  } else if (last - first == 1) {
    touches_.push_back({cell_of(row, first), index | kCircle | kFirst});
  } else {
    const std::int64_t middle = (first + last) / 2;
    halve(index, row, first, middle);
    halve(index, row, middle, last);
  }
}

/// Brings what was added one after the other into the order of cells.
void Sweep::finish() {
  const auto by_cell = [](const Touch& a, const Touch& b) { return a.cell < b.cell; };
  if (!std::is_sorted(touches_.begin(), touches_.end(), by_cell)) {
    std::stable_sort(touches_.begin(), touches_.end(), by_cell);
  }
  const auto by_first = [](const Span& a, const Span& b) { return a.first < b.first; };
  if (!std::is_sorted(inside_.begin(), inside_.end(), by_first)) {
    std::sort(inside_.begin(), inside_.end(), by_first);
  }
  std::size_t spans = 0;  // settled
  for (const Span span : inside_) {
    if (spans > 0 && span.first <= inside_[spans - 1].last) {
      inside_[spans - 1].last = std::max(inside_[spans - 1].last, span.last);
    } else {
      inside_[spans++] = span;
    }
  }
  inside_.resize(spans);
  auto span = inside_.begin();
  for (std::uint32_t begin = 0, end = 0; begin < touches_.size(); begin = end) {
    const std::uint32_t cell = touches_[begin].cell;
    while (end < touches_.size() && touches_[end].cell == cell) ++end;
    while (span != inside_.end() && span->last <= cell) ++span;
    if (span == inside_.end() || cell < span->first) borders_.push_back({cell, begin, end});
  }
}

bool Sweep::holds(const Border& border, Spot p) const {
  bool inside = false;  // of the group whose edges are being looked at
  for (std::uint32_t i = border.begin; i < border.end; ++i) {
    const std::uint32_t word = touches_[i].word;
    if ((word & kFirst) != 0) {
      if (inside) return true;
      inside = (word & kBase) != 0;
      if ((word & kCircle) != 0) {
        if (circles_[word & kIndex]->holds(p)) return true;
        continue;
      }
    }
    const Edge& edge = edges_[word & kIndex];
    const Wide left = left_of(edge, p);
    if (left == 0 && cap::extent_of(edge).holds(p)) return true;
    const bool beside = edge.low.y <= p.y && p.y < edge.high.y;
    const bool passed = (left < 0) != ((word & kWest) != 0);
    const bool below = p.y >= edge.high.y && (word & kAbove) != 0;
    inside = inside != (beside ? passed : below);
  }
  return inside;
}

}  // namespace engine
