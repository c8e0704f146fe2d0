#pragma once
// Something about each address, of so many addresses: the longest silent is forgotten first. Not
// for several threads at once.
#include <cstddef>
#include <list>
#include <string>
#include <unordered_map>
#include <utility>

namespace connectors::web {

template <class T>
class Remembered {
 public:
  explicit Remembered(std::size_t most) : most_(most) {}

  /// What is known, or null.
  T* find(const std::string& address) {
    const auto found = by_address_.find(address);
    return found == by_address_.end() ? nullptr : &found->second->second;
  }

  /// What is known, or a new one; it is now the one that was heard of last.
  T& of(const std::string& address) {
    const auto found = by_address_.find(address);
    if (found != by_address_.end()) {
      latest_first_.splice(latest_first_.begin(), latest_first_, found->second);
      return found->second->second;
    }
    latest_first_.emplace_front(address, T{});
    by_address_[address] = latest_first_.begin();
    if (latest_first_.size() > most_) {
      by_address_.erase(latest_first_.back().first);
      latest_first_.pop_back();
    }
    return latest_first_.front().second;
  }

  std::size_t size() const { return by_address_.size(); }

 private:
  using Entries = std::list<std::pair<std::string, T>>;
  const std::size_t most_;
  Entries latest_first_;
  std::unordered_map<std::string, typename Entries::iterator> by_address_;
};

}  // namespace connectors::web
