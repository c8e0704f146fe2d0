#include "engine/places.hpp"

#include <algorithm>
#include <charconv>

#include "embedded/places_boundaries.hpp"
#include "embedded/places_csv.hpp"
#include "engine/base/ensure.hpp"
#include "engine/match/ground.hpp"
#include "engine/match/jurisdiction.hpp"

namespace engine {
namespace {

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

void sort_unique(std::vector<std::string>& codes) {
  std::sort(codes.begin(), codes.end());
  codes.erase(std::unique(codes.begin(), codes.end()), codes.end());
}

bool any_among(const std::vector<std::string>& some, const std::vector<std::string>& sorted) {
  return !sorted.empty() && std::any_of(some.begin(), some.end(), [&](const std::string& code) {
    return std::binary_search(sorted.begin(), sorted.end(), code);
  });
}

}  // namespace

Places::Places(std::string_view csv, std::string_view boundaries)
    : ground_(std::make_unique<const Ground>(boundaries)) {
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
  for (const Leaf& leaf : ground_->leaves()) ENSURE(find(leaf.code)->code == leaf.code);
}

Places::~Places() = default;

const Places& Places::builtin() {
  static const Places places{embedded::places_csv(), embedded::places_boundaries()};
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

Wanted Places::wanted(std::string_view code) const {
  Wanted wanted;
  const Place* place = find(code);
  wanted.code = place == nullptr ? std::string(code) : place->code;
  wanted.own = {wanted.code};
  if (place != nullptr) wanted.around = place->parents;
  return wanted;
}

Wanted Places::wanted(cap::Point point) const {
  Wanted wanted;
  wanted.spot = cap::spot_of(point);
  wanted.own = authorities_at(point);
  for (const std::string& code : wanted.own) {
    const auto& parents = find(code)->parents;
    wanted.around.insert(wanted.around.end(), parents.begin(), parents.end());
  }
  sort_unique(wanted.around);
  return wanted;
}

std::vector<std::string> Places::authorities_at(cap::Point point) const {
  std::vector<std::string> codes;
  for (const std::size_t leaf : ground_->holding(cap::spot_of(point))) {
    codes.push_back(ground_->leaves()[leaf].code);
  }
  return codes;
}

void Places::complete(cap::Outline& outline) const {
  for (cap::Reach& reach : outline.reaches) complete(reach);
}

void Places::complete(cap::Reach& reach) const {
  reach.met.clear();
  if (reach.everywhere) return;
  const auto add = [&](const Place& place) {
    reach.met.push_back(place.code);
    reach.met.insert(reach.met.end(), place.parents.begin(), place.parents.end());
  };
  for (std::string& code : reach.codes) {
    const Place* place = find(code);
    if (place == nullptr) continue;  // concerns who asks for that very code
    code = place->code;
    add(*place);
  }
  sort_unique(reach.codes);
  for (const Leaf& leaf : ground_->leaves()) {
    if (reach.shapes.meets(leaf.region)) add(*find(leaf.code));
  }
  sort_unique(reach.met);
}

bool Places::concerns(const cap::Reach& reach, const Wanted& wanted) {
  if (reach.everywhere) return true;
  if (any_among(wanted.own, reach.codes) || any_among(wanted.around, reach.codes)) return true;
  const bool met = any_among(wanted.own, reach.met);
  if (!wanted.code.empty()) return met;
  // On land, a shape that holds the point meets the authority around it.
  return (met || wanted.own.empty()) && reach.shapes.holds(wanted.spot);
}

bool Places::concerns(const cap::Reach& reach, std::string_view code) const {
  return concerns(reach, wanted(code));
}

bool Places::concerns(const cap::Reach& reach, cap::Point point) const {
  return concerns(reach, wanted(point));
}

bool Places::inside(const cap::Alert& alert, std::span<const std::string> areas) const {
  return !first_outside(alert, areas).has_value();
}

std::optional<std::string> Places::first_outside(const cap::Alert& alert,
                                                 std::span<const std::string> areas) const {
  if (std::find(areas.begin(), areas.end(), "*") != areas.end()) return std::nullopt;
  std::vector<char> own;
  for (const Leaf& leaf : ground_->leaves()) {
    const auto around = [&](const std::string& code) { return contains(code, leaf.code); };
    own.push_back(std::any_of(areas.begin(), areas.end(), around) ? 1 : 0);
  }
  Jurisdiction jurisdiction(*ground_, std::move(own));
  for (const auto& info : alert.infos) {
    for (const auto& area : info.areas) {
      for (const auto& geocode : area.geocodes) {
        if (geocode.name != kGeocodeName) continue;
        const auto around = [&](const std::string& code) { return contains(code, geocode.value); };
        if (std::any_of(areas.begin(), areas.end(), around)) continue;
        const bool known = find(geocode.value) != nullptr;
        return "geocode " + geocode.value + (known ? "" : " (not known here)");
      }
      for (const auto& polygon : area.polygons) {
        if (auto outside = jurisdiction.outside(cap::ring_of(polygon))) return outside;
      }
      for (const auto& circle : area.circles) {
        if (auto outside = jurisdiction.outside(circle)) return outside;
      }
    }
  }
  return std::nullopt;
}

}  // namespace engine
