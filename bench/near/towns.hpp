#pragma once
// Synthetic sites as they might lie in the United Kingdom: as many in each local authority as its
// share of the people, most of them in and about towns. The same seed gives the same sites. One
// thread.
#include <cstdint>
#include <vector>

#include "bench/shapes.hpp"
#include "engine/match/site.hpp"

namespace bench {

class Towns {
 public:
  explicit Towns(unsigned seed);
  /// The wishes are mixed, and one organisation in thirty has two sites or three.
  std::vector<engine::Site> sites(std::size_t count);

 private:
  struct Town {
    engine::cap::Spot middle;
    double size = 0;  // a standard deviation, in units of latitude
    std::size_t authority = 0;
  };
  std::size_t below(double n) { return static_cast<std::size_t>(chance_.between(0, n)); }
  engine::cap::Spot anywhere_in(std::size_t authority);
  engine::cap::Spot spot();
  engine::Wishes wishes();

  Chance chance_;
  std::vector<Town> towns_;
  std::vector<double> until_;  // of each town: the share of all people, summed up
};

}  // namespace bench
