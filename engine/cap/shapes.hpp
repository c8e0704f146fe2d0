#pragma once
// Polygons and circles as CAP writes them, and what can be wrong with one. Pure; any thread.
#include <string>
#include <string_view>
#include <vector>

#include "engine/cap/alert.hpp"
#include "engine/cap/findings.hpp"

namespace engine::cap {

/// A rule that a shape breaks, and what was seen.
struct ShapeFault {
  Rule rule = Rule::polygon_malformed;
  std::string what;
};

struct PolygonText {
  Polygon polygon;                 // as far as it could be read
  std::vector<ShapeFault> faults;  // empty: the polygon is sound
};
PolygonText read_polygon(std::string_view text);

struct CircleText {
  Circle circle;
  std::vector<ShapeFault> faults;
};
CircleText read_circle(std::string_view text);

/// A polygon that lies inside another one, by their places in `polygons`. Looks no further than a
/// bounded amount of work allows: it is asked for a warning only.
struct Inside {
  std::size_t inner = 0;
  std::size_t outer = 0;
};
std::vector<Inside> find_polygons_inside(const std::vector<const Polygon*>& polygons);

}  // namespace engine::cap
