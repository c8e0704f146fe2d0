#pragma once
// The places alerts name: UK countries, regions and local authorities by ONS (GSS) code, which
// contains which, and where they are. This table decides by boxes: it may say "concerned" of a
// neighbour, never "not concerned" of somebody inside. Immutable; any thread.
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cap/outline.hpp"

namespace engine {

/// The valueName of a CAP geocode that is a GSS code.
inline constexpr std::string_view kGeocodeName = "ONS";

struct Place {
  std::string code;  // E09000033
  std::string name;
  std::string name_cy;               // Welsh, where there is one
  std::string kind;                  // union, country, region, county, authority
  std::vector<std::string> parents;  // every code that contains it, nearest first
  cap::Box box;
};

class Places {
 public:
  /// The table compiled into the program (engine/match/places.csv).
  static const Places& builtin();

  /// The place of that code, or of its successor where the code was replaced.
  const Place* find(std::string_view code) const;
  std::span<const Place> all() const { return places_; }

  /// Whether `inner` is `outer` or lies within it. Unknown codes lie nowhere.
  bool contains(std::string_view outer, std::string_view inner) const;

  /// Contract section 3, "It concerns a code": a box meets the code's, or a geocode contains it or
  /// is contained in it.
  bool concerns(const cap::Reach& reach, std::string_view code) const;
  /// "It concerns a point".
  bool concerns(const cap::Reach& reach, cap::Point point) const;

  /// Whether every geocode lies within one of `areas`, and every corner of every shape within one
  /// of their boxes or 2 km of it. "*" is anywhere.
  bool inside(const cap::Alert& alert, std::span<const std::string> areas) const;
  /// What makes it so that it is not: "geocode E12000002" or "corner 53.48,-2.24"; nothing where it
  /// is inside.
  std::optional<std::string> first_outside(const cap::Alert& alert,
                                           std::span<const std::string> areas) const;

 private:
  explicit Places(std::string_view csv);
  std::vector<Place> places_;                                    // by code
  std::vector<std::pair<std::string, std::string>> successors_;  // by former code
};

}  // namespace engine
