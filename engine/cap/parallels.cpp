#include "engine/cap/parallels.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace engine::cap {
namespace {

constexpr std::size_t kVerticesPerSlab = 8;

/// The longitude at which the edge, which is not level, has that latitude.
double longitude_at(const Edge& edge, double y) {
  const double share =
      (y - static_cast<double>(edge.low.y)) / static_cast<double>(edge.high.y - edge.low.y);
  return static_cast<double>(edge.low.x) + share * static_cast<double>(edge.high.x - edge.low.x);
}

/// From how many stand in each list to where each begins.
void add_up(std::vector<std::uint32_t>& counts) {
  std::uint32_t at = 0;
  for (std::uint32_t& count : counts) at += std::exchange(count, at);
}

}  // namespace

Parallels::Parallels(const std::vector<Ring>& rings, const std::vector<Edge>& edges) {
  if (edges.empty()) return;
  find_levels(rings);
  std::vector<std::int64_t> latitudes;
  latitudes.reserve(2 * edges.size());
  for (const Edge& edge : edges) {
    latitudes.push_back(edge.low.y);
    latitudes.push_back(edge.high.y);
  }
  std::sort(latitudes.begin(), latitudes.end());
  for (std::size_t i = 0; i < latitudes.size(); i += 2 * kVerticesPerSlab) {
    cuts_.push_back(latitudes[i]);
  }
  cuts_.push_back(latitudes.back());
  cuts_.erase(std::unique(cuts_.begin(), cuts_.end()), cuts_.end());
  leaves_ = std::bit_ceil(cuts_.size());
  fill(edges);
  sort_from_west(edges);
}

/// The slab that begins at that latitude or holds it.
std::size_t Parallels::slab_at(std::int64_t y) const {
  const auto above = std::upper_bound(cuts_.begin(), cuts_.end(), y);
  return static_cast<std::size_t>(above - cuts_.begin()) - 1;
}

/// Level edges, and vertices that no edge goes up from: what a spot may lie on that has no edge on
/// the latitudes just above.
void Parallels::find_levels(const std::vector<Ring>& rings) {
  std::vector<Level> all;
  for (const Ring& ring : rings) {
    for (std::size_t i = 0; i < ring.size(); ++i) {
      const Spot a = ring[i], b = ring[i + 1 == ring.size() ? 0 : i + 1];
      const Spot before = ring[i == 0 ? ring.size() - 1 : i - 1];
      if (a.y == b.y) all.push_back({a.y, std::min(a.x, b.x), std::max(a.x, b.x)});
      if (before.y <= a.y && b.y < a.y) all.push_back({a.y, a.x, a.x});
    }
  }
  std::sort(all.begin(), all.end());
  for (const Level& level : all) {
    if (levels_.empty() || levels_.back().y != level.y || levels_.back().east < level.west) {
      levels_.push_back(level);
    } else {
      levels_.back().east = std::max(levels_.back().east, level.east);
    }
  }
}

/// `through(node)` and `within(slab)` for each where the edge has to stand.
template <class Through, class Within>
void Parallels::place(const Edge& edge, Through through, Within within) const {
  if (edge.low.y == edge.high.y) return;
  std::size_t first = slab_at(edge.low.y), end = slab_at(edge.high.y);
  const bool cut_below = cuts_[first] < edge.low.y, cut_above = cuts_[end] < edge.high.y;
  if (cut_below) within(first);
  if (cut_above && !(cut_below && first == end)) within(end);
  if (cut_below) ++first;
  if (first >= end) return;
  for (first += leaves_, end += leaves_; first < end; first /= 2, end /= 2) {
    if (first % 2 == 1) through(first++);
    if (end % 2 == 1) through(--end);
  }
}

void Parallels::fill(const std::vector<Edge>& edges) {
  through_.begin.resize(2 * leaves_ + 1);
  within_.begin.resize(cuts_.size() + 1);
  for (const Edge& edge : edges) {
    place(
        edge, [&](std::size_t node) { ++through_.begin[node]; },
        [&](std::size_t slab) { ++within_.begin[slab]; });
  }
  add_up(through_.begin);
  add_up(within_.begin);
  through_.items.resize(through_.begin.back());
  within_.items.resize(within_.begin.back());
  std::vector<std::uint32_t> next_through = through_.begin, next_within = within_.begin;
  for (Item i = 0; i < edges.size(); ++i) {
    place(
        edges[i], [&](std::size_t node) { through_.items[next_through[node]++] = i; },
        [&](std::size_t slab) { within_.items[next_within[slab]++] = i; });
  }
}

void Parallels::sort_from_west(const std::vector<Edge>& edges) {
  std::vector<std::pair<double, Item>> ordered;
  for (std::size_t node = 1; node < 2 * leaves_; ++node) {
    const std::uint32_t begin = through_.begin[node], end = through_.begin[node + 1];
    if (end - begin < 2) continue;
    const std::size_t slabs = leaves_ / std::bit_floor(node);  // under it
    const std::size_t first = (node - std::bit_floor(node)) * slabs;
    const double middle =
        0.5 * static_cast<double>(cuts_[first]) + 0.5 * static_cast<double>(cuts_[first + slabs]);
    ordered.clear();
    for (std::uint32_t k = begin; k < end; ++k) {
      const Item item = through_.items[k];
      ordered.emplace_back(longitude_at(edges[item], middle), item);
    }
    std::sort(ordered.begin(), ordered.end());
    for (std::uint32_t k = begin; k < end; ++k) through_.items[k] = ordered[k - begin].second;
  }
}

bool Parallels::on_level(Spot p) const {
  const auto beyond =
      std::upper_bound(levels_.begin(), levels_.end(), p, [](Spot spot, const Level& level) {
        return spot.y != level.y ? spot.y < level.y : spot.x < level.west;
      });
  return beyond != levels_.begin() && std::prev(beyond)->y == p.y && std::prev(beyond)->east >= p.x;
}

bool Parallels::holds(const std::vector<Edge>& edges, Spot p) const {
  if (cuts_.empty() || p.y < cuts_.front() || p.y > cuts_.back()) return false;
  if (on_level(p)) return true;
  if (p.y == cuts_.back()) return false;
  bool inside = false;  // an odd number of edges lie west, of those that begin here or go on
  const std::size_t slab = slab_at(p.y);
  for (std::uint32_t k = within_.begin[slab]; k < within_.begin[slab + 1]; ++k) {
    const Edge& edge = edges[within_.items[k]];
    if (p.y < edge.low.y || p.y >= edge.high.y) continue;
    const int turn = side(edge.low, edge.high, p);
    if (turn == 0) return true;
    inside = inside != (turn < 0);
  }
  for (std::size_t node = leaves_ + slab; node > 0; node /= 2) {
    const auto begin = through_.items.begin() + through_.begin[node];
    const auto end = through_.items.begin() + through_.begin[node + 1];
    const auto east = std::partition_point(
        begin, end, [&](Item i) { return side(edges[i].low, edges[i].high, p) < 0; });
    if (east != end && side(edges[*east].low, edges[*east].high, p) == 0) return true;
    inside = inside != ((east - begin) % 2 == 1);
  }
  return inside;
}

}  // namespace engine::cap
