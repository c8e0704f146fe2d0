#include "connectors/sms/id_habit.hpp"

#include <algorithm>

#include "connectors/sms/limits.hpp"

namespace connectors::sms {

std::vector<std::string> IdHabit::answered(std::string_view id) {
  std::vector<std::string> names = ids_reported_for(id);
  remember(names.front());
  if (habit_ == SameId::no) {
    // What another message has as its text is that one's, as far as anybody can tell.
    const auto taken = [this](const std::string& name) { return ids_.contains(name); };
    names.erase(std::remove_if(names.begin() + 1, names.end(), taken), names.end());
    return names;
  }
  // What does not read as a number of that base has its text alone.
  const auto fits = [this, &names](const std::string& name) {
    return same_id(names.front(), name) == habit_;
  };
  const auto fitting = std::find_if(names.begin(), names.end(), fits);
  return {fitting == names.end() ? names.front() : *fitting};
}

void IdHabit::remember(const std::string& id) {
  order_.push_back(id);
  ids_.insert(id);
  if (order_.size() <= limits::kIdsRemembered) return;
  ids_.erase(ids_.find(order_.front()));
  order_.pop_front();
}

void IdHabit::reported(std::string_view id) {
  SameId found = SameId::no;
  for (const std::string& other : ids_reported_for(id)) {
    if (!ids_.contains(other)) continue;
    const SameId how = same_id(other, normal_id(id));
    if (found != SameId::no && how != found) return;  // it could be either
    found = how;
  }
  if (found != SameId::no) habit_ = found;
}

}  // namespace connectors::sms
