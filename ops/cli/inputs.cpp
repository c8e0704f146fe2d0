#include "ops/cli/inputs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace ops::cli {

using engine::Duration;
using engine::Failure;
using engine::Result;
namespace cap = engine::cap;

namespace {

constexpr std::string_view kSpace = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto begin = text.find_first_not_of(separators);
    if (begin == std::string_view::npos) return parts;
    text.remove_prefix(begin);
    const auto end = text.find_first_of(separators);
    parts.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end);
  }
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::optional<double> parse_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) {
    return std::nullopt;
  }
  return value;
}

Result<cap::Point> parse_point(std::string_view text) {
  const auto comma = text.find(',');
  const auto latitude = parse_number(text.substr(0, comma));
  const auto longitude =
      comma == std::string_view::npos ? std::nullopt : parse_number(text.substr(comma + 1));
  if (!latitude || !longitude) {
    return Failure{fmt::format(
        "'{}' is not a position: write latitude,longitude in degrees, such as 51.507,-0.128",
        text)};
  }
  if (std::abs(*latitude) > 90 || std::abs(*longitude) > 180) {
    return Failure{fmt::format(
        "'{}' lies outside the globe: latitude comes first, -90 to 90, then longitude, -180 to 180",
        text)};
  }
  return cap::Point{*latitude, *longitude};
}

}  // namespace

Result<cap::Polygon> parse_polygon(std::string_view text) {
  cap::Polygon polygon;
  for (const auto part : split(text, kSpace)) {
    const auto point = parse_point(part);
    if (!point) return point.error();
    polygon.push_back(*point);
  }
  if (!polygon.empty() && polygon.front() != polygon.back()) polygon.push_back(polygon.front());
  if (polygon.size() < 4) {
    return Failure{
        "a polygon needs at least three corners: \"lat,lon lat,lon lat,lon\", separated by spaces"};
  }
  return polygon;
}

Result<cap::Circle> parse_circle(std::string_view text) {
  const auto parts = split(text, kSpace);
  if (parts.size() != 2) {
    return Failure{"a circle is a centre and a radius in kilometres: \"51.507,-0.128 2.5\""};
  }
  const auto centre = parse_point(parts[0]);
  if (!centre) return centre.error();
  const auto radius = parse_number(parts[1]);
  if (!radius || *radius < 0) {
    return Failure{fmt::format("'{}' is not a radius: write kilometres, such as 2.5", parts[1])};
  }
  return cap::Circle{*centre, *radius};
}

Result<Duration> parse_duration(std::string_view text) {
  const Failure wrong{fmt::format("'{}' is not a duration: write 90s, 45m, 2h, 3d or 1h30m", text)};
  constexpr std::int64_t longest_s = 10LL * 366 * 86400;  // ten years
  std::int64_t total_s = 0;
  std::string_view rest = trimmed(text);
  if (rest.empty()) return wrong;
  while (!rest.empty()) {
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), count);
    if (error != std::errc{} || count < 0 || count > longest_s) return wrong;
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    const char unit = rest.empty() ? '\0' : rest.front();
    const std::int64_t unit_s = unit == 's'   ? 1
                                : unit == 'm' ? 60
                                : unit == 'h' ? 3600
                                : unit == 'd' ? 86400
                                              : 0;
    if (unit_s == 0) return wrong;
    rest.remove_prefix(1);
    total_s += count * unit_s;
    if (total_s > longest_s) return Failure{fmt::format("'{}' is longer than ten years", text)};
  }
  return std::chrono::duration_cast<Duration>(std::chrono::seconds{total_s});
}

Result<engine::Time> parse_moment(std::string_view text) {
  if (const auto time = engine::parse_time(text)) return *time;
  return Failure{fmt::format(
      "'{}' is not a time: write it as 2026-11-21T19:30:00Z or 2026-11-21T19:30:00+01:00", text)};
}

