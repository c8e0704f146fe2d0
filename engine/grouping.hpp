#pragma once
// By what an organisation is counted beside the sum of all. Plain data; nothing by which anybody is
// reached.
#include <string>
#include <vector>

namespace engine {

struct Grouping {
  std::string area;                  // GSS code; empty: it has no place
  std::vector<std::string> sectors;  // it counts in each of them
  bool operator==(const Grouping&) const = default;
};

}  // namespace engine
