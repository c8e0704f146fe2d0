#pragma once
// Whom a Restricted or Private alert is for, by key: as is_for() says it of each organisation. Of
// one thread.
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/directory.hpp"

namespace connectors::nats {

class Rolls {
 public:
  explicit Rolls(const engine::Directory& directory) : directory_(directory) {}

  /// Sorted, each once. Public is for nobody by name.
  std::vector<std::string> members_of(const engine::cap::Audience& audience);

 private:
  void read_again();

  const engine::Directory& directory_;
  std::uint64_t revision_ = 0;
  bool read_ = false;
  std::map<std::string, std::vector<std::string>> by_group_;
};

}  // namespace connectors::nats
