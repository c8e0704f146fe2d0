#pragma once
// Who leaves next by one way, in memory a page at a time, so that nobody is looked for twice.
// Beside the table: what a turn puts there and takes away is known here once it is written. On the
// courier's thread.
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "engine/delivery/rows.hpp"

namespace engine::delivery {

class QueueFront {
 public:
  struct Place {
    OrderKey order{};
    QueueRow row;
  };
  /// Visits the table's rows, as committed, from that place on, while it says true.
  using Visit = std::function<bool(const OrderKey&, QueueRow)>;
  using Read = std::function<void(const OrderKey& from, const Visit& visit)>;

  /// Those who stand first, as committed, but for those that are under way and those that this turn
  /// has taken away.
  std::vector<Place> first(std::size_t most, const Read& read,
                           const std::function<bool(const DeliveryId&)>& under_way);

  // Of this turn.
  void put(const OrderKey& order, QueueRow row) {
    changed_.insert_or_assign(order, std::move(row));
  }
  void take_away(const OrderKey& order) { changed_.insert_or_assign(order, std::nullopt); }

  void written();
  void forget_turn() { changed_.clear(); }
  void begin_anew();

 private:
  bool knows(const OrderKey& order) const { return whole_ || order < until_; }

  // Every row of the table that sorts before `until_`, or every one at all, but what is under way.
  std::map<OrderKey, QueueRow> rows_;
  OrderKey until_{};
  bool whole_ = false;
  std::map<OrderKey, std::optional<QueueRow>> changed_;
};

}  // namespace engine::delivery
