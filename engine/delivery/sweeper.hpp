#pragma once
// What is not to be kept any longer: alerts that have been over for long, and organisations that
// were erased. Piece by piece; part of a turn, on the courier's thread.
#include <string>
#include <vector>

#include "engine/delivery/desk.hpp"

namespace engine::delivery {

class Sweeper {
 public:
  explicit Sweeper(Desk& desk) : desk_(desk) {}

  /// A piece of an alert that is over for long; true once nothing is left of it.
  bool prune(Sequence sequence);

  /// From now on, also after a restart.
  void begin_erasing(std::string_view organisation);
  struct Erased {
    bool worked = false;
    std::vector<std::string> finished;  // nothing is left of these
  };
  /// A piece of whatever is to be erased.
  Erased erase_piece();

 private:
  void erase(const CaseKey& key, const AlertRow& alert, const CaseRow& row);
  void erase_timers(const CaseKey& key, const AlertRow& alert, const CaseRow& row);

  Desk& desk_;
};

}  // namespace engine::delivery
