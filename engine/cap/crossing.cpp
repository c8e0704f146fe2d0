#include "engine/cap/crossing.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <set>
#include <vector>

namespace engine::cap {
namespace {

// A sweep line in the manner of Shamos and Hoey: from left to right, the edges that the line meets
// are kept in order from below to above; two edges can only meet if they are neighbours in that
// order at some time before. The first meeting ends it, so the order is never wrong.

using Pair = std::pair<std::size_t, std::size_t>;
__extension__ using Wide = __int128;

struct Site {
  std::int64_t x = 0;                             // longitude
  std::int64_t y = 0;                             // latitude
  auto operator<=>(const Site&) const = default;  // from left to right, then upwards
};

constexpr std::int64_t kUnitsPerDegree = 1'000'000'000'000;
constexpr std::int64_t kTurn = 360 * kUnitsPerDegree;

std::int64_t units(double degrees) {
  return std::llround(degrees * static_cast<double>(kUnitsPerDegree));
}

/// The sites of a polygon, without the last one where that repeats the first.
std::vector<Site> sites_of(const Polygon& polygon) {
  std::vector<Site> sites;
  sites.reserve(polygon.size());
  for (const Point& point : polygon)
    sites.push_back({units(point.longitude), units(point.latitude)});
  if (sites.size() > 1 && sites.front() == sites.back()) sites.pop_back();
  return sites;
}

/// On which side of the line from a to b the site p lies: 1 left, -1 right, 0 on it. Sites span at
/// most 2^51 units, so the products need 104 bits.
int side(const Site& a, const Site& b, const Site& p) {
  const Wide turn =
      static_cast<Wide>(b.x - a.x) * (p.y - a.y) - static_cast<Wide>(b.y - a.y) * (p.x - a.x);
  return turn > 0 ? 1 : turn < 0 ? -1 : 0;
}

/// The edge from vertex `begin` to the next one.
struct Edge {
  Site left;
  Site right;
  std::size_t begin = 0;
};

/// Whether `p`, known to lie on the line of the edge, lies on the edge.
bool spans(const Edge& edge, const Site& p) { return edge.left <= p && p <= edge.right; }

bool meet(const Edge& a, const Edge& b) {
  const int b_left = side(a.left, a.right, b.left);
  const int b_right = side(a.left, a.right, b.right);
  const int a_left = side(b.left, b.right, a.left);
  const int a_right = side(b.left, b.right, a.right);
  if (b_left * b_right < 0 && a_left * a_right < 0) return true;
  return (b_left == 0 && spans(a, b.left)) || (b_right == 0 && spans(a, b.right)) ||
         (a_left == 0 && spans(b, a.left)) || (a_right == 0 && spans(b, a.right));
}

/// Whether two edges with a common end lie on each other beyond it.
bool fold(const Edge& a, const Edge& b) {
  if (side(a.left, a.right, b.left) != 0 || side(a.left, a.right, b.right) != 0) return false;
  return a.left == b.left || a.right == b.right;
}

class Sweep {
 public:
  explicit Sweep(const std::vector<Site>& sites) : count_(sites.size()), order_(Below{&touch_}) {
    edges_.reserve(count_);
    for (std::size_t i = 0; i < count_; ++i) {
      const Site& a = sites[i];
      const Site& b = sites[(i + 1) % count_];
      edges_.push_back({std::min(a, b), std::max(a, b), i});
    }
    places_.resize(count_, order_.end());
  }

  std::optional<Pair> run(const std::vector<Site>& sites) {
    std::vector<std::size_t> vertices(count_);
    std::iota(vertices.begin(), vertices.end(), std::size_t{0});
    std::sort(vertices.begin(), vertices.end(),
              [&](std::size_t a, std::size_t b) { return sites[a] < sites[b]; });
    // Two vertices in one place are a meeting too, and no edge may be without length.
    const auto same = [&](std::size_t a, std::size_t b) { return sites[a] == sites[b]; };
    const auto twice = std::adjacent_find(vertices.begin(), vertices.end(), same);
    if (twice != vertices.end()) return std::minmax(*twice, *std::next(twice));
    for (const std::size_t vertex : vertices) {
      const std::size_t incident[] = {(vertex + count_ - 1) % count_, vertex};
      for (const std::size_t edge : incident) {
        if (edges_[edge].right == sites[vertex]) leave(edge);
      }
      if (touch_) return touch_;
      for (const std::size_t edge : incident) {
        if (edges_[edge].left == sites[vertex]) enter(edge);
      }
      if (touch_) return touch_;
    }
    return std::nullopt;
  }

