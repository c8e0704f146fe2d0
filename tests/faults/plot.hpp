#pragma once
// The bulletins of a life of a log, each made again from its number alone, and what is known of
// them outside of the log: which were sent, which were answered yes and where. Single thread.
#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/faults/apart.hpp"
#include "tests/unit/log/log_fixture.hpp"

namespace tests {

inline constexpr std::uint32_t kDraftsMax = 4000;

/// Lies in memory that survives the process that lost its power. Written when an answer comes.
struct Witness : Complaint {
  std::atomic<std::uint32_t> sent{0};  // drafts 1 … sent were sent
  struct Yes {
    std::atomic<std::uint64_t> sequence{0};  // 0: none was heard
    std::atomic<std::int64_t> at_ms{0};
  };
  std::array<Yes, kDraftsMax + 1> yes;
  std::array<std::atomic<std::uint64_t>, 64> notes{};  // heads the note was written with
  std::array<char, 17> epoch{};
  std::atomic<std::uint64_t> records{0}, surprises{0}, opened{0}, operations{0}, losses{0};
};

class Plot {
 public:
  explicit Plot(std::uint64_t seed) : seed_(seed) {}

  /// Draft `number` of this life: mostly alerts, some Updates and Cancels of what came before.
  Draft draft(std::uint32_t number) const;
  /// The number of a draft by its identifier; nothing if it is none of ours.
  std::optional<std::uint32_t> number_of(const Record& record) const;

  /// The sequences that have to be active, given all records of the log in order.
  std::vector<std::uint64_t> active(const std::vector<Record>& records) const;

 private:
  std::uint64_t roll(std::uint32_t number, std::uint32_t what) const;

  std::uint64_t seed_;
};

}  // namespace tests
