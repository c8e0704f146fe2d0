#pragma once
// Shapes that are hard to judge, for measurements. Pure; one thread.
#include <random>
#include <string>
#include <vector>

#include "engine/cap/alert.hpp"

namespace bench {

struct Shapes {
  std::string name;
  std::string authority;  // the area they are judged against
  std::vector<engine::cap::Polygon> polygons;
  std::vector<engine::cap::Circle> circles;
};

class Chance {
 public:
  explicit Chance(unsigned seed) : random_(seed) {}
  double between(double least, double most) {
    return least + (most - least) * static_cast<double>(random_()) / 4294967296.0;
  }

 private:
  std::mt19937 random_;
};

/// Near the bounds of admission: 20,000 vertices, or as many shapes as 256 KiB hold.
std::vector<Shapes> worst_shapes();

/// So many circles (vertices: 0) or polygons, each alike, scattered about the border of England
/// with Wales and judged against England.
Shapes along_border(const std::string& name, int count, double radius_km, int vertices);

/// Ordinary and large ones, to match readers in London against.
std::vector<Shapes> shapes_in_london();

}  // namespace bench
