#pragma once
// What a change puts and erases, found by its key. A key that is put again is there once, with what
// was said of it last. A plain value; of the change's thread.
#include <optional>
#include <vector>

#include "engine/store/store.hpp"

namespace engine {

class Pending {
 public:
  struct Entry {
    Table table{};
    BytesView key;
    std::optional<BytesView> value;  // nothing: the key is erased
  };

  void put(Table table, BytesView key, BytesView value);
  void erase(Table table, BytesView key);

  /// What was said last of that key, if anything was. Valid until more is said.
  std::optional<Entry> find(Table table, BytesView key) const;

  std::size_t size() const { return places_.size(); }
  std::size_t octets() const { return octets_.size(); }
  Entry operator[](std::size_t i) const;

 private:
  struct Place {  // in `octets_`
    std::size_t hash = 0;
    std::size_t key_at = 0, key_size = 0;
    std::size_t value_at = 0, value_size = 0;
    Table table{};
    bool erased = false;
  };
  Place& place_of(Table table, BytesView key);
  std::size_t slot_of(Table table, BytesView key, std::size_t hash) const;
  void widen();

  Bytes octets_;
  std::vector<Place> places_;
  // Open addressing: the place's index plus one, 0 where a slot is free. A power of two, at most
  // half of it taken.
  std::vector<std::uint32_t> slots_;
};

}  // namespace engine
