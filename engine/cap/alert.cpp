#include "engine/cap/alert.hpp"

#include <algorithm>
#include <iterator>

namespace engine::cap {
namespace {

constexpr std::string_view kStatuses[] = {"Actual", "Exercise", "System", "Test", "Draft"};
constexpr std::string_view kMsgTypes[] = {"Alert", "Update", "Cancel", "Ack", "Error"};
constexpr std::string_view kScopes[] = {"Public", "Restricted", "Private"};
constexpr std::string_view kCategories[] = {"Geo",       "Met",   "Safety", "Security",
                                            "Rescue",    "Fire",  "Health", "Env",
                                            "Transport", "Infra", "CBRNE",  "Other"};
constexpr std::string_view kUrgencies[] = {"Immediate", "Expected", "Future", "Past", "Unknown"};
constexpr std::string_view kSeverities[] = {"Extreme", "Severe", "Moderate", "Minor", "Unknown"};
constexpr std::string_view kCertainties[] = {"Observed", "Likely", "Possible", "Unlikely",
                                             "Unknown"};

// The texts of an enumeration, in the order of its values.
constexpr auto& texts(Status) { return kStatuses; }
constexpr auto& texts(MsgType) { return kMsgTypes; }
constexpr auto& texts(Scope) { return kScopes; }
constexpr auto& texts(Category) { return kCategories; }
constexpr auto& texts(Urgency) { return kUrgencies; }
constexpr auto& texts(Severity) { return kSeverities; }
constexpr auto& texts(Certainty) { return kCertainties; }

template <class Enum>
std::string_view text_of(Enum value) {
  return texts(value)[static_cast<std::size_t>(value)];
}

}  // namespace

std::string_view text(Status value) { return text_of(value); }
std::string_view text(MsgType value) { return text_of(value); }
std::string_view text(Scope value) { return text_of(value); }
std::string_view text(Category value) { return text_of(value); }
std::string_view text(Urgency value) { return text_of(value); }
std::string_view text(Severity value) { return text_of(value); }
std::string_view text(Certainty value) { return text_of(value); }

template <class Enum>
std::optional<Enum> from_text(std::string_view text) {
  const auto& all = texts(Enum{});
  const auto found = std::find(std::begin(all), std::end(all), text);
  if (found == std::end(all)) return std::nullopt;
  return static_cast<Enum>(found - std::begin(all));
}

template std::optional<Status> from_text(std::string_view);
template std::optional<MsgType> from_text(std::string_view);
template std::optional<Scope> from_text(std::string_view);
template std::optional<Category> from_text(std::string_view);
template std::optional<Urgency> from_text(std::string_view);
template std::optional<Severity> from_text(std::string_view);
template std::optional<Certainty> from_text(std::string_view);

Severity severity_of(const Alert& alert) {
  if (alert.infos.empty()) return Severity::unknown;
  Severity severest = alert.infos.front().severity;
  for (const Info& info : alert.infos) {
    if (rank(info.severity) > rank(severest)) severest = info.severity;
  }
  return severest;
}

Time expires_of(const Alert& alert) {
  std::optional<Time> latest;
  for (const Info& info : alert.infos) {
    if (info.expires && (!latest || *info.expires > *latest)) latest = info.expires;
  }
  return latest.value_or(alert.sent + std::chrono::hours{24});
}

}  // namespace engine::cap