 private:
  /// The order from below to above, of edges that the sweep line meets at the same time. Where the
  /// later one begins on the earlier one, they touch, and that is noted.
  struct Below {
    std::optional<Pair>* touch;

    bool operator()(const Edge* a, const Edge* b) const {
      if (a == b) return false;
      const bool together = a->left == b->left;
      const int above = together            ? side(a->left, a->right, b->right)
                        : a->left < b->left ? side(a->left, a->right, b->left)
                                            : -side(b->left, b->right, a->left);
      if (above != 0) return above > 0;
      *touch = std::minmax(a->begin, b->begin);
      return a->begin < b->begin;
    }
  };
  using Order = std::set<const Edge*, Below>;

  bool neighbours(const Edge& a, const Edge& b) const {
    return (a.begin + 1) % count_ == b.begin || (b.begin + 1) % count_ == a.begin;
  }

  void test(Order::iterator a, Order::iterator b) {
    if (a == order_.end() || b == order_.end()) return;
    const bool trouble = neighbours(**a, **b) ? fold(**a, **b) : meet(**a, **b);
    if (trouble) touch_ = std::minmax((*a)->begin, (*b)->begin);
  }

  Order::iterator before(Order::iterator place) {
    return place == order_.begin() ? order_.end() : std::prev(place);
  }

  void enter(std::size_t edge) {
    const auto place = order_.insert(&edges_[edge]).first;
    places_[edge] = place;
    test(before(place), place);
    test(place, std::next(place));
  }

  void leave(std::size_t edge) {
    const auto place = places_[edge];
    test(before(place), std::next(place));
    order_.erase(place);
  }

  std::size_t count_;
  std::vector<Edge> edges_;
  std::optional<Pair> touch_;
  Order order_;
  std::vector<Order::iterator> places_;
};

std::optional<Pair> sweep(const std::vector<Site>& sites) {
  if (sites.size() < 3) return std::nullopt;
  return Sweep(sites).run(sites);
}

/// The sites with every edge going the short way round; nothing if none goes the long way, if the
/// outline does not come back to where it began, or if it winds on beyond two turns.
std::optional<std::vector<Site>> unwrap(std::vector<Site> sites) {
  std::int64_t shift = 0;
  bool wrapped = false;
  std::int64_t before = sites.front().x;
  const auto step = [&](std::int64_t x) {
    if (x - before > kTurn / 2) shift -= kTurn, wrapped = true;
    if (before - x > kTurn / 2) shift += kTurn, wrapped = true;
    before = x;
    return std::abs(shift) <= 2 * kTurn;
  };
  const std::int64_t first = sites.front().x;
  for (Site& site : sites) {
    if (!step(site.x)) return std::nullopt;
    site.x += shift;
  }
  if (!step(first) || shift != 0 || !wrapped) return std::nullopt;
  return sites;
}

}  // namespace

std::optional<Pair> find_repeated_vertex(const Polygon& polygon) {
  const std::vector<Site> sites = sites_of(polygon);
  std::vector<std::size_t> order(sites.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::pair(sites[a], a) < std::pair(sites[b], b);
  });
  const auto twice =
      std::adjacent_find(order.begin(), order.end(),
                         [&](std::size_t a, std::size_t b) { return sites[a] == sites[b]; });
  if (twice == order.end()) return std::nullopt;
  return Pair{*twice, *std::next(twice)};
}

std::optional<Pair> find_crossing(const Polygon& polygon) {
  std::vector<Site> sites = sites_of(polygon);
  const std::optional<Pair> crossing = sweep(sites);
  if (!crossing) return std::nullopt;
  const auto unwrapped = unwrap(std::move(sites));
  if (unwrapped && !sweep(*unwrapped)) return std::nullopt;
  return crossing;
}

}  // namespace engine::cap
