#pragma once
// An import on its way: its pieces are kept until the last one has come, so that the directory
// takes all of it or nothing. One at a time: a new one takes the place of one that was left. On the
// thread that performs requests.
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "engine/directory.hpp"

namespace ops {

class Staging {
 public:
  ~Staging() { drop(); }
  /// Refuses what is more than one import may be.
  engine::Result<void> add(std::string_view import, std::vector<engine::Registration> piece);
  /// All pieces of that import, which is over then.
  engine::Result<std::vector<engine::Registration>> take(std::string_view import);
  void drop();

 private:
  std::string import_;
  std::vector<engine::Registration> registrations_;
  std::size_t octets_ = 0;
};

}  // namespace ops
