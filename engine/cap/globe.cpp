#include "engine/cap/globe.hpp"

#include <boost/geometry/core/cs.hpp>
#include <boost/geometry/geometries/point.hpp>
#include <boost/geometry/strategies/geographic/distance_thomas.hpp>
#include <cmath>
#include <limits>
#include <numbers>

#include "engine/cap/outline.hpp"

namespace engine::cap {
namespace {

namespace bg = boost::geometry;
using Place = bg::model::point<double, 2, bg::cs::geographic<bg::degree>>;

constexpr double kRadian = std::numbers::pi / 180;
constexpr double kGlobeRadiusKm = 6371.0088;
// A globe's distances are wrong by at most 0.56 %.
constexpr double kFlattening = 0.007;
// Of circles so small and so narrow (in degrees of longitude), no distance on the flat map of
// Disc::near() is longer by more than that than the one along the surface: sin x is at least
// 0.988 x up to 15 degrees, and the flattening comes to it.
constexpr double kFlatRadiusMaxKm = 1000;
constexpr double kFlatWidthMax = 60;
constexpr double kFlatMargin = 1.02;

double square(double x) { return x * x; }

/// The sine squared of half the angle between two places on a globe.
double haversine(Point a, Point b) {
  return square(std::sin((a.latitude - b.latitude) * kRadian / 2)) +
         std::cos(a.latitude * kRadian) * std::cos(b.latitude * kRadian) *
             square(std::sin((a.longitude - b.longitude) * kRadian / 2));
}

double haversine_of(double distance_km) {
  const double angle = distance_km / kGlobeRadiusKm;
  return angle >= std::numbers::pi ? 2 : square(std::sin(angle / 2));
}

}  // namespace

double distance_km(Point a, Point b) {
  const bg::strategy::distance::thomas<> strategy;
  return strategy.apply(Place(a.longitude, a.latitude), Place(b.longitude, b.latitude)) / 1000;
}

Point nearest_on(const Edge& line, Point from) {
  const Point low = point_of(line.low), high = point_of(line.high);
  const double narrow = std::cos(from.latitude * kRadian);
  const double dx = (high.longitude - low.longitude) * narrow, dy = high.latitude - low.latitude;
  const double px = (from.longitude - low.longitude) * narrow, py = from.latitude - low.latitude;
  const double length = dx * dx + dy * dy;
  const double share = length == 0 ? 0 : std::clamp((px * dx + py * dy) / length, 0.0, 1.0);
  return {low.latitude + share * (high.latitude - low.latitude),
          low.longitude + share * (high.longitude - low.longitude)};
}

Disc::Disc(Spot centre, double radius_km) : centre_(centre), radius_km_(radius_km) {
  const Box box = box_of(Circle{point_of(centre), radius_km});
  extent_ = {spot_of({box.south, box.west}), spot_of({box.north, box.east})};
  surely_in_ = haversine_of(radius_km * (1 - kFlattening));
  surely_out_ = haversine_of(radius_km * (1 + kFlattening));
  const bool flat = radius_km <= kFlatRadiusMaxKm && box.east - box.west <= kFlatWidthMax;
  flat_.reach = flat ? (radius_km * kFlatMargin / kGlobeRadiusKm / kRadian + 1e-6) * kSpotsPerDegree
                     : std::numeric_limits<double>::infinity();
  flat_.narrow = std::cos(std::max(std::abs(box.south), std::abs(box.north)) * kRadian);
}

/// Of circles for which there is no flat map: on the globe nothing of a box is farther from its
/// middle than half around it, along the parallel that is nearest to the equator and a meridian.
bool Disc::near_on_globe(const Extent& box) const {
  const Point least = point_of(box.least), most = point_of(box.most);
  const Point middle{(least.latitude + most.latitude) / 2, (least.longitude + most.longitude) / 2};
  const bool crosses = least.latitude <= 0 && most.latitude >= 0;
  const double widest =
      crosses ? 1 : std::cos(std::min(std::abs(least.latitude), std::abs(most.latitude)) * kRadian);
  const double half =
      ((most.latitude - least.latitude) + widest * (most.longitude - least.longitude)) / 2 *
      kRadian;
  const double between =
      2 * std::asin(std::min(1.0, std::sqrt(haversine(middle, point_of(centre_)))));
  return (between - half) * kGlobeRadiusKm <= radius_km_ * (1 + kFlattening) + 0.001;
}

bool Disc::near(const Extent& box) const {
  if (!extent_.meets(box)) return false;
  if (std::isinf(flat_.reach)) return near_on_globe(box);
  return flat_.reaches(box, centre_);
}

bool Disc::Flat::reaches(const Extent& box, Spot spot) const {
  const auto off = [](std::int64_t from, std::int64_t least, std::int64_t most) {
    return static_cast<double>(std::max({least - from, from - most, std::int64_t{0}}));
  };
  const double dx = narrow * off(spot.x, box.least.x, box.most.x);
  const double dy = off(spot.y, box.least.y, box.most.y);
  return square(dx) + square(dy) <= square(reach);
}

/// On the globe: no sine is larger than its angle, and no parallel of the box longer than the one
/// that is nearest to the equator.
bool Disc::surely_holds(const Extent& box) const {
  const Point least = point_of(box.least), most = point_of(box.most), centre = point_of(centre_);
  const auto farthest = [](double from, double low, double high) {
    return std::max(std::abs(from - low), std::abs(from - high)) * kRadian / 2;
  };
  const bool crosses = least.latitude <= 0 && most.latitude >= 0;
  const double widest =
      crosses ? 1 : std::cos(std::min(std::abs(least.latitude), std::abs(most.latitude)) * kRadian);
  const double north = farthest(centre.latitude, least.latitude, most.latitude);
  const double east = farthest(centre.longitude, least.longitude, most.longitude);
  const double between =
      square(north) + widest * std::cos(centre.latitude * kRadian) * square(east);
  return between * (1 + 1e-9) <= surely_in_;
}

bool Disc::reaches(Point here) const {
  const Point centre = point_of(centre_);
  const double between = haversine(here, centre);
  if (between <= surely_in_) return true;
  if (between > surely_out_) return false;
  return distance_km(here, centre) <= radius_km_;
}

bool Disc::meets(const Region& region) const {
  if (!extent_.meets(region.extent())) return false;
  if (region.holds(centre_)) return true;
  const Point centre = point_of(centre_);
  return region.any_edge(
      [&](const Extent& box) { return near(box); },
      [&](const Edge& edge) { return near(extent_of(edge)) && reaches(nearest_on(edge, centre)); });
}

}  // namespace engine::cap
