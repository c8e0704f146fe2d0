#pragma once
// What is under way, with what is known of it: a row of the table for each handful that was marked
// together, written anew as they come back. Changes are of this turn until they are written. On the
// courier's thread.
#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "engine/delivery/rows.hpp"

namespace engine::delivery {

struct IdHash {
  std::size_t operator()(const DeliveryId& id) const noexcept {
    std::size_t hash = 0;  // an id is a hash already
    for (std::size_t i = 0; i < sizeof hash; ++i) hash = hash << 8U | id[i];
    return hash;
  }
};
using DeliveryIds = std::unordered_set<DeliveryId, IdHash>;

class Flights {
 public:
  /// As the table has it: the row's number, what it holds, and the deliveries as they are.
  using Rows = std::vector<std::pair<FlightRow, std::optional<DeliveryRow>>>;
  void known(std::uint64_t number, const Rows& flight);

  bool contains(const DeliveryId& id) const { return under_way_.contains(id); }
  /// A delivery that is under way, as this turn has left it; null: it is not.
  struct Found {
    const DeliveryRow* row = nullptr;  // null: this turn has erased it
  };
  std::optional<Found> find(const DeliveryId& id) const;

  // Of this turn.
  void mark(const FlightRow& marked, const DeliveryRow& row) { marked_.emplace_back(marked, row); }
  void ended(const DeliveryId& id) { ended_.insert(id); }
  /// That delivery's row, where it is under way; nothing: it is erased.
  void changed(const DeliveryId& id, std::optional<DeliveryRow> row);

  bool has_changes() const { return !marked_.empty() || !ended_.empty(); }
  /// The rows that this turn changes; an empty one is to be erased.
  std::map<std::uint64_t, Bytes> rows();
  void written();
  void forget_turn();
  void begin_anew();

 private:
  struct One {
    std::uint64_t flight = 0;
    FlightRow marked;
    std::optional<DeliveryRow> row;
  };
  std::unordered_map<DeliveryId, One, IdHash> under_way_;  // as committed
  std::map<std::uint64_t, std::vector<DeliveryId>> flights_;
  std::uint64_t next_ = 0;

  Rows marked_;
  DeliveryIds ended_;
  std::unordered_map<DeliveryId, std::optional<DeliveryRow>, IdHash> changed_;
};

}  // namespace engine::delivery