std::string duration_text(Duration duration) {
  const auto total_s = std::chrono::duration_cast<std::chrono::seconds>(duration).count();
  const auto days = total_s / 86400, hours = total_s / 3600 % 24, minutes = total_s / 60 % 60;
  if (days > 9) return fmt::format("{} d", days);
  if (days > 0)
    return hours > 0 ? fmt::format("{} d {} h", days, hours) : fmt::format("{} d", days);
  if (hours > 0) {
    return minutes > 0 ? fmt::format("{} h {} min", hours, minutes) : fmt::format("{} h", hours);
  }
  if (minutes > 0) return fmt::format("{} min", minutes);
  return fmt::format("{} s", total_s);
}

namespace {

/// Enumerations count from 0 without a gap; the last of each is named here.
template <class Enum>
constexpr Enum last_of();
template <>
constexpr cap::Status last_of() {
  return cap::Status::draft;
}
template <>
constexpr cap::Scope last_of() {
  return cap::Scope::private_;
}
template <>
constexpr cap::Category last_of() {
  return cap::Category::other;
}
template <>
constexpr cap::Urgency last_of() {
  return cap::Urgency::unknown;
}
template <>
constexpr cap::Severity last_of() {
  return cap::Severity::unknown;
}
template <>
constexpr cap::Certainty last_of() {
  return cap::Certainty::unknown;
}

}  // namespace

template <class Enum>
Result<Enum> parse_word(std::string_view typed) {
  std::string words;
  for (int i = 0; i <= static_cast<int>(last_of<Enum>()); ++i) {
    const std::string_view word = cap::text(static_cast<Enum>(i));
    if (lower(word) == lower(typed)) return static_cast<Enum>(i);
    words += words.empty() ? "" : ", ";
    words += word;
  }
  return Failure{fmt::format("'{}' is none of CAP's words here: {}", typed, words)};
}
template Result<cap::Status> parse_word(std::string_view);
template Result<cap::Scope> parse_word(std::string_view);
template Result<cap::Category> parse_word(std::string_view);
template Result<cap::Urgency> parse_word(std::string_view);
template Result<cap::Severity> parse_word(std::string_view);
template Result<cap::Certainty> parse_word(std::string_view);

Result<OfficerText> parse_officer(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) {
    return Failure{fmt::format(
        "'{}' says no duties: write KEYFILE:originate,approve,cancel (any of the three)", text)};
  }
  OfficerText officer{std::string(text.substr(0, colon)), {}};
  for (const auto duty : split(text.substr(colon + 1), ",")) {
    if (duty == "originate")
      officer.duties.originate = true;
    else if (duty == "approve")
      officer.duties.approve = true;
    else if (duty == "cancel")
      officer.duties.cancel = true;
    else
      return Failure{fmt::format("'{}' is no duty: originate, approve or cancel", duty)};
  }
  return officer;
}

Result<engine::trust::ApprovalRule> parse_approval(std::string_view text) {
  const auto parts = split(text, ":");
  if (parts.size() != 3) {
    return Failure{fmt::format(
        "'{}' is no approval rule: write STATUS:SEVERITY:HOLDERS, such as Actual:Severe:2", text)};
  }
  const auto status = parse_word<cap::Status>(parts[0]);
  if (!status) return status.error();
  const auto severity = parse_word<cap::Severity>(parts[1]);
  if (!severity) return severity.error();
  int holders = 0;
  const auto* end = parts[2].data() + parts[2].size();
  const auto read = std::from_chars(parts[2].data(), end, holders);
  if (read.ec != std::errc{} || read.ptr != end || holders < 1 || holders > 8) {
    return Failure{fmt::format("'{}' is no number of holders: 1 to 8", parts[2])};
  }
  return engine::trust::ApprovalRule{*status, *severity, holders};
}

bool names_area(std::string_view typed, std::string_view area) {
  const std::string wanted = lower(trimmed(area));
  return !wanted.empty() && lower(trimmed(typed)) == wanted;
}

}  // namespace ops::cli
