#include "connectors/nats/rolls.hpp"

#include <algorithm>

namespace connectors::nats {

using engine::cap::Scope;

std::vector<std::string> Rolls::members_of(const engine::cap::Audience& audience) {
  std::vector<std::string> keys;
  if (audience.scope == Scope::public_) return keys;
  if (audience.scope == Scope::restricted) read_again();
  for (const std::string& name : audience.names) {
    if (audience.scope == Scope::private_) {
      if (directory_.find(name)) keys.push_back(name);
      continue;
    }
    const auto group = by_group_.find(name);
    if (group == by_group_.end()) continue;
    keys.insert(keys.end(), group->second.begin(), group->second.end());
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

/// Where anything has changed. Asked before it is read: what changes meanwhile is read the next
/// time.
void Rolls::read_again() {
  const std::uint64_t revision = directory_.revision();
  if (read_ && revision == revision_) return;
  by_group_.clear();
  for (const auto& organisation : directory_.all()) {
    for (const auto& group : organisation.groups) by_group_[group].push_back(organisation.key);
  }
  revision_ = revision;
  read_ = true;
}

}  // namespace connectors::nats
