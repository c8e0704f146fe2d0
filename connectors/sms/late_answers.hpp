#pragma once
// Messages that were told of as uncertain and may still be answered: once one is, a receipt for it
// can say that it arrived, so that nobody is told twice. Of one part each: of a longer text one
// part says nothing of the others. It belongs to one channel.
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "connectors/sms/limits.hpp"
#include "engine/delivery.hpp"

namespace connectors::sms {

class LateAnswers {
 public:
  /// Of the newest kLateKept it is known whose they are.
  void uncertain(std::uint64_t token, const engine::DeliveryId& delivery) {
    waiting_.insert_or_assign(token, delivery);
    if (waiting_.size() > limits::kLateKept) waiting_.erase(waiting_.begin());
  }

  /// The answer came: by that name receipts for it find it; by none where the name is empty.
  void answered(std::uint64_t token, std::string_view gateway, std::string_view name) {
    const auto waiting = waiting_.find(token);
    if (waiting == waiting_.end()) return;
    std::string key = key_of(gateway, name);
    if (!name.empty() && named_.insert_or_assign(key, waiting->second).second) {
      order_.push_back(std::move(key));
    }
    waiting_.erase(waiting);
    for (; named_.size() > limits::kLateKept; order_.pop_front()) named_.erase(order_.front());
  }

  /// Whose receipt it is, by the first of its names that is one of these; nothing where none is.
  std::optional<engine::DeliveryId> named(std::string_view gateway,
                                          const std::vector<std::string>& names) const {
    if (named_.empty()) return std::nullopt;
    for (const std::string& name : names) {
      const auto found = named_.find(key_of(gateway, name));
      if (found != named_.end()) return found->second;
    }
    return std::nullopt;
  }

 private:
  static std::string key_of(std::string_view gateway, std::string_view name) {
    return std::string(gateway) + '\n' + std::string(name);
  }

  std::map<std::uint64_t, engine::DeliveryId> waiting_;  // by token, so the oldest first
  std::unordered_map<std::string, engine::DeliveryId> named_;
  std::deque<std::string> order_;  // its keys, the oldest first
};

}  // namespace connectors::sms
