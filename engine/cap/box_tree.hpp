#pragma once
// Boxes in an order in which neighbours lie near each other, as the edges of a ring do: every eight
// of them under one box, every eight of those under another, so that what is far away is passed
// over in one look. Immutable; any thread.
#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "engine/cap/spot.hpp"

namespace engine::cap {

template <class Box>
class TreeOf {
 public:
  TreeOf() = default;
  explicit TreeOf(const std::vector<Box>& boxes) : count_(boxes.size()) {
    const std::vector<Box>* below = &boxes;
    while (levels_.empty() || below->size() > 1) {
      std::vector<Box> level;
      for (std::size_t i = 0; i < below->size(); ++i) {
        const Box& box = (*below)[i];
        if (i % kFan == 0) {
          level.push_back(box);
        } else {
          level.back() = around(level.back(), box);
        }
      }
      levels_.push_back(std::move(level));
      below = &levels_.back();
      if (below->empty()) break;
    }
  }

  /// Whether `wanted(i)` of a thing, by its place in the order, in none of whose boxes `near(box)`
  /// is false. Asks no more things after the first.
  template <class Near, class Wanted>
  bool any(const Near& near, const Wanted& wanted) const {
    return count_ > 0 && any_under(levels_.size(), 0, near, wanted);
  }

 private:
  static constexpr std::size_t kFan = 8;

  /// Of level 0 are the things themselves.
  template <class Near, class Wanted>
  bool any_under(std::size_t level, std::size_t i, const Near& near, const Wanted& wanted) const {
    if (level == 0) return wanted(i);
    if (!near(levels_[level - 1][i])) return false;
    const std::size_t below = level == 1 ? count_ : levels_[level - 2].size();
    const std::size_t end = std::min((i + 1) * kFan, below);
    for (std::size_t k = i * kFan; k < end; ++k) {
      if (any_under(level - 1, k, near, wanted)) return true;
    }
    return false;
  }

  std::size_t count_ = 0;
  std::vector<std::vector<Box>> levels_;  // the last one has one box, around all
};
using BoxTree = TreeOf<Extent>;

}  // namespace engine::cap
