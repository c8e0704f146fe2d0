#pragma once
// Every commit leaves the same number in every table. A crash loses the end of all tables together
// or of none; damage to RocksDB's list of files can lose the end of one alone, and then its number
// is behind. On the thread that opens the store.
#include <cstdint>
#include <span>

#include "engine/base/bytes.hpp"
#include "engine/base/result.hpp"

namespace engine {

class Database;

/// The key of that number: after every key of every table, and none of theirs.
inline constexpr BytesView kMarkKey =
    "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff";

Bytes mark_value(std::uint64_t commits);

/// The number all tables agree on; 0 where none has one. `names` are the tables'. Of the last
/// `added` of them, one that has no number and is empty was not there before.
struct Agreed {
  std::uint64_t mark = 0;
  bool tables_were_added = false;
};
Result<Agreed> agreed_mark(const Database& database, std::span<const char* const> names,
                           std::size_t added);

}  // namespace engine
