#include "engine/forecast.hpp"

#include <algorithm>

#include "engine/cap/judge.hpp"
#include "engine/delivery/escalation.hpp"
#include "engine/delivery/limits.hpp"

namespace engine {
namespace {

/// Its own: what its outline says is also that of the alerts which it replaces.
cap::Severity severity_of(const Bulletin& bulletin) {
  const auto judgement = cap::judge(bulletin.envelope.payload);
  return judgement.alert ? cap::severity_of(*judgement.alert) : cap::Severity::unknown;
}

/// Where one organisation is counted.
void count(Forecast& forecast, const Profile& profile, const std::array<bool, kWays>& ways,
           cap::Severity severity, Time now) {
  std::array<bool, kWays> by_way{};
  bool at_some_hour = false;
  for (const Contact& contact : profile.contacts) {
    const auto way = static_cast<std::size_t>(contact.way);
    if (!contact.consents || contact.dead || !ways[way]) continue;
    at_some_hour = true;
    by_way[way] =
        by_way[way] || delivery::wakes_everybody(severity) || delivery::open_at(contact.hours, now);
  }
  ++forecast.looked_at;
  for (std::size_t way = 0; way < kWays; ++way) forecast.by_way[way] += by_way[way] ? 1 : 0;
  if (by_way != std::array<bool, kWays>{}) return;
  ++(at_some_hour ? forecast.later : forecast.not_contactable);
}

}  // namespace

std::optional<Forecast> forecast(const Directory& directory, const Bulletin& bulletin,
                                 const std::array<bool, kWays>& ways, Time now) {
  const cap::Outline& outline = bulletin.outline;
  if (!outline.shown() || outline.msg_type == cap::MsgType::cancel) return std::nullopt;
  const auto concerned = directory.concerned(outline.reaches);
  Forecast forecast;
  forecast.matched = concerned.size();
  const std::size_t looked = std::min(concerned.size(), delivery::limits::kForecastLooked);
  const cap::Severity severity = severity_of(bulletin);
  for (std::size_t i = 0; i < looked; ++i) {
    // One that is erased meanwhile, or cannot be read now, is not looked at.
    auto profile = directory.profile(concerned[i * concerned.size() / looked].organisation);
    if (!profile) continue;
    if (!*profile) *profile = Profile{};
    count(forecast, **profile, ways, severity, now);
    wipe(**profile);
  }
  return forecast;
}

}  // namespace engine
