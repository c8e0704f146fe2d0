#pragma once
// Distances on the Earth (WGS 84). Pure; any thread.
#include "engine/cap/region.hpp"

namespace engine::cap {

/// Along the surface, to a metre in a hundred kilometres.
double distance_km(Point a, Point b);

/// The place of a line, straight in degrees, that is nearest on a flat map around `from`.
Point nearest_on(const Edge& line, Point from);

/// What a circle goes round: those no farther from the centre than its radius.
class Disc {
 public:
  Disc() = default;
  Disc(Spot centre, double radius_km);

  Spot centre() const { return centre_; }
  double radius_km() const { return radius_km_; }
  const Extent& extent() const { return extent_; }
  bool holds(Spot spot) const { return spot == centre_ || (near(spot) && reaches(point_of(spot))); }
  bool meets(const Region& region) const;
  /// False where nothing of the box lies in the circle, which few boxes beside the circle pass.
  bool may_hold(const Extent& box) const { return near(box); }
  /// True only where all of the box lies in the circle.
  bool surely_holds(const Extent& box) const;

  /// On a globe, half an angle's sine squared: what is nearer than the first is surely inside, what
  /// is farther than the second surely not; between them the Earth's own form decides.
  double surely_in() const { return surely_in_; }
  double surely_out() const { return surely_out_; }

  bool operator==(const Disc& other) const {
    return centre_ == other.centre_ && radius_km_ == other.radius_km_;
  }

 private:
  /// On a flat map whose parallels are everywhere as short as the shortest one of the extent, and
  /// whose unit is a Spot of latitude, everything within has a distance of at most `reach` from the
  /// centre; where no such map is true, it is infinite.
  struct Flat {
    double narrow = 0, reach = 0;
    /// Whether something of the box, centres or what they hold, lies so near the spot.
    bool reaches(const Extent& box, Spot spot) const;
  };

  /// False where nothing of it lies in the circle, which few things beside the circle pass.
  bool near(Spot spot) const { return near(Extent{spot, spot}); }
  bool near(const Extent& box) const;
  bool near_on_globe(const Extent& box) const;
  bool reaches(Point here) const;

  Spot centre_;
  double radius_km_ = 0;
  Extent extent_;
  Flat flat_;
  double surely_in_ = -1, surely_out_ = 0;
};

}  // namespace engine::cap
