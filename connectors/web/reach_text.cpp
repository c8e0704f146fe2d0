#include "connectors/web/reach_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "connectors/web/answers.hpp"
#include "connectors/web/reach_limits.hpp"

namespace connectors::web {

using engine::OutboxReach;
using engine::OutboxSums;
using Group = OutboxReach::Group;

namespace {

void add(OutboxSums& to, const OutboxSums& sums) {
  to.matched += sums.matched;
  to.reached += sums.reached;
  to.trying += sums.trying;
  to.failed += sums.failed;
  to.not_contactable += sums.not_contactable;
}

std::string sums_text(const OutboxSums& sums) {
  return fmt::format(R"("matched":{},"reached":{},"trying":{},"failed":{},"not_contactable":{})",
                     sums.matched, sums.reached, sums.trying, sums.failed, sums.not_contactable);
}

std::string channels_text(const OutboxReach& reach) {
  std::string text;
  for (std::size_t way = 0; way < engine::kWays; ++way) {
    text += fmt::format(R"({}"{}":{{)", way == 0 ? "" : ",",
                        engine::text(static_cast<engine::Way>(way)));
    for (std::size_t state = 0; state < engine::delivery::kStates; ++state) {
      text += fmt::format(R"({}"{}":{})", state == 0 ? "" : ",",
                          engine::delivery::text(static_cast<engine::delivery::State>(state)),
                          reach.messages[way][state]);
    }
    text += '}';
  }
  return text;
}

std::string areas_text(const ShownGroups& shown, const engine::Places& places) {
  std::string text;
  for (const auto& [code, sums] : shown.groups) {
    const engine::Place* place = places.find(code);
    text += fmt::format(R"({}{{"area":{},"name":{},{}}})", text.empty() ? "" : ",", json_text(code),
                        json_text(place != nullptr ? place->name : code), sums_text(sums));
  }
  return text;
}

std::string sectors_text(const ShownGroups& shown) {
  std::string text;
  for (const auto& [name, sums] : shown.groups) {
    text += fmt::format(R"({}{{"sector":{},{}}})", text.empty() ? "" : ",", json_text(name),
                        sums_text(sums));
  }
  return text;
}

}  // namespace

ShownGroups shown_groups(std::vector<Group> groups, bool planned) {
  ShownGroups shown;
  for (Group& group : groups) {
    if (!planned || group.name.empty() || group.sums.matched < limits::kReachGroup) {
      add(shown.others, group.sums);
    } else {
      shown.groups.push_back(std::move(group));
    }
  }
  std::stable_sort(shown.groups.begin(), shown.groups.end(),
                   [](const Group& a, const Group& b) { return a.sums.matched > b.sums.matched; });
  const auto hide_last = [&] {
    add(shown.others, shown.groups.back().sums);
    shown.groups.pop_back();
  };
  while (shown.groups.size() > limits::kReachGroups) hide_last();
  // A few who are left over would be told apart by taking what is shown from the sum.
  const auto few = [&] {
    return shown.others.matched > 0 && shown.others.matched < limits::kReachGroup;
  };
  while (few() && !shown.groups.empty()) hide_last();
  return shown;
}

std::string reach_members(const std::optional<OutboxReach>& reach, const engine::Places& places) {
  if (!reach) return R"("channels":{},"concerned":null)";
  const ShownGroups areas = shown_groups(reach->areas, reach->planned);
  const ShownGroups sectors = shown_groups(reach->sectors, reach->planned);
  return fmt::format(
      R"("channels":{{{}}},"concerned":{{{},"planned":{},"areas":[{}],"other_areas":{{{}}},)"
      R"("sectors":[{}],"other_sectors":{{{}}}}})",
      channels_text(*reach), sums_text(*reach), reach->planned, areas_text(areas, places),
      sums_text(areas.others), sectors_text(sectors), sums_text(sectors.others));
}

}  // namespace connectors::web
