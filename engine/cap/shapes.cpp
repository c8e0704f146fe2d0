#include "engine/cap/shapes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "engine/cap/crossing.hpp"
#include "engine/cap/number.hpp"
#include "engine/cap/outline.hpp"
#include "engine/cap/text.hpp"

namespace engine::cap {
namespace {

std::optional<Point> read_pair(std::string_view text) {
  const std::size_t comma = text.find(',');
  if (comma == std::string_view::npos) return std::nullopt;
  const auto latitude = parse_decimal(text.substr(0, comma));
  const auto longitude = parse_decimal(text.substr(comma + 1));
  if (!latitude || !longitude) return std::nullopt;
  return Point{*latitude, *longitude};
}

bool in_range(Point point) {
  return point.latitude >= -90 && point.latitude <= 90 && point.longitude >= -180 &&
         point.longitude <= 180;
}

std::string shown(Point point) {
  return format_decimal(point.latitude) + "," + format_decimal(point.longitude);
}

/// What is wrong with the outline of a polygon whose pairs are all in range.
void check_outline(const Polygon& polygon, std::vector<ShapeFault>& faults) {
  if (const auto twice = find_repeated_vertex(polygon)) {
    faults.push_back(
        {Rule::polygon_vertex_twice,
         fmt::format("The vertex {} comes as pair {} and again as pair {}",
                     shown(polygon[twice->first]), twice->first + 1, twice->second + 1)});
    return;  // where it comes twice it meets itself, which need not be said again
  }
  if (const auto crossing = find_crossing(polygon)) {
    faults.push_back({Rule::polygon_crossing,
                      fmt::format("The edge from pair {} ({}) meets the edge from pair {} ({})",
                                  crossing->first + 1, shown(polygon[crossing->first]),
                                  crossing->second + 1, shown(polygon[crossing->second]))});
  }
}

/// Whether a point lies within, on the outline of, or outside a polygon, in the plane.
enum class Place { within, outline, outside };

Place place_in(const Polygon& polygon, Point point) {
  bool within = false;
  for (std::size_t i = 1; i < polygon.size(); ++i) {
    const Point a = polygon[i - 1];
    const Point b = polygon[i];
    const double turn = (b.longitude - a.longitude) * (point.latitude - a.latitude) -
                        (b.latitude - a.latitude) * (point.longitude - a.longitude);
    const bool beside = point.latitude >= std::min(a.latitude, b.latitude) &&
                        point.latitude <= std::max(a.latitude, b.latitude) &&
                        point.longitude >= std::min(a.longitude, b.longitude) &&
                        point.longitude <= std::max(a.longitude, b.longitude);
    if (turn == 0 && beside) return Place::outline;
    if ((a.latitude > point.latitude) == (b.latitude > point.latitude)) continue;
    const bool upward = b.latitude > a.latitude;
    if ((turn > 0) == upward) within = !within;
  }
  return within ? Place::within : Place::outside;
}

bool contains(const Box& outer, const Box& inner) {
  return outer.south <= inner.south && outer.north >= inner.north && outer.west <= inner.west &&
         outer.east >= inner.east;
}

constexpr std::size_t kSamplesMax = 16;

/// Looks at up to kSamplesMax vertices of `inner`: none is outside, one at least is within.
bool lies_inside(const Polygon& inner, const Polygon& outer) {
  const std::size_t stride = std::max<std::size_t>(1, inner.size() / kSamplesMax);
  bool within = false;
  for (std::size_t i = 0; i < inner.size(); i += stride) {
    const Place place = place_in(outer, inner[i]);
    if (place == Place::outside) return false;
    within = within || place == Place::within;
  }
  return within;
}

}  // namespace

PolygonText read_polygon(std::string_view text) {
  PolygonText read;
  const std::vector<std::string_view> words = split(text);
  read.polygon.reserve(words.size());
  for (const std::string_view word : words) {
    const auto pair = read_pair(word);
    if (!pair) {
      read.faults.push_back(
          {Rule::polygon_malformed,
           fmt::format("Pair {} is \"{}\"", read.polygon.size() + 1, printable(word, 40))});
      return read;
    }
    read.polygon.push_back(*pair);
  }
  const Polygon& polygon = read.polygon;
  if (polygon.size() < 4) {
    read.faults.push_back(
        {Rule::polygon_pairs, fmt::format("The polygon has {} pairs", polygon.size())});
  }
  if (!polygon.empty() && polygon.front() != polygon.back()) {
    read.faults.push_back(
        {Rule::polygon_closed, fmt::format("The last pair {} is not the first pair {}",
                                           shown(polygon.back()), shown(polygon.front()))});
  }
  const auto far = std::find_if_not(polygon.begin(), polygon.end(), in_range);
  if (far != polygon.end()) {
    read.faults.push_back({Rule::polygon_range,
                           fmt::format("Pair {} is {}", far - polygon.begin() + 1, shown(*far))});
  } else if (polygon.size() >= 4) {
    check_outline(polygon, read.faults);
  }
  return read;
}

CircleText read_circle(std::string_view text) {
  CircleText read;
  const std::vector<std::string_view> words = split(text);
  std::optional<Point> centre;
  std::optional<double> radius_km;
  if (words.size() == 2) {
    centre = read_pair(words[0]);
    radius_km = parse_decimal(words[1]);
  }
  if (!centre || !radius_km) {
    read.faults.push_back(
        {Rule::circle_malformed, fmt::format("The circle is \"{}\"", printable(text, 40))});
    return read;
  }
  read.circle = {*centre, *radius_km};
  if (!in_range(*centre)) {
    read.faults.push_back({Rule::circle_range, fmt::format("The centre is {}", shown(*centre))});
  }
  if (*radius_km < 0) {
    read.faults.push_back(
        {Rule::circle_radius, fmt::format("The radius is {}", format_decimal(*radius_km))});
  }
  return read;
}

std::vector<Inside> find_polygons_inside(const std::vector<const Polygon*>& polygons) {
  std::vector<Box> boxes;
  boxes.reserve(polygons.size());
  for (const Polygon* polygon : polygons) boxes.push_back(box_of(*polygon));
  std::vector<Inside> found;
  std::size_t steps_left = 2'000'000;  // vertices and pairs of boxes looked at
  for (std::size_t inner = 0; inner < polygons.size(); ++inner) {
    for (std::size_t outer = 0; outer < polygons.size(); ++outer) {
      const bool candidate = inner != outer && contains(boxes[outer], boxes[inner]);
      const std::size_t steps = candidate ? polygons[outer]->size() * kSamplesMax : 1;
      if (steps > steps_left) return found;
      steps_left -= steps;
      if (!candidate || !lies_inside(*polygons[inner], *polygons[outer])) continue;
      found.push_back({inner, outer});
      break;
    }
  }
  return found;
}

}  // namespace engine::cap
