#include "engine/cap/outline.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <tuple>

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

void bound(Reach& reach) {
  const bool everywhere =
      std::find(reach.boxes.begin(), reach.boxes.end(), kEarth) != reach.boxes.end();
  if (everywhere || reach.codes.size() > kCodesMax) {
    reach.codes.clear();
    reach.boxes.assign(1, kEarth);
  }
  if (reach.boxes.size() > kBoxesMax) {
    Box all = reach.boxes.front();
    for (const Box& box : reach.boxes) all = around(all, box);
    reach.boxes.assign(1, all);
  }
}

/// The codes of both, each once. Sorted, since there may be thousands.
void add_codes(std::vector<std::string>& codes, const std::vector<std::string>& more) {
  codes.insert(codes.end(), more.begin(), more.end());
  std::sort(codes.begin(), codes.end());
  codes.erase(std::unique(codes.begin(), codes.end()), codes.end());
}

void merge(Reach& reach, const Reach& more) {
  if (rank(more.severity) > rank(reach.severity)) reach.severity = more.severity;
  reach.categories = static_cast<CategorySet>(reach.categories | more.categories);
  add_codes(reach.codes, more.codes);
  for (const Box& box : more.boxes) {
    if (reach.boxes.size() <= kBoxesMax)
      add_once(reach.boxes, box);
    else
      reach.boxes.push_back(box);
  }
  bound(reach);
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
  for (const Info& info : alert.infos) {
    for (const Category category : info.categories) {
      reach.categories = static_cast<CategorySet>(reach.categories | bit(category));
    }
    for (const Area& area : info.areas) {
      for (const Polygon& polygon : area.polygons) reach.boxes.push_back(box_of(polygon));
      for (const Circle& circle : area.circles) reach.boxes.push_back(box_of(circle));
      for (const NamedValue& geocode : area.geocodes) {
        if (geocode.name == "ONS") codes.push_back(geocode.value);
      }
    }
  }
  add_codes(reach.codes, codes);
  const auto less = [](const Box& a, const Box& b) {
    return std::tie(a.south, a.west, a.north, a.east) < std::tie(b.south, b.west, b.north, b.east);
  };
  std::sort(reach.boxes.begin(), reach.boxes.end(), less);
  reach.boxes.erase(std::unique(reach.boxes.begin(), reach.boxes.end()), reach.boxes.end());
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
  }
  return outline;
}

void add_reaches(std::vector<Reach>& reaches, const std::vector<Reach>& more) {
  for (const Reach& reach : more) add_once(reaches, reach);
  if (reaches.size() <= kReachesMax) return;
  // An alert may name alerts of its own sender only, so five statuses remain of each audience;
  // audiences are never merged, since one would learn what the other was told.
  std::vector<Reach> merged;
  for (const Reach& reach : reaches) {
    const auto same = std::find_if(merged.begin(), merged.end(), [&](const Reach& other) {
      return other.status == reach.status && other.sender == reach.sender &&
             other.audience == reach.audience;
    });
    if (same == merged.end()) {
      merged.push_back(reach);
    } else {
      merge(*same, reach);
    }
  }
  reaches = std::move(merged);
}

}  // namespace engine::cap
