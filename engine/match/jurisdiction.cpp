#include "engine/match/jurisdiction.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <numbers>

#include "engine/match/coverage.hpp"

namespace engine {
namespace {

constexpr double kAreaShare = 0.95;
constexpr double kToleranceKm = 2.0;
constexpr double kKmPerDegree = 110.5;  // of latitude, where it is shortest; rounded down
constexpr double kRadian = std::numbers::pi / 180;

// Finer and finer grids are laid over a shape until its share is known; the last one estimates it.
constexpr int kGrids[] = {16, 64, 256, 1024};
constexpr int kCoarseGrid = 64;
// A shape whose edges would pass more cells than this is judged by a coarser one.
constexpr double kCellsPassedMax = 4e6;
constexpr int kStrayGrids[] = {256, 64};
constexpr std::int64_t kSmallBox = cap::kSpotsPerDegree / 25;  // 4 km from south to north
constexpr double kTrace = 1e-9;                                // less of a cell is nothing

// All shapes of an alert together may take so much work, a unit being a few nanoseconds. A hundred
// of the hardest shapes across borders can take it all. The finest grids are laid while half of it
// is left.
constexpr double kWorkMax = 12e6;
constexpr double kWorkPerSpot = 500;     // to find how far it is from the areas
constexpr double kWorkPerCircle = 5000;  // to draw it as a polygon
constexpr const char* kTooMuch =
    "shapes cross more borders than can be looked at (draw fewer), which";

// No area of the United Kingdom holds 95 % of a larger circle.
constexpr double kRadiusMaxKm = 1000;
constexpr int kCircleCorners = 96;

std::string text_of(cap::Spot spot) {
  const auto decimal = [](double value) {
    char text[32];
    return std::string(text, std::to_chars(text, text + sizeof text, value).ptr);
  };
  const cap::Point point = cap::point_of(spot);
  return decimal(point.latitude) + "," + decimal(point.longitude);
}

cap::Ring anticlockwise(cap::Ring ring) {
  double twice_area = 0;
  const cap::Spot origin = ring.front();
  for (std::size_t i = 0; i < ring.size(); ++i) {
    const cap::Spot a = ring[i], b = ring[i + 1 == ring.size() ? 0 : i + 1];
    twice_area += static_cast<double>(a.x - origin.x) * static_cast<double>(b.y - origin.y) -
                  static_cast<double>(b.x - origin.x) * static_cast<double>(a.y - origin.y);
  }
  if (twice_area < 0) std::reverse(ring.begin(), ring.end());
  return ring;
}

/// How many cells its edges pass, about.
double cells_passed(const cap::Ring& ring, const cap::Extent& box, int size) {
  double dx = 0, dy = 0;
  for (std::size_t i = 0; i < ring.size(); ++i) {
    const cap::Spot a = ring[i], b = ring[i + 1 == ring.size() ? 0 : i + 1];
    dx += std::abs(static_cast<double>(b.x - a.x));
    dy += std::abs(static_cast<double>(b.y - a.y));
  }
  return static_cast<double>(ring.size()) +
         size * dx / static_cast<double>(box.most.x - box.least.x) +
         size * dy / static_cast<double>(box.most.y - box.least.y);
}

/// At least so wide and so high that there are cells to lay over it.
cap::Extent with_room(cap::Extent box) {
  constexpr std::int64_t kLeast = 1024;  // ten metres
  box.most.x = std::max(box.most.x, box.least.x + kLeast);
  box.most.y = std::max(box.most.y, box.least.y + kLeast);
  return box;
}

/// Those of size times size cells that edges pass, but for the tips of some.
std::vector<char> cells_of_edges(const cap::Ring& ring, const cap::Extent& box, int size) {
  std::vector<char> passed(static_cast<std::size_t>(size) * static_cast<std::size_t>(size), 0);
  const auto cell = [size](double share) {
    return static_cast<std::size_t>(std::clamp(static_cast<int>(share * size), 0, size - 1));
  };
  const auto width = static_cast<double>(box.most.x - box.least.x);
  const auto height = static_cast<double>(box.most.y - box.least.y);
  for (std::size_t i = 0; i < ring.size(); ++i) {
    const cap::Spot a = ring[i], b = ring[i + 1 == ring.size() ? 0 : i + 1];
    const double x = static_cast<double>(a.x - box.least.x) / width;
    const double y = static_cast<double>(a.y - box.least.y) / height;
    const double dx = static_cast<double>(b.x - a.x) / width;
    const double dy = static_cast<double>(b.y - a.y) / height;
    const int steps = 1 + static_cast<int>(2 * size * std::max(std::abs(dx), std::abs(dy)));
    for (int step = 0; step <= steps; ++step) {
      const double share = static_cast<double>(step) / steps;
      passed[cell(y + share * dy) * static_cast<std::size_t>(size) + cell(x + share * dx)] = 1;
    }
  }
  return passed;
}

/// A flat map of a few kilometres around a place.
class Map {
 public:
  explicit Map(cap::Point middle) : middle_(middle) {
    // The lengths of a degree on WGS 84, as series.
    const double angle = middle.latitude * kRadian;
    north_km_ = 111.132954 - 0.559822 * std::cos(2 * angle) + 0.001175 * std::cos(4 * angle);
    east_km_ =
        111.41284 * std::cos(angle) - 0.0935 * std::cos(3 * angle) + 0.000118 * std::cos(5 * angle);
  }
  /// From the place to the nearest of the line.
  double distance_km(const cap::Edge& line) const {
    const double ax = x(line.low), ay = y(line.low);
    const double dx = x(line.high) - ax, dy = y(line.high) - ay;
    const double length = dx * dx + dy * dy;
    const double share = length == 0 ? 0 : std::clamp(-(ax * dx + ay * dy) / length, 0.0, 1.0);
    return std::hypot(ax + share * dx, ay + share * dy);
  }

