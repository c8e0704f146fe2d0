#pragma once
// One opened RocksDB database with everything it stands on, and how it is set up. Opened, watched
// and given up by the Store, on its owner's thread; read by any.
#include <rocksdb/cache.h>
#include <rocksdb/db.h>

#include <atomic>
#include <vector>

#include "engine/store/guarded_disk.hpp"
#include "engine/store/store.hpp"

namespace engine {

/// What has befallen a database behind its owner's back.
enum class Trouble : std::uint8_t { none, no_space, failed };

class Database {
 public:
  /// Null and a sentence where it cannot be opened; `no_space`, where given, is whether it was only
  /// for want of room.
  static Result<std::shared_ptr<Database>> open(const StoreOptions& options,
                                                const std::shared_ptr<rocksdb::Cache>& cache,
                                                const std::shared_ptr<Reserve>& reserve,
                                                bool* no_space = nullptr);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  rocksdb::DB* operator->() const { return database_; }
  rocksdb::DB* get() const { return database_; }
  rocksdb::ColumnFamilyHandle* family(std::size_t table) const { return families_[table]; }
  std::size_t tables() const { return families_.size(); }

  /// Background work that failed for good.
  Trouble trouble() const noexcept { return trouble_->load(std::memory_order_acquire); }

  /// Keeps `database` for ever, unable to change anything, its folder free for another. RocksDB
  /// 7.8.3 as Debian builds it (with its assertions) stops the process when it closes a journal
  /// that could not be written, so such a database is never closed.
  static void give_up(std::shared_ptr<Database> database);

 private:
  Database() = default;

  std::unique_ptr<rocksdb::Env> env_;  // outlives the database
  std::shared_ptr<GuardedDisk> disk_;  // null in memory
  std::shared_ptr<std::atomic<Trouble>> trouble_;
  rocksdb::DB* database_ = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;
};

}  // namespace engine
