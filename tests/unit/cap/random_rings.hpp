#pragma once
// Rings of all kinds, drawn from one seed.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>

#include "engine/cap/spot.hpp"

namespace tests {

class RandomRings {
 public:
  explicit RandomRings(unsigned seed) : random_(seed) {}

  std::int64_t below(std::int64_t n) {
    return std::uniform_int_distribution<std::int64_t>(0, n - 1)(random_);
  }
  engine::cap::Spot in(const engine::cap::Extent& box) {
    return {box.least.x + below(box.most.x - box.least.x + 1),
            box.least.y + below(box.most.y - box.least.y + 1)};
  }

  /// Any ring at all: it may cross itself, turn back on itself and stand still.
  engine::cap::Ring scribble(const engine::cap::Extent& box, std::size_t vertices) {
    engine::cap::Ring ring;
    for (std::size_t i = 0; i < vertices; ++i) {
      ring.push_back(in(box));
      if (i > 0 && below(4) == 0) ring.back().x = ring[i - 1].x;
      if (i > 0 && below(4) == 0) ring.back().y = ring[i - 1].y;
    }
    return ring;
  }
  /// A ring that does not cross itself: a star around a place, with spikes of any length.
  engine::cap::Ring star(engine::cap::Spot middle, std::int64_t size, std::size_t vertices) {
    engine::cap::Ring ring;
    for (std::size_t i = 0; i < vertices; ++i) {
      const double angle =
          2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(vertices);
      const auto reach = static_cast<double>(size / 4 + below(size));
      ring.push_back({middle.x + std::llround(reach * std::cos(angle)),
                      middle.y + std::llround(reach * std::sin(angle))});
    }
    return ring;
  }
  /// Teeth side by side that lean any way, also so far that they are nearly level; their tips are
  /// up to `jag` lower than that.
  engine::cap::Ring comb(engine::cap::Spot corner, std::int64_t teeth, std::int64_t gap,
                         engine::cap::Spot lean, std::int64_t jag) {
    engine::cap::Ring ring;
    for (std::int64_t i = 0; i < teeth; ++i) {
      const engine::cap::Spot at{corner.x + 4 * gap * i, corner.y};
      ring.push_back(at);
      ring.push_back({at.x + lean.x, at.y + lean.y - below(jag)});
      ring.push_back({at.x + lean.x + 2 * gap, at.y + lean.y - below(jag)});
      ring.push_back({at.x + 2 * gap, at.y});
    }
    return ring;
  }

 private:
  std::mt19937 random_;
};

}  // namespace tests
