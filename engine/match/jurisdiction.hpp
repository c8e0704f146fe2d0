#pragma once
// Whether shapes lie inside an authority's areas (schemas/places.md). Made for one question and
// thrown away; one thread.
#include <optional>
#include <string>
#include <vector>

#include "engine/cap/globe.hpp"
#include "engine/match/ground.hpp"

namespace engine {

class Jurisdiction {
 public:
  /// `inside` says of each of the ground's leaves whether it is in the areas.
  Jurisdiction(const Ground& ground, std::vector<char> inside);

  /// What of it lies outside: "corner 53.5,-2.25" or "middle near 52.6,-1.1"; nothing where at
  /// least 95 % of its area lies inside, or no vertex more than 2 km outside. The latter holds only
  /// as long as nobody else's ground, farther than that from the areas, lies between the vertices.
  /// Where all shapes asked for so far took too much work, none that would take more is inside.
  std::optional<std::string> outside(const cap::Ring& ring);
  /// The same of a circle: "circle around 51.5,-0.12".
  std::optional<std::string> outside(const cap::Circle& circle);

 private:
  struct Share;
  enum class Covered { yes, no, unknown };  // unknown: there is no work left to find it out

  bool spend(double work);
  Share share(const cap::Ring& ring, const cap::Extent& box, int size) const;
  Covered covered(const cap::Ring& ring, const cap::Extent& box);
  double off_km(cap::Spot spot, double tolerance_km) const;
  bool near_enough(const cap::Extent& box) const;
  std::optional<cap::Spot> far_corner(const cap::Ring& ring);
  std::optional<cap::Spot> stray(const cap::Ring& ring, const cap::Extent& box);

  const Ground& ground_;
  std::vector<char> inside_;
  double work_left_;
};

}  // namespace engine
