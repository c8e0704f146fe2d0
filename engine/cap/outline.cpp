#include "engine/cap/outline.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <iterator>
#include <numbers>
#include <unordered_map>

#include "engine/cap/text.hpp"

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
Reach merged(std::vector<Reach>& reaches, const std::vector<std::size_t>& group) {
  if (group.size() == 1) return std::move(reaches[group.front()]);
  std::vector<const Reach*> members;
  for (const std::size_t i : group) members.push_back(&reaches[i]);
  Reach all = *members.front();
  for (const Reach* reach : members) {
    if (rank(reach->severity) > rank(all.severity)) all.severity = reach->severity;
    all.categories = static_cast<CategorySet>(all.categories | reach->categories);
    all.everywhere = all.everywhere || reach->everywhere;
    add_codes(all.codes, reach->codes);
    add_codes(all.met, reach->met);
  }
  add_shapes(all.shapes, members);
  bound(all);
  return all;
}

/// A number for each reach, the same for equal audiences: so that names, of which there may be
/// thousands, are compared once and not for each pair.
std::vector<std::size_t> audiences_of(const std::vector<Reach>& reaches) {
  std::unordered_multimap<std::size_t, std::size_t> seen;  // hash to the first reach that has it
  std::vector<std::size_t> numbers;
  for (std::size_t i = 0; i < reaches.size(); ++i) {
    std::size_t hash = static_cast<std::size_t>(reaches[i].audience.scope);
    for (const auto& name : reaches[i].audience.names) {
      hash = hash * 31 + std::hash<std::string>{}(name);
    }
    const auto [begin, end] = seen.equal_range(hash);
    const auto same = std::find_if(begin, end, [&](const auto& known) {
      return reaches[known.second].audience == reaches[i].audience;
    });
    numbers.push_back(same == end ? i : same->second);
    if (same == end) seen.emplace(hash, i);
  }
  return numbers;
}

bool same_but_audience(const Reach& a, const Reach& b) {
  return a.status == b.status && a.severity == b.severity && a.categories == b.categories &&
         a.sender == b.sender && a.everywhere == b.everywhere && a.codes == b.codes &&
         a.shapes == b.shapes && a.met == b.met;
}

/// An alert may name alerts of its own sender only, so five statuses remain of each audience;
/// audiences are never merged, since one would learn what the other was told.
void merge(std::vector<Reach>& reaches, const std::vector<std::size_t>& audiences) {
  std::vector<std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < reaches.size(); ++i) {
    const auto same = std::find_if(groups.begin(), groups.end(), [&](const auto& group) {
      const std::size_t other = group.front();
      return audiences[other] == audiences[i] && reaches[other].status == reaches[i].status &&
             reaches[other].sender == reaches[i].sender;
    });
    if (same == groups.end()) {
      groups.push_back({i});
    } else {
      same->push_back(i);
    }
  }
  std::vector<Reach> fewer;
  for (const auto& group : groups) fewer.push_back(merged(reaches, group));
  reaches = std::move(fewer);
}

/// Each different one once, in order; merged where there are too many, or too many names.
void merge_where_many(std::vector<Reach>& reaches) {
  std::vector<std::size_t> audiences = audiences_of(reaches);
  std::vector<std::size_t> kept;
  std::size_t names = 0;
  for (std::size_t i = 0; i < reaches.size(); ++i) {
    const bool known = std::any_of(kept.begin(), kept.end(), [&](std::size_t other) {
      return audiences[other] == audiences[i] && same_but_audience(reaches[other], reaches[i]);
    });
    if (known) continue;
    kept.push_back(i);
    names += reaches[i].audience.names.size();
  }
  std::vector<Reach> once;
  std::vector<std::size_t> once_audiences;
  for (const std::size_t i : kept) {
    once.push_back(std::move(reaches[i]));
    once_audiences.push_back(audiences[i]);
  }
  reaches = std::move(once);
  if (reaches.size() > kReachesMax || names > kReachNamesMax) merge(reaches, once_audiences);
}

/// Those with the most codes reach everywhere, until all together are few enough.
void bound_codes(std::vector<Reach>& reaches) {
  std::vector<Reach*> most;
  std::size_t codes = 0;
  for (Reach& reach : reaches) {
    most.push_back(&reach);
    codes += reach.codes.size();
  }
  if (codes <= kReachCodesMax) return;
  std::stable_sort(most.begin(), most.end(), [](const Reach* a, const Reach* b) {
    return a->codes.size() > b->codes.size();
  });
  for (Reach* reach : most) {
    if (codes <= kReachCodesMax) return;
    codes -= reach->codes.size();
    reach->everywhere = true;
    bound(*reach);
  }
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

Audience audience_of(const Alert& alert) {
  Audience audience;
  audience.scope = alert.scope;
  if (alert.scope == Scope::private_) audience.names = addresses_in(alert.addresses);
  if (alert.scope == Scope::restricted) audience.names = {std::string(trim(alert.restriction))};
  std::erase_if(audience.names,
                [](const std::string& name) { return name.size() > kAudienceNameBytes; });
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
        if (geocode.name != "ONS" || geocode.value.size() > kCodeBytes) continue;
        codes.push_back(geocode.value);
      }
    }
  }
  add_codes(reach.codes, codes);
  reach.shapes = {std::move(polygons), std::move(circles)};
  bound(reach);
  return reach;
}

}  // namespace

bool covers(const Audience& one, const Audience& other) {
  if (one.scope == Scope::public_) return true;
  return one.scope == other.scope &&
         std::includes(one.names.begin(), one.names.end(), other.names.begin(), other.names.end());
}

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

void add_reaches(std::vector<Reach>& reaches, std::vector<Reach> more) {
  std::move(more.begin(), more.end(), std::back_inserter(reaches));
  merge_where_many(reaches);
  bound_codes(reaches);
  make_coarser(reaches);
}

void gather_reaches(std::vector<Reach>& reaches, std::vector<Reach> more) {
  // Whenever there are twice as many: each is looked at a few times, however many steps there are.
  const std::size_t after = reaches.size() + more.size();
  const bool doubled = std::bit_width(after) > std::bit_width(reaches.size());
  if (after > kReachesMax && doubled) return add_reaches(reaches, std::move(more));
  std::move(more.begin(), more.end(), std::back_inserter(reaches));
}

std::size_t octets_of(const Reach& reach) {
  constexpr std::size_t kText = 4;  // its length
  std::size_t octets = 32 + reach.sender.size();
  for (const auto* texts : {&reach.audience.names, &reach.codes, &reach.met}) {
    for (const std::string& text : *texts) octets += kText + text.size();
  }
  return octets + reach.shapes.vertices() * 8 + reach.shapes.shapes() * 16;
}

std::size_t octets_of_shapes(const Outline& outline) {
  constexpr std::size_t kVertex = 120;
  std::size_t vertices = 0;
  for (const Reach& reach : outline.reaches) vertices += reach.shapes.vertices();
  return vertices * kVertex;
}

}  // namespace engine::cap
