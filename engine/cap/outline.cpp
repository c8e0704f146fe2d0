#include "engine/cap/outline.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace engine::cap {
namespace {

constexpr double kRadian = std::numbers::pi / 180;
// The smallest radius of curvature of WGS 84, of the meridian at the equator: a kilometre spans
// nowhere more degrees than on a globe of this size.
constexpr double kGlobeRadiusKm = 6335.4;
constexpr Box kEarth{-90, -180, 90, 180};

Box around(const Box& a, const Box& b) {
  return {std::min(a.south, b.south), std::min(a.west, b.west), std::max(a.north, b.north),
          std::max(a.east, b.east)};
}

template <class T>
void add_once(std::vector<T>& all, const T& one) {
  if (std::find(all.begin(), all.end(), one) == all.end()) all.push_back(one);
}

/// The codes of both, each once. Sorted, since there may be thousands.
void add_codes(std::vector<std::string>& codes, const std::vector<std::string>& more) {
  codes.insert(codes.end(), more.begin(), more.end());
  std::sort(codes.begin(), codes.end());
  codes.erase(std::unique(codes.begin(), codes.end()), codes.end());
}

Ring ring_around(const Extent& box) {
  return {box.least, {box.most.x, box.least.y}, box.most, {box.least.x, box.most.y}};
}

Extent box_around(const Footprint& shapes) {
  const bool round = shapes.polygons().empty();
  Extent all = round ? shapes.circles().front().extent() : box_around(shapes.polygons().front());
  for (const Ring& ring : shapes.polygons()) all = around(all, box_around(ring));
  for (const Disc& circle : shapes.circles()) all = around(all, circle.extent());
  return all;
}

void bound(Reach& reach) {
  if (reach.codes.size() > kCodesMax) reach.everywhere = true;
  if (reach.everywhere) {
    reach.codes.clear();
    reach.met.clear();
    reach.shapes = {};
  }
  if (reach.shapes.shapes() > kShapesMax) {
    reach.shapes = {{ring_around(box_around(reach.shapes))}, {}};
  }
}

void add_shapes(Footprint& shapes, const std::vector<const Reach*>& more) {
  std::vector<Ring> polygons;
  std::vector<Disc> circles;
  for (const Reach* reach : more) {
    const Footprint& own = reach->shapes;
    polygons.insert(polygons.end(), own.polygons().begin(), own.polygons().end());
    circles.insert(circles.end(), own.circles().begin(), own.circles().end());
  }
  shapes = {std::move(polygons), std::move(circles)};
}

/// One reach to all that these reach.
Reach merged(const std::vector<const Reach*>& reaches) {
  Reach all = *reaches.front();
  if (reaches.size() == 1) return all;
  for (const Reach* reach : reaches) {
    if (rank(reach->severity) > rank(all.severity)) all.severity = reach->severity;
    all.categories = static_cast<CategorySet>(all.categories | reach->categories);
    all.everywhere = all.everywhere || reach->everywhere;
    add_codes(all.codes, reach->codes);
    add_codes(all.met, reach->met);
  }
  add_shapes(all.shapes, reaches);
  bound(all);
  return all;
}

void merge(std::vector<Reach>& reaches) {
  // An alert may name alerts of its own sender only, so five statuses remain of each audience;
  // audiences are never merged, since one would learn what the other was told.
  std::vector<std::vector<const Reach*>> groups;
  for (const Reach& reach : reaches) {
    const auto same = std::find_if(groups.begin(), groups.end(), [&](const auto& group) {
      const Reach& other = *group.front();
      return other.status == reach.status && other.sender == reach.sender &&
             other.audience == reach.audience;
    });
    if (same == groups.end()) {
      groups.push_back({&reach});
    } else {
      same->push_back(&reach);
    }
  }
  std::vector<Reach> fewer;
  for (const auto& group : groups) fewer.push_back(merged(group));
  reaches = std::move(fewer);
}

/// Turns the largest polygons into their boxes until all together are small enough.
void make_coarser(std::vector<Reach>& reaches) {
  struct Large {
    std::size_t vertices, reach, polygon;
  };
  std::vector<Large> all;
  std::size_t vertices = 0;
  for (std::size_t i = 0; i < reaches.size(); ++i) {
    vertices += reaches[i].shapes.vertices();
    const auto& polygons = reaches[i].shapes.polygons();
    for (std::size_t k = 0; k < polygons.size(); ++k) all.push_back({polygons[k].size(), i, k});
  }
  if (vertices <= kReachVerticesMax) return;
  std::stable_sort(all.begin(), all.end(),
                   [](const Large& a, const Large& b) { return a.vertices > b.vertices; });
  std::vector<std::vector<std::size_t>> coarser(reaches.size());
  for (std::size_t i = 0; i < all.size() && vertices > kReachVerticesMax; ++i) {
    if (all[i].vertices <= 4) break;
    vertices -= all[i].vertices - 4;
    coarser[all[i].reach].push_back(all[i].polygon);
  }
  for (std::size_t i = 0; i < reaches.size(); ++i) {
    if (coarser[i].empty()) continue;
    std::vector<Ring> polygons = reaches[i].shapes.polygons();
    for (const std::size_t k : coarser[i]) polygons[k] = ring_around(box_around(polygons[k]));
    reaches[i].shapes = {std::move(polygons), reaches[i].shapes.circles()};
  }
}

constexpr std::string_view kWhite = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(kWhite);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kWhite) - begin + 1);
}

