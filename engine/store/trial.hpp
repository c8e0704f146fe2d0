#pragma once
// What a test puts beneath a store: a disk of its own making, and sizes so small that a few records
// make the store do everything it does in months. Read once, on the thread that opens the store.
#include <cstddef>
#include <cstdint>
#include <memory>

#include <rocksdb/rocksdb_namespace.h>

namespace ROCKSDB_NAMESPACE {
class FileSystem;
}

namespace engine {

struct StoreSizes {
  std::size_t memtable_bytes = 8UL << 20;    // of one table, before it is written out
  std::size_t memtables_bytes = 48UL << 20;  // of all tables
  std::uint64_t journal_bytes = 16UL << 20;  // replayed at most when reopening
  std::uint64_t manifest_bytes = 4UL << 20;
};

struct StoreTrial {
  std::shared_ptr<ROCKSDB_NAMESPACE::FileSystem> disk;  // null: the real one
  StoreSizes sizes = {};
};

}  // namespace engine
