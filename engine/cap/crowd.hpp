#pragma once
// Many circles, asked together whether one of them holds a spot. Those of about one size lie in a
// tree by their centres, so that a spot which all of them just miss is told so after a few looks.
// Immutable; any thread.
#include <cstddef>
#include <vector>

#include "engine/cap/box_tree.hpp"
#include "engine/cap/globe.hpp"

namespace engine::cap {

class Crowd {
 public:
  Crowd() = default;
  explicit Crowd(const std::vector<Disc>& circles);

  bool holds(Spot p) const;
  std::size_t octets() const;

 private:
  struct Size {
    Disc::Flat most;  // holds what any of them holds
    std::vector<Disc> circles;
    BoxTree centres;
  };
  std::vector<Size> sizes_;
};

}  // namespace engine::cap