 private:
  double x(cap::Spot spot) const {
    return (cap::point_of(spot).longitude - middle_.longitude) * east_km_;
  }
  double y(cap::Spot spot) const {
    return (cap::point_of(spot).latitude - middle_.latitude) * north_km_;
  }
  cap::Point middle_;
  double north_km_ = 0, east_km_ = 0;
};

/// What is known to lie within the tolerance around the spot asked for last, so that spots beside
/// each other are not all asked for.
class Clearance {
 public:
  explicit Clearance(double tolerance_km) : tolerance_km_(tolerance_km) {}
  /// What is left to the tolerance; a little less, since maps are flat.
  double left_km(double off_km) const { return 0.999 * (tolerance_km_ - off_km); }
  void set(cap::Spot spot, double off_km) {
    map_ = Map(cap::point_of(spot));
    left_km_ = left_km(off_km);
  }
  bool reaches(cap::Spot spot) const { return map_ && map_->distance_km({spot, spot}) <= left_km_; }

 private:
  double tolerance_km_;
  std::optional<Map> map_;
  double left_km_ = 0;
};

/// The place that far from the centre, in that direction (radians, from north to east).
cap::Point towards(cap::Point centre, double direction, double distance_km) {
  const double angle = distance_km / 6371.0088;
  const double from = centre.latitude * kRadian;
  const double to = std::asin(std::sin(from) * std::cos(angle) +
                              std::cos(from) * std::sin(angle) * std::cos(direction));
  const double turned = std::atan2(std::sin(direction) * std::sin(angle) * std::cos(from),
                                   std::cos(angle) - std::sin(from) * std::sin(to));
  return {to / kRadian, centre.longitude + turned / kRadian};
}

cap::Ring ring_around(const cap::Circle& circle) {
  if (circle.radius_km == 0) return {cap::spot_of(circle.centre)};
  cap::Ring ring;
  for (int i = 0; i < kCircleCorners; ++i) {
    const double direction = -2 * std::numbers::pi * i / kCircleCorners;
    const cap::Point nearly = towards(circle.centre, direction, circle.radius_km);
    const double off = cap::distance_km(circle.centre, nearly);
    const double corrected = off > 0 ? circle.radius_km * circle.radius_km / off : 0;
    ring.push_back(cap::spot_of(towards(circle.centre, direction, corrected)));
  }
  return ring;
}

/// The box with so many kilometres more on each side.
cap::Extent widened(const cap::Extent& box, double km) {
  const double degrees = km / kKmPerDegree;
  const double north = cap::point_of(box.most).latitude, south = cap::point_of(box.least).latitude;
  const double farthest = std::min(std::max(std::abs(north), std::abs(south)) + degrees, 89.0);
  const auto dy = static_cast<std::int64_t>(degrees * cap::kSpotsPerDegree);
  const auto dx =
      static_cast<std::int64_t>(degrees / std::cos(farthest * kRadian) * cap::kSpotsPerDegree);
  return {{box.least.x - dx, box.least.y - dy}, {box.most.x + dx, box.most.y + dy}};
}

}  // namespace

/// How much of a shape lies inside: between `least` and `most`, probably `likely`.
struct Jurisdiction::Share {
  double least = 0, likely = 0, most = 0;
};

Jurisdiction::Jurisdiction(const Ground& ground, std::vector<char> inside)
    : ground_(ground), inside_(std::move(inside)), work_left_(kWorkMax) {}

Jurisdiction::Share Jurisdiction::share(const cap::Ring& ring, const cap::Extent& box,
                                        int size) const {
  Coverage shape(box, size), areas(box, size);
  shape.add(ring);
  shape.finish();
  for (const std::size_t leaf : ground_.near(box)) {
    if (!inside_[leaf]) continue;
    for (const cap::Ring& border : ground_.leaves()[leaf].rings) areas.add(border);
  }
  areas.finish();
  Share share;
  double all = 0;
  for (int row = 0; row < size; ++row) {
    const double latitude = cap::point_of(shape.centre(row, 0)).latitude;
    Share in_row;
    double row_all = 0;
    for (int column = 0; column < size; ++column) {
      const double of_shape = shape.at(row, column), of_areas = areas.at(row, column);
      row_all += of_shape;
      in_row.least += std::max(0.0, of_shape + of_areas - 1);
      in_row.likely += of_shape * of_areas;
      in_row.most += std::min(of_shape, of_areas);
    }
    const double weight = std::cos(latitude * kRadian);  // parallels are shorter up north
    all += weight * row_all;
    share.least += weight * in_row.least;
    share.likely += weight * in_row.likely;
    share.most += weight * in_row.most;
  }
  if (all <= 0) return {};
  return {share.least / all, share.likely / all, share.most / all};
}

/// Whether there was as much work left; it is gone then.
bool Jurisdiction::spend(double work) {
  work_left_ -= work;
  return work_left_ >= 0;
}

/// Whether at least 95 % of its area lies inside.
Jurisdiction::Covered Jurisdiction::covered(const cap::Ring& ring, const cap::Extent& box) {
  if (box.least.x == box.most.x || box.least.y == box.most.y) return Covered::no;
  double edges = 0;
  for (const std::size_t leaf : ground_.near(box)) {
    edges += static_cast<double>(ground_.leaves()[leaf].region.edges().size());
  }
  double likely = 0;
  for (const int size : kGrids) {
    const double passed = cells_passed(ring, box, size);
    const double work = 2.0 * size * size + 2 * passed + 3 * edges;
    if (size > kCoarseGrid && (passed > kCellsPassedMax || work > work_left_ / 2)) break;
    if (!spend(work)) return Covered::unknown;
    const Share known = share(ring, box, size);
    if (known.least >= kAreaShare) return Covered::yes;
    if (known.most < kAreaShare) return Covered::no;
    likely = known.likely;
  }
  return likely >= kAreaShare ? Covered::yes : Covered::no;
}

/// How far the spot is from the areas, or more where that is surely within the tolerance.
double Jurisdiction::off_km(cap::Spot spot, double tolerance_km) const {
  const cap::Extent around = widened({spot, spot}, tolerance_km);
  const std::vector<std::size_t> near = ground_.near(around);
  const auto holds = [&](std::size_t leaf) {
    return inside_[leaf] && ground_.leaves()[leaf].region.holds(spot);
  };
  if (std::any_of(near.begin(), near.end(), holds)) return 0;
  const Map map(cap::point_of(spot));
  double off = std::numeric_limits<double>::infinity();
  for (const std::size_t leaf : near) {
    if (!inside_[leaf]) continue;
    const bool enough = ground_.leaves()[leaf].region.any_edge(
        [&](const cap::Extent& box) { return around.meets(box); },
        [&](const cap::Edge& edge) {
          if (around.meets(cap::extent_of(edge))) off = std::min(off, map.distance_km(edge));
          return off <= tolerance_km / 2;
        });
    if (enough) break;
  }
  return off;
}

/// Whether all of a small box is surely within the tolerance.
bool Jurisdiction::near_enough(const cap::Extent& box) const {
  if (box.most.y - box.least.y > kSmallBox) return false;
  const cap::Spot middle{(box.least.x + box.most.x) / 2, (box.least.y + box.most.y) / 2};
  Clearance clearance(kToleranceKm);
  clearance.set(middle, off_km(middle, kToleranceKm));
  return clearance.reaches(box.least) && clearance.reaches(box.most) &&
         clearance.reaches({box.least.x, box.most.y}) &&
         clearance.reaches({box.most.x, box.least.y});
}

/// A vertex farther outside than the tolerance.
std::optional<cap::Spot> Jurisdiction::far_corner(const cap::Ring& ring) {
  Clearance clearance(kToleranceKm);
  for (const cap::Spot spot : ring) {
    if (clearance.reaches(spot)) continue;
    if (!spend(kWorkPerSpot)) return spot;
    const double off = off_km(spot, kToleranceKm);
    if (off > kToleranceKm) return spot;
    clearance.set(spot, off);
  }
  return std::nullopt;
}

/// A place in the shape, or on its edges, on ground that is neither in the areas nor within the
/// tolerance of them, to half a cell of a grid over the shape.
std::optional<cap::Spot> Jurisdiction::stray(const cap::Ring& ring, const cap::Extent& its_box) {
  const cap::Extent box = with_room(its_box);
  const bool fine =
      cells_passed(ring, box, kStrayGrids[0]) <= kCellsPassedMax && work_left_ > kWorkMax / 2;
  const int size = kStrayGrids[fine ? 0 : 1];
  spend(3.0 * size * size + 6 * cells_passed(ring, box, size));
  Coverage shape(box, size), areas(box, size), others(box, size);
  shape.add(ring);
  const std::vector<char> edges = cells_of_edges(ring, box, size);  // of what has no inside
  for (const std::size_t leaf : ground_.near(box)) {
    for (const cap::Ring& border : ground_.leaves()[leaf].rings) {
      (inside_[leaf] ? areas : others).add(border);
    }
  }
  for (Coverage* one : {&shape, &areas, &others}) one->finish();
  const double half_cell_km =
      0.5 * cap::distance_km(cap::point_of(shape.centre(0, 0)), cap::point_of(shape.centre(1, 1)));
  const double tolerance_km = kToleranceKm + half_cell_km;
  Clearance clearance(tolerance_km);
  for (int row = 0; row < size; ++row) {
    for (int column = 0; column < size; ++column) {
      const bool its_own = shape.at(row, column) > kTrace ||
                           edges[static_cast<std::size_t>(row * size + column)] != 0;
      const bool foreign =
          its_own && areas.at(row, column) <= kTrace && others.at(row, column) > kTrace;
      const cap::Spot centre = shape.centre(row, column);
      if (!foreign || clearance.reaches(centre)) continue;
      const double off = spend(kWorkPerSpot) ? off_km(centre, tolerance_km) : tolerance_km + 1;
      if (off > tolerance_km) return centre;
      clearance.set(centre, off);
    }
  }
  return std::nullopt;
}

std::optional<std::string> Jurisdiction::outside(const cap::Ring& ring) {
  if (ring.empty()) return std::nullopt;
  const cap::Extent box = cap::extent_of(ring);
  if (!spend(kWorkPerSpot)) return kTooMuch;
  if (near_enough(box)) return std::nullopt;
  const cap::Ring turned = anticlockwise(ring);
  const Covered known = covered(turned, box);
  if (known == Covered::yes) return std::nullopt;
  if (known == Covered::unknown) return kTooMuch;
  if (const auto corner = far_corner(ring)) {
    return work_left_ < 0 ? kTooMuch : "corner " + text_of(*corner);
  }
  if (const auto middle = stray(turned, box)) {
    return work_left_ < 0 ? kTooMuch : "middle near " + text_of(*middle);
  }
  return std::nullopt;
}

std::optional<std::string> Jurisdiction::outside(const cap::Circle& circle) {
  const std::string name = "circle around " + text_of(cap::spot_of(circle.centre));
  if (circle.radius_km > kRadiusMaxKm) return name;
  // All of a small one may be near enough.
  if (!spend(kWorkPerSpot)) return kTooMuch;
  Clearance clearance(kToleranceKm);
  const cap::Spot centre = cap::spot_of(circle.centre);
  if (clearance.left_km(off_km(centre, kToleranceKm)) >= circle.radius_km) return std::nullopt;
  if (!spend(kWorkPerCircle)) return kTooMuch;
  const auto ring_outside = outside(ring_around(circle));
  if (!ring_outside) return std::nullopt;
  return work_left_ < 0 ? kTooMuch : name;
}

}  // namespace engine
