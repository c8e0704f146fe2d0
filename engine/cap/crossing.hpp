#pragma once
// Does a polygon meet itself? In O(n log n) and exactly: coordinates become whole numbers of
// 10^-12 degrees (a tenth of a micrometre), and every decision is made without rounding. Pure; any
// thread.
#include <cstddef>
#include <optional>
#include <utility>

#include "engine/cap/alert.hpp"

namespace engine::cap {

/// Two vertices at the same place, by their places in the polygon; the last one, which closes the
/// polygon, is not counted.
std::optional<std::pair<std::size_t, std::size_t>> find_repeated_vertex(const Polygon& polygon);

/// Two edges that cross, touch or lie on each other, by the vertices they begin with; neighbours
/// meet at their common vertex only. Asked of polygons without repeated vertices and with
/// coordinates in range; an open one is taken as closed.
///
/// An edge which spans more than 180 degrees of longitude may be meant to go the short way, across
/// the antimeridian: the polygon is sound if either reading is.
std::optional<std::pair<std::size_t, std::size_t>> find_crossing(const Polygon& polygon);

}  // namespace engine::cap
