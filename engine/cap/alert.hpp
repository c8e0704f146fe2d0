#pragma once
// A CAP 1.2 alert, by CAP's own names and in CAP's own order (OASIS CAP-v1.2-os). Plain data.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/time.hpp"

namespace engine::cap {

// The enumerations, in the order of the standard; their texts are CAP's.
enum class Status { actual, exercise, system, test, draft };
enum class MsgType { alert, update, cancel, ack, error };
enum class Scope { public_, restricted, private_ };
enum class Category {
  geo,
  met,
  safety,
  security,
  rescue,
  fire,
  health,
  env,
  transport,
  infra,
  cbrne,
  other
};
enum class Urgency { immediate, expected, future, past, unknown };
enum class Severity { extreme, severe, moderate, minor, unknown };
enum class Certainty { observed, likely, possible, unlikely, unknown };

std::string_view text(Status);
std::string_view text(MsgType);
std::string_view text(Scope);
std::string_view text(Category);
std::string_view text(Urgency);
std::string_view text(Severity);
std::string_view text(Certainty);

/// The value of that text exactly as CAP writes it ("Public", "CBRNE"), or nothing.
template <class Enum>
std::optional<Enum> from_text(std::string_view text);

/// How severe, for authority, approvals, filters and order: 4 Extreme, 3 Severe, 2 Moderate,
/// 1 Minor. Unknown counts as Extreme.
constexpr int rank(Severity severity) {
  switch (severity) {
    case Severity::extreme:
      return 4;
    case Severity::severe:
      return 3;
    case Severity::moderate:
      return 2;
    case Severity::minor:
      return 1;
    case Severity::unknown:
      return 4;
  }
  return 4;
}

struct Point {
  double latitude = 0;   // degrees north, WGS 84
  double longitude = 0;  // degrees east
  bool operator==(const Point&) const = default;
};
using Polygon = std::vector<Point>;  // closed: the last point is the first
struct Circle {
  Point centre;
  double radius_km = 0;
};

struct NamedValue {
  std::string name;   // valueName
  std::string value;  // value
};

struct Area {
  std::string description;  // areaDesc
  std::vector<Polygon> polygons;
  std::vector<Circle> circles;
  std::vector<NamedValue> geocodes;
};

struct Resource {
  std::string description;  // resourceDesc
  std::string mime_type;
  std::string uri;
};

struct Info {
  std::string language = "en-US";  // the standard's default
  std::vector<Category> categories;
  std::string event;
  std::vector<std::string> response_types;
  Urgency urgency = Urgency::unknown;
  Severity severity = Severity::unknown;
  Certainty certainty = Certainty::unknown;
  std::optional<Time> effective;
  std::optional<Time> onset;
  std::optional<Time> expires;
  std::string sender_name;
  std::string headline;
  std::string description;
  std::string instruction;
  std::string web;
  std::string contact;
  std::vector<NamedValue> parameters;
  std::vector<Resource> resources;
  std::vector<Area> areas;
};

/// What names an alert: `sender,identifier,sent`. Times are compared as instants.
struct Identity {
  std::string sender;
  std::string identifier;
  Time sent;
  bool operator==(const Identity&) const = default;
};

struct Alert {
  std::string identifier;
  std::string sender;
  Time sent;
  Status status = Status::draft;
  MsgType msg_type = MsgType::alert;
  Scope scope = Scope::public_;
  std::string source;
  std::string restriction;
  std::string addresses;
  std::vector<std::string> codes;
  std::string note;
  std::vector<Identity> references;
  std::string incidents;
  std::vector<Info> infos;

  Identity identity() const { return {sender, identifier, sent}; }
};

/// The severest of its infos; an alert without any counts as Unknown.
Severity severity_of(const Alert& alert);

/// When it ends: the latest `expires` of its infos; `sent` + 24 h where none says.
Time expires_of(const Alert& alert);

}  // namespace engine::cap
