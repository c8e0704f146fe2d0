#include "engine/store/marks.hpp"

#include "engine/store/database.hpp"

namespace engine {
namespace {

constexpr std::size_t kMarkBytes = 8;

Result<std::uint64_t> mark_of(const Database& database, std::size_t table) {
  rocksdb::ReadOptions options;
  options.verify_checksums = true;
  Bytes value;
  const auto status = database->Get(options, database.family(table),
                                    rocksdb::Slice(kMarkKey.data(), kMarkKey.size()), &value);
  if (status.IsNotFound()) return std::uint64_t{0};
  if (!status.ok()) return Failure{"the store answers: " + status.ToString()};
  if (value.size() != kMarkBytes) return Failure{"a table's mark is damaged"};
  std::uint64_t mark = 0;
  for (const char octet : value) mark = mark << 8 | static_cast<std::uint8_t>(octet);
  return mark;
}

bool is_empty(const Database& database, std::size_t table) {
  const std::unique_ptr<rocksdb::Iterator> at(
      database->NewIterator(rocksdb::ReadOptions(), database.family(table)));
  at->SeekToFirst();
  return !at->Valid() && at->status().ok();
}

}  // namespace

Bytes mark_value(std::uint64_t commits) {
  Bytes value(kMarkBytes, '\0');
  for (std::size_t i = 0; i < kMarkBytes; ++i) {
    value[i] = static_cast<char>(commits >> (8 * (kMarkBytes - 1 - i)));
  }
  return value;
}

Result<Agreed> agreed_mark(const Database& database, std::span<const char* const> names,
                           std::size_t added) {
  const auto first = mark_of(database, 0);
  if (!first) return first.error();
  Agreed agreed{*first, false};
  for (std::size_t table = 1; table < names.size(); ++table) {
    const auto mark = mark_of(database, table);
    if (!mark) return mark.error();
    if (*mark == *first) continue;
    if (*mark == 0 && table >= names.size() - added && is_empty(database, table)) {
      agreed.tables_were_added = true;
      continue;
    }
    return Failure{"the table " + std::string(names[table]) + " ends with commit " +
                   std::to_string(*mark) + ", the first one with commit " + std::to_string(*first)};
  }
  return agreed;
}

}  // namespace engine
