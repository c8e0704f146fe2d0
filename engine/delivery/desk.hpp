#pragma once
// What one turn of the courier works with: the book, whom it can ask, and what is to be done once
// its write is on the disk. On the courier's thread.
#include <array>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/delivery/book.hpp"
#include "engine/outbox.hpp"

namespace engine::delivery {

/// What is known of an attempt that a channel has.
struct Handed {
  Way way = Way::sms;
  std::optional<AddressMark> mark;
};
using UnderWay = std::unordered_map<DeliveryId, Handed, IdHash>;

/// What is counted, once it is written.
struct Tally {
  std::array<std::uint64_t, kWays> attempts{};
  std::array<std::array<std::uint64_t, kStates>, kWays> settled{};
  std::uint64_t uncertain = 0;
  std::uint64_t planned = 0;  // organisations
};

struct Desk {
  Book& book;
  const OutboxParts& parts;
  const Rules& rules;
  std::chrono::hours kept;
  std::array<bool, kWays> ways{};  // those that there is a channel for
  UnderWay under_way = {};         // as committed
  Time now = {};                   // of this turn

  // Of this turn, for when it is written.
  DeliveryIds answered = {};  // under way no more
  Tally tally = {};
  std::vector<std::pair<std::string, std::uint32_t>> dead = {};  // contacts

  Result<void> log_read = {};  // why something could not be read of the log

  bool is_under_way(const DeliveryId& id) const {
    return under_way.contains(id) && !answered.contains(id);
  }
  bool any_way() const { return ways != std::array<bool, kWays>{}; }
};

}  // namespace engine::delivery
