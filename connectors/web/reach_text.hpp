#pragma once
// What everybody may know of those whom an alert concerns and who are not connected
// (schemas/reach.schema.json). Pure; any thread.
#include <optional>
#include <string>
#include <vector>

#include "engine/outbox.hpp"
#include "engine/places.hpp"

namespace connectors::web {

/// Groups that are large enough to be shown, the largest first, and all others together. All of
/// them come to the same sum as before; the others are limits::kReachGroup or more, or nobody.
/// While not everybody is planned for, and groups grow, none is shown: one that is hidden at one
/// moment and shown at the next would give away whom it was hidden with.
struct ShownGroups {
  std::vector<engine::OutboxReach::Group> groups;
  engine::OutboxSums others;
};
ShownGroups shown_groups(std::vector<engine::OutboxReach::Group> groups, bool planned);

/// The members `"channels":{…},"concerned":{…}` of an answer; nothing: nobody is told of the alert.
std::string reach_members(const std::optional<engine::OutboxReach>& reach,
                          const engine::Places& places);

}  // namespace connectors::web
