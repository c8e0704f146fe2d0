#include "connectors/sms/id_habit.hpp"

#include <algorithm>

#include "connectors/sms/limits.hpp"

namespace connectors::sms {

std::string IdHabit::answered(std::string_view id) {
  std::string name = normal_id(id);
  remember(name);
  return name;
}

void IdHabit::remember(const std::string& id) {
  order_.push_back(id);
  ids_.insert(id);
  if (order_.size() <= limits::kIdsRemembered) return;
  ids_.erase(ids_.find(order_.front()));
  order_.pop_front();
}

std::vector<std::string> IdHabit::reported(std::string_view id) {
  std::vector<std::string> forms = same_ids(id);
  learn(forms);
  const std::string text = forms.front();
  if (habit_ != SameId::no) {
    // What does not read as a number of that base has its text alone.
    const auto fits = [&](const std::string& form) { return same_id(form, text) == habit_; };
    const auto fitting = std::find_if(forms.begin(), forms.end(), fits);
    return {fitting == forms.end() ? text : *fitting};
  }
  // What is the text of a message is that one's, as far as anybody can tell.
  if (ids_.contains(text)) return {text};
  return forms;
}

void IdHabit::learn(const std::vector<std::string>& forms) {
  SameId found = SameId::no;
  for (const std::string& form : forms) {
    if (!ids_.contains(form)) continue;
    const SameId how = same_id(form, forms.front());
    if (found != SameId::no && how != found) return;  // it could be either
    found = how;
  }
  if (found != SameId::no) habit_ = found;
}

}  // namespace connectors::sms
