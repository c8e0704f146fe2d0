#include "engine/delivery/queue_front.hpp"

#include "engine/delivery/limits.hpp"

namespace engine::delivery {

std::vector<QueueFront::Place> QueueFront::first(
    std::size_t most, const Read& read, const std::function<bool(const DeliveryId&)>& under_way) {
  std::vector<Place> found;
  auto at = rows_.begin();
  while (found.size() < most) {
    if (at == rows_.end()) {
      if (whole_) break;
      const OrderKey from = until_;
      std::size_t left = limits::kQueuePage;
      whole_ = true;
      read(from, [&](const OrderKey& order, QueueRow row) {
        if (left-- == 0) {
          until_ = order;
          whole_ = false;
          return false;
        }
        if (!under_way(id_in(order))) rows_.emplace_hint(rows_.end(), order, std::move(row));
        return true;
      });
      at = rows_.lower_bound(from);
      continue;
    }
    const auto changed = changed_.find(at->first);
    if (changed == changed_.end() || changed->second) found.push_back({at->first, at->second});
    ++at;
  }
  return found;
}

void QueueFront::written() {
  for (auto& [order, row] : changed_) {
    if (!row) {
      rows_.erase(order);
    } else if (knows(order)) {
      rows_.insert_or_assign(order, *std::move(row));
    }
  }
  changed_.clear();
  if (rows_.size() <= 2 * limits::kQueuePage) return;
  auto end = rows_.begin();
  std::advance(end, limits::kQueuePage);
  until_ = end->first;
  whole_ = false;
  rows_.erase(end, rows_.end());
}

void QueueFront::begin_anew() {
  rows_.clear();
  until_ = {};
  whole_ = false;
  changed_.clear();
}

}  // namespace engine::delivery
