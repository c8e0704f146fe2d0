#pragma once
// The polygons and circles of a reach, as they are stored and as they are asked. Copies share what
// they hold, and what is made of it when it is asked for first. Immutable; any thread.
#include <cstddef>
#include <memory>
#include <vector>

#include "engine/cap/globe.hpp"
#include "engine/cap/region.hpp"

namespace engine::cap {

class Footprint {
 public:
  Footprint() = default;
  /// Sorts them and keeps each once.
  Footprint(std::vector<Ring> polygons, std::vector<Disc> circles);

  const std::vector<Ring>& polygons() const;
  const std::vector<Disc>& circles() const;
  std::size_t shapes() const { return polygons().size() + circles().size(); }
  std::size_t vertices() const;

  /// Looks at every edge of the polygons around the spot, unless prepare() was called: then, in
  /// most cases, at none.
  bool holds(Spot spot) const;
  /// Makes it ready for many questions about spots; the first call takes up to some milliseconds.
  void prepare() const;
  /// What prepare() took in memory, about; 0 before.
  std::size_t octets_prepared() const;

  bool meets(const Region& place) const;

  bool operator==(const Footprint& other) const {
    return polygons() == other.polygons() && circles() == other.circles();
  }

 private:
  struct Body;
  std::shared_ptr<const Body> body_;
};

/// The polygon's vertices, the one that closes it left out.
Ring ring_of(const Polygon& polygon);

/// The box around it, with every longitude where it crosses the antimeridian or holds a pole.
Extent box_around(const Ring& ring);

/// The rings that a polygon can be read as, which count together. Where an edge spans more than 180
/// degrees of longitude it can be read in two ways, the long one and the short one across the
/// antimeridian: then both count. A polygon once round the Earth covers the pole that is nearer.
std::vector<Ring> readings_of(const Ring& ring);
std::vector<Region> regions_of(const Ring& ring);

}  // namespace engine::cap
