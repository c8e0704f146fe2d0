#pragma once
// The places alerts name: UK countries, regions and local authorities by ONS (GSS) code, which
// contains which, and where they are. Immutable; any thread.
#include <memory>
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

/// A code or a point that somebody asks for, looked up once so that matching never is.
struct Wanted {
  std::string code;  // empty: a point
  cap::Spot spot;
  std::vector<std::string> own;     // the code itself; the authorities that hold the point
  std::vector<std::string> around;  // every code that contains one of those
  auto operator<=>(const Wanted&) const = default;
};

class Ground;

class Places {
 public:
  /// What is compiled into the program (engine/match/places.csv and boundaries.bin).
  static const Places& builtin();
  ~Places();

  /// The place of that code, or of its successor where the code was replaced.
  const Place* find(std::string_view code) const;
  std::span<const Place> all() const { return places_; }
  const Ground& ground() const { return *ground_; }  // engine/match/ground.hpp

  /// Whether `inner` is `outer` or lies within it. Unknown codes lie nowhere.
  bool contains(std::string_view outer, std::string_view inner) const;

  Wanted wanted(std::string_view code) const;
  Wanted wanted(cap::Point point) const;

  /// Finds what `reaches` of a new outline meet, which is the only geometry of routing: asked once,
  /// at admission, and kept with the bulletin.
  void complete(cap::Outline& outline) const;

  /// Whether everybody at a place is concerned: a shape meets the code's polygon, or a geocode
  /// contains it or lies in it; a shape holds the point, or a geocode's polygon does. The reach is
  /// complete.
  static bool concerns(const cap::Reach& reach, const Wanted& wanted);
  bool concerns(const cap::Reach& reach, std::string_view code) const;
  bool concerns(const cap::Reach& reach, cap::Point point) const;

  /// The authorities that hold a point, by code: one, none at sea, several on a border.
  std::vector<std::string> authorities_at(cap::Point point) const;

  /// Whether every geocode lies within one of `areas`, and of every shape at least 95 % of the area
  /// in them together or no vertex more than 2 km outside. "*" is anywhere.
  bool inside(const cap::Alert& alert, std::span<const std::string> areas) const;
  /// What makes it so that it is not: "geocode E12000002" or "corner 53.48,-2.24"; nothing where it
  /// is inside.
  std::optional<std::string> first_outside(const cap::Alert& alert,
                                           std::span<const std::string> areas) const;

 private:
  Places(std::string_view csv, std::string_view boundaries);
  void complete(cap::Reach& reach) const;

  std::vector<Place> places_;                                    // by code
  std::vector<std::pair<std::string, std::string>> successors_;  // by former code
  std::unique_ptr<const Ground> ground_;
};

}  // namespace engine
