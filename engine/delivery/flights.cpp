#include "engine/delivery/flights.hpp"

#include <algorithm>

#include "engine/delivery/limits.hpp"

namespace engine::delivery {

void Flights::known(std::uint64_t number, const Rows& flight) {
  next_ = std::max(next_, number + 1);
  for (const auto& [marked, row] : flight) {
    const DeliveryId id = id_in(marked.order);
    under_way_.insert_or_assign(id, One{number, marked, row});
    flights_[number].push_back(id);
  }
}

std::optional<Flights::Found> Flights::find(const DeliveryId& id) const {
  const auto at = under_way_.find(id);
  if (at == under_way_.end()) return std::nullopt;
  const auto changed = changed_.find(id);
  const auto& row = changed == changed_.end() ? at->second.row : changed->second;
  return Found{row ? &*row : nullptr};
}

void Flights::changed(const DeliveryId& id, std::optional<DeliveryRow> row) {
  if (under_way_.contains(id)) changed_.insert_or_assign(id, std::move(row));
}

std::map<std::uint64_t, Bytes> Flights::rows() {
  std::map<std::uint64_t, Bytes> rows;
  for (const DeliveryId& id : ended_) {
    const auto at = under_way_.find(id);
    if (at != under_way_.end()) rows.try_emplace(at->second.flight);
  }
  for (auto& [number, octets] : rows) {
    std::vector<FlightRow> left;
    for (const DeliveryId& id : flights_[number]) {
      if (!ended_.contains(id)) left.push_back(under_way_.at(id).marked);
    }
    if (!left.empty()) octets = to_octets(left);
  }
  std::uint64_t number = next_;
  for (std::size_t from = 0; from < marked_.size(); from += limits::kFlight, ++number) {
    std::vector<FlightRow> flight;
    const std::size_t until = std::min(marked_.size(), from + limits::kFlight);
    for (std::size_t i = from; i < until; ++i) flight.push_back(marked_[i].first);
    rows.emplace(number, to_octets(flight));
  }
  return rows;
}

void Flights::written() {
  for (auto& [id, row] : changed_) under_way_.at(id).row = std::move(row);
  for (const DeliveryId& id : ended_) {
    const auto at = under_way_.find(id);
    if (at == under_way_.end()) continue;
    const auto flight = flights_.find(at->second.flight);
    std::erase(flight->second, id);
    if (flight->second.empty()) flights_.erase(flight);
    under_way_.erase(at);
  }
  for (std::size_t from = 0; from < marked_.size(); from += limits::kFlight) {
    const std::size_t until = std::min(marked_.size(), from + limits::kFlight);
    const auto first = marked_.begin();
    known(next_, Rows(first + static_cast<std::ptrdiff_t>(from),
                      first + static_cast<std::ptrdiff_t>(until)));
  }
  forget_turn();
}

void Flights::forget_turn() {
  marked_.clear();
  ended_.clear();
  changed_.clear();
}

void Flights::begin_anew() {
  under_way_.clear();
  flights_.clear();
  next_ = 0;
  forget_turn();
}

}  // namespace engine::delivery
