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
  /// In space, where nothing is narrow: on a globe of radius one, with straight lines between
  /// places, of which the squares are compared.
  struct Dot {
    double x = 0, y = 0, z = 0;
    explicit Dot(Spot spot);
    double square_to(const Dot& other) const;
  };
  struct Room {
    Dot least, most;
    double square_to(const Dot& dot) const;  // of its nearest corner, side or edge; 0 inside
    friend Room around(const Room& one, const Room& other);
  };
  friend Room around(const Room& one, const Room& other);
  struct Ball {
    Dot centre;
    double surely_in = 0, surely_out = 0;  // squares: nearer than the first, farther than the other
  };
  struct Size {
    double surely_out = 0;  // of all of them
    std::vector<Ball> balls;
    std::vector<Disc> circles;  // the same
    TreeOf<Room> centres;
  };
  static bool holds(const Size& size, Spot p, const Dot& here);

  std::vector<Size> sizes_;
};

}  // namespace engine::cap