/// CAP's `addresses`: separated by white space, those that hold some in quotation marks.
std::vector<std::string> addresses_in(std::string_view text) {
  std::vector<std::string> names;
  while (true) {
    const auto begin = text.find_first_not_of(kWhite);
    if (begin == std::string_view::npos) return names;
    text.remove_prefix(begin);
    const bool quoted = text.front() == '"';
    if (quoted) text.remove_prefix(1);
    const auto end = quoted ? text.find('"') : text.find_first_of(kWhite);
    if (end != 0) names.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + (quoted ? 1 : 0));
  }
}

Audience audience_of(const Alert& alert) {
  Audience audience;
  audience.scope = alert.scope;
  if (alert.scope == Scope::private_) audience.names = addresses_in(alert.addresses);
  if (alert.scope == Scope::restricted) audience.names = {std::string(trimmed(alert.restriction))};
  std::sort(audience.names.begin(), audience.names.end());
  audience.names.erase(std::unique(audience.names.begin(), audience.names.end()),
                       audience.names.end());
  return audience;
}

Reach reach_of(const Alert& alert) {
  Reach reach;
  reach.audience = audience_of(alert);
  reach.status = alert.status;
  reach.severity = severity_of(alert);
  reach.sender = alert.sender;
  std::vector<std::string> codes;
  std::vector<Ring> polygons;
  std::vector<Disc> circles;
  for (const Info& info : alert.infos) {
    for (const Category category : info.categories) {
      reach.categories = static_cast<CategorySet>(reach.categories | bit(category));
    }
    for (const Area& area : info.areas) {
      for (const Polygon& polygon : area.polygons) polygons.push_back(ring_of(polygon));
      for (const Circle& circle : area.circles) {
        circles.emplace_back(spot_of(circle.centre), circle.radius_km);
      }
      for (const NamedValue& geocode : area.geocodes) {
        if (geocode.name == "ONS") codes.push_back(geocode.value);
      }
    }
  }
  add_codes(reach.codes, codes);
  reach.shapes = {std::move(polygons), std::move(circles)};
  bound(reach);
  return reach;
}

}  // namespace

Box box_of(const Polygon& polygon) {
  if (polygon.empty()) return {};
  Box box{90, 180, -90, -180};
  double turned = 0;  // degrees of longitude, every edge going the short way
  bool wraps = false;
  for (std::size_t i = 0; i < polygon.size(); ++i) {
    const Point point = polygon[i];
    box = around(box, {point.latitude, point.longitude, point.latitude, point.longitude});
    const double step = point.longitude - polygon[i == 0 ? polygon.size() - 1 : i - 1].longitude;
    wraps = wraps || std::abs(step) > 180;
    turned += std::remainder(step, 360);
  }
  if (!wraps) return box;
  box.west = -180;
  box.east = 180;
  // Once round the Earth: the pole is inside, the one that is nearer.
  if (std::abs(turned) > 180) (box.south + box.north > 0 ? box.north = 90 : box.south = -90);
  return box;
}

Box box_of(const Circle& circle) {
  const Point centre = circle.centre;
  const double angle = circle.radius_km / kGlobeRadiusKm;  // radians
  if (angle >= std::numbers::pi) return kEarth;
  const double reach = angle / kRadian;
  Box box{centre.latitude - reach, -180, centre.latitude + reach, 180};
  const bool has_pole = box.north >= 90 || box.south <= -90;
  box.south = std::max(box.south, -90.0);
  box.north = std::min(box.north, 90.0);
  if (has_pole) return box;
  // Where the circle is widest, its edge is due north-east or north-west of the centre.
  const double width = std::asin(std::sin(angle) / std::cos(centre.latitude * kRadian)) / kRadian;
  if (centre.longitude - width < -180 || centre.longitude + width > 180) return box;
  box.west = centre.longitude - width;
  box.east = centre.longitude + width;
  return box;
}

Outline outline_of(const Alert& alert) {
  Outline outline;
  outline.msg_type = alert.msg_type;
  outline.audience = audience_of(alert);
  outline.identity = alert.identity();
  outline.expires = expires_of(alert);
  outline.references = alert.references;
  if (alert.msg_type == MsgType::alert || alert.msg_type == MsgType::update) {
    outline.reaches.push_back(reach_of(alert));
    make_coarser(outline.reaches);
  }
  return outline;
}

void add_reaches(std::vector<Reach>& reaches, const std::vector<Reach>& more) {
  for (const Reach& reach : more) add_once(reaches, reach);
  if (reaches.size() > kReachesMax) merge(reaches);
  make_coarser(reaches);
}

}  // namespace engine::cap
