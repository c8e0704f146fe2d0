#pragma once
// How many streams were handed which bulletin, gathered until the receipts take it: one number a
// bulletin for all anonymous readers, one entry a bulletin and organisation. On its shard's thread.
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/receipts.hpp"

namespace engine {

class Tally {
 public:
  void add(Sequence sequence, const std::string& organisation, std::uint32_t streams) {
    if (streams == 0) return;
    if (organisation.empty()) {
      anonymous_[number(sequence)] += streams;
    } else {
      organisations_.push_back({sequence, organisation, streams});
    }
  }

  std::size_t size() const { return anonymous_.size() + organisations_.size(); }

  /// Everything since the last time.
  std::vector<Delivered> take() {
    auto taken = std::exchange(organisations_, {});
    for (const auto& [sequence, streams] : anonymous_) {
      taken.push_back({Sequence{sequence}, {}, streams});
    }
    anonymous_.clear();
    return taken;
  }

 private:
  std::unordered_map<std::uint64_t, std::uint32_t> anonymous_;
  std::vector<Delivered> organisations_;
};

}  // namespace engine
