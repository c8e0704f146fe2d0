#pragma once
// Which places a reach names or meets, by their numbers among Places::all(). Immutable but for
// Named, which one thread makes and asks.
#include <cstdint>
#include <span>
#include <vector>

#include "engine/places.hpp"

namespace engine {

/// Of every place, those that lie in it and itself.
class Containment {
 public:
  explicit Containment(const Places& places);
  std::span<const std::uint16_t> within(std::uint16_t place) const { return within_[place]; }
  std::size_t size() const { return within_.size(); }

 private:
  std::vector<std::vector<std::uint16_t>> within_;
};

class Named {
 public:
  Named(const cap::Reach& reach, const Places& places, const Containment& containment);

  bool any() const { return any_; }
  /// Whether a geocode names it or what contains it: then it names every spot of it.
  bool names(std::uint16_t place) const { return (flags_[place] & kNames) != 0; }
  /// Whether it concerns who is known by that code alone: geocodes or shapes meet it as well.
  bool concerns(std::uint16_t place) const { return flags_[place] != 0; }

 private:
  static constexpr std::uint8_t kNames = 1, kMeets = 2;
  bool any_ = false;
  std::vector<std::uint8_t> flags_;
};

}  // namespace engine
