#include "engine/store/pending.hpp"

#include <functional>

namespace engine {
namespace {

constexpr std::size_t kSlotsAtFirst = 64;

}  // namespace

void Pending::put(Table table, BytesView key, BytesView value) {
  Place& place = place_of(table, key);
  place.erased = false;
  place.value_at = octets_.size();
  place.value_size = value.size();
  octets_.append(value);
}

void Pending::erase(Table table, BytesView key) { place_of(table, key).erased = true; }

std::optional<Pending::Entry> Pending::find(Table table, BytesView key) const {
  if (places_.empty()) return std::nullopt;
  const std::size_t hash = std::hash<BytesView>()(key);
  const std::uint32_t place = slots_[slot_of(table, key, hash)];
  if (place == 0) return std::nullopt;
  return (*this)[place - 1];
}

Pending::Entry Pending::operator[](std::size_t i) const {
  const Place& place = places_[i];
  const BytesView octets = octets_;
  Entry entry;
  entry.table = place.table;
  entry.key = octets.substr(place.key_at, place.key_size);
  if (!place.erased) entry.value = octets.substr(place.value_at, place.value_size);
  return entry;
}

/// The place of that key, made where there is none yet.
Pending::Place& Pending::place_of(Table table, BytesView key) {
  if (slots_.size() < 2 * (places_.size() + 1)) widen();
  const std::size_t hash = std::hash<BytesView>()(key);
  std::uint32_t& slot = slots_[slot_of(table, key, hash)];
  if (slot != 0) return places_[slot - 1];
  Place place;
  place.hash = hash;
  place.key_at = octets_.size();
  place.key_size = key.size();
  place.table = table;
  octets_.append(key);
  places_.push_back(place);
  slot = static_cast<std::uint32_t>(places_.size());
  return places_.back();
}

/// The slot that holds that key, or would.
std::size_t Pending::slot_of(Table table, BytesView key, std::size_t hash) const {
  const std::size_t mask = slots_.size() - 1;
  const BytesView octets = octets_;
  std::size_t slot = hash & mask;
  for (; slots_[slot] != 0; slot = (slot + 1) & mask) {
    const Place& place = places_[slots_[slot] - 1];
    const bool same = place.hash == hash && place.table == table &&
                      octets.substr(place.key_at, place.key_size) == key;
    if (same) break;
  }
  return slot;
}

void Pending::widen() {
  slots_.assign(slots_.empty() ? kSlotsAtFirst : 2 * slots_.size(), 0);
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t i = 0; i < places_.size(); ++i) {
    std::size_t slot = places_[i].hash & mask;
    while (slots_[slot] != 0) slot = (slot + 1) & mask;
    slots_[slot] = static_cast<std::uint32_t>(i + 1);
  }
}

}  // namespace engine
