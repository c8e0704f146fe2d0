#include "engine/places.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numbers>

#include "embedded/places_csv.hpp"
#include "engine/base/ensure.hpp"

namespace engine {
namespace {

constexpr double kToleranceKm = 2.0;
constexpr double kKmPerDegree = 110.574;  // of latitude, where it is shortest

/// Cuts the next `separator`-ended piece off `rest`. A piece in quotation marks may hold the
/// separator (the names of three councils hold commas).
std::string_view cut(std::string_view& rest, char separator) {
  if (rest.starts_with('"')) {
    const auto end = rest.find('"', 1);
    ENSURE(end != std::string_view::npos);
    const auto quoted = rest.substr(1, end - 1);
    rest.remove_prefix(std::min(end + 2, rest.size()));
    return quoted;
  }
  const auto end = rest.find(separator);
  const auto piece = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return piece;
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) words.emplace_back(cut(text, ' '));
  return words;
}

double degrees_of(std::string_view text) {
  double degrees = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), degrees);
  ENSURE(error == std::errc{} && end == text.data() + text.size());
  return degrees;
}

/// "south west north east", as places.csv writes it.
cap::Box parse_box(std::string_view text) {
  cap::Box box;
  box.south = degrees_of(cut(text, ' '));
  box.west = degrees_of(cut(text, ' '));
  box.north = degrees_of(cut(text, ' '));
  box.east = degrees_of(cut(text, ' '));
  ENSURE(text.empty() && box.south < box.north && box.west < box.east);
  return box;
}

bool meet(const cap::Box& one, const cap::Box& other) {
  return one.south <= other.north && other.south <= one.north && one.west <= other.east &&
         other.west <= one.east;
}

bool holds(const cap::Box& box, cap::Point point) {
  return box.south <= point.latitude && point.latitude <= box.north &&
         box.west <= point.longitude && point.longitude <= box.east;
}

/// The box with the tolerance on each side.
cap::Box widened(const cap::Box& box) {
  const double latitude = kToleranceKm / kKmPerDegree;
  const double farthest = std::max(std::abs(box.south), std::abs(box.north));
  const double longitude = latitude / std::cos(farthest * std::numbers::pi / 180.0);
  return {box.south - latitude, box.west - longitude, box.north + latitude, box.east + longitude};
}

std::string text_of(cap::Point point) {
  const auto decimal = [](double value) {
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, value).ptr;
    return std::string(text, end);
  };
  return decimal(point.latitude) + "," + decimal(point.longitude);
}

/// The first corner of the area's shapes that no box holds.
std::optional<cap::Point> corner_outside(const cap::Area& area, std::span<const cap::Box> boxes) {
  const auto outside = [&](cap::Point point) {
    return std::none_of(boxes.begin(), boxes.end(),
                        [&](const cap::Box& box) { return holds(box, point); });
  };
  for (const auto& polygon : area.polygons) {
    const auto found = std::find_if(polygon.begin(), polygon.end(), outside);
    if (found != polygon.end()) return *found;
  }
  for (const auto& circle : area.circles) {
    const auto [south, west, north, east] = cap::box_of(circle);
    for (const cap::Point corner :
         {cap::Point{south, west}, {south, east}, {north, west}, {north, east}}) {
      if (outside(corner)) return corner;
    }
  }
  return std::nullopt;
}

}  // namespace

Places::Places(std::string_view csv) {
  while (!csv.empty()) {
    std::string_view line = cut(csv, '\n');
    if (line.starts_with('#') || line.starts_with("code,")) continue;
    Place place;
    place.code = cut(line, ',');
    place.name = cut(line, ',');
    place.name_cy = cut(line, ',');
    place.kind = cut(line, ',');
    place.parents = words_of(cut(line, ','));
    if (place.kind == "former") {
      ENSURE(place.parents.size() == 1);
      successors_.emplace_back(place.code, place.parents.front());
      continue;
    }
    place.box = parse_box(line);
    places_.push_back(std::move(place));
  }
  const auto by_code = [](const Place& one, const Place& other) { return one.code < other.code; };
  std::sort(places_.begin(), places_.end(), by_code);
  std::sort(successors_.begin(), successors_.end());
}

const Places& Places::builtin() {
  static const Places places{embedded::places_csv()};
  return places;
}

const Place* Places::find(std::string_view code) const {
  const auto current = [&](std::string_view wanted) -> const Place* {
    const auto found =
        std::lower_bound(places_.begin(), places_.end(), wanted,
                         [](const Place& place, std::string_view c) { return place.code < c; });
    return found != places_.end() && found->code == wanted ? &*found : nullptr;
  };
  if (const Place* place = current(code)) return place;
  const auto former =
      std::lower_bound(successors_.begin(), successors_.end(), code,
                       [](const auto& pair, std::string_view c) { return pair.first < c; });
  const bool known = former != successors_.end() && former->first == code;
  return known ? current(former->second) : nullptr;
}

bool Places::contains(std::string_view outer, std::string_view inner) const {
  const Place* around = find(outer);
  const Place* within = find(inner);
  if (around == nullptr || within == nullptr) return false;
  if (around == within) return true;
  const auto& parents = within->parents;
  return std::find(parents.begin(), parents.end(), around->code) != parents.end();
}

bool Places::concerns(const cap::Reach& reach, std::string_view code) const {
  for (const auto& named : reach.codes) {
    if (named == code || contains(named, code) || contains(code, named)) return true;
  }
  const Place* place = find(code);
  if (place == nullptr) return false;
  return std::any_of(reach.boxes.begin(), reach.boxes.end(),
                     [&](const cap::Box& box) { return meet(box, place->box); });
}

bool Places::concerns(const cap::Reach& reach, cap::Point point) const {
  const auto box_holds = [&](const cap::Box& box) { return holds(box, point); };
  if (std::any_of(reach.boxes.begin(), reach.boxes.end(), box_holds)) return true;
  return std::any_of(reach.codes.begin(), reach.codes.end(), [&](const std::string& code) {
    const Place* place = find(code);
    return place != nullptr && holds(place->box, point);
  });
}

bool Places::inside(const cap::Alert& alert, std::span<const std::string> areas) const {
  return !first_outside(alert, areas).has_value();
}

std::optional<std::string> Places::first_outside(const cap::Alert& alert,
                                                 std::span<const std::string> areas) const {
  if (std::find(areas.begin(), areas.end(), "*") != areas.end()) return std::nullopt;
  std::vector<cap::Box> boxes;
  for (const auto& code : areas) {
    if (const Place* place = find(code)) boxes.push_back(widened(place->box));
  }
  for (const auto& info : alert.infos) {
    for (const auto& area : info.areas) {
      for (const auto& geocode : area.geocodes) {
        if (geocode.name != kGeocodeName) continue;
        const auto around = [&](const std::string& code) { return contains(code, geocode.value); };
        if (std::any_of(areas.begin(), areas.end(), around)) continue;
        const bool known = find(geocode.value) != nullptr;
        return "geocode " + geocode.value + (known ? "" : " (not known here)");
      }
      if (const auto corner = corner_outside(area, boxes)) return "corner " + text_of(*corner);
    }
  }
  return std::nullopt;
}

}  // namespace engine
