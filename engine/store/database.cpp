#include "engine/store/database.hpp"

#include <rocksdb/convenience.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/table.h>

#include <mutex>

#include "engine/base/trace.hpp"
#include "engine/store/trial.hpp"

namespace engine {
namespace {

using rocksdb::BackgroundErrorReason;

/// Hears of background work that failed. What only needs room is tried again by RocksDB itself, a
/// second later, as long as nobody calls it an error; nothing else is repaired behind our back.
class Watch final : public rocksdb::EventListener {
 public:
  explicit Watch(std::shared_ptr<std::atomic<Trouble>> trouble) : trouble_(std::move(trouble)) {}

  void OnBackgroundError(BackgroundErrorReason reason, rocksdb::Status* status) override {
    trace(Level::error, "log_background_error", {{"what", status->ToString()}});
    const bool no_space = status->IsNoSpace();
    const bool tried_again =
        reason == BackgroundErrorReason::kFlush || reason == BackgroundErrorReason::kCompaction;
    if (no_space && tried_again) {
      *status = rocksdb::Status::OK();
      return;
    }
    auto before = Trouble::none;
    const Trouble now = no_space ? Trouble::no_space : Trouble::failed;
    if (!trouble_->compare_exchange_strong(before, now) && now == Trouble::failed) {
      trouble_->store(now);
    }
  }
  void OnErrorRecoveryBegin(BackgroundErrorReason /*reason*/, rocksdb::Status /*status*/,
                            bool* auto_recovery) override {
    *auto_recovery = false;
  }
  void OnCompactionBegin(rocksdb::DB* /*db*/, const rocksdb::CompactionJobInfo& /*job*/) override {
    GuardedDisk::spare_reserve(1);
  }
  void OnCompactionCompleted(rocksdb::DB* /*db*/,
                             const rocksdb::CompactionJobInfo& /*job*/) override {
    GuardedDisk::spare_reserve(-1);
  }

 private:
  const std::shared_ptr<std::atomic<Trouble>> trouble_;
};

/// What keeps RocksDB 7.8.3 on the safe side: the journal is written whole and synced, nothing is
/// recycled, nothing recovers by itself behind our back, and every doubt is an error.
rocksdb::DBOptions database_options(const StoreOptions& options, const StoreSizes& sizes) {
  rocksdb::DBOptions database;
  database.create_if_missing = true;
  database.create_missing_column_families = true;
  database.paranoid_checks = true;
  database.verify_sst_unique_id_in_manifest = true;
  database.atomic_flush = false;
  database.max_bgerror_resume_count = 0;
  // A torn last write is cut off; what was acknowledged is compared with the head note (see
  // engine/log/folder.hpp).
  database.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  database.max_total_wal_size = sizes.journal_bytes;
  database.db_write_buffer_size = sizes.memtables_bytes;
  database.max_manifest_file_size = sizes.manifest_bytes;
  database.max_open_files = options.max_open_files;
  database.max_background_jobs = 2;
  database.skip_stats_update_on_db_open = true;
  database.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  database.max_log_file_size = 1UL << 20;
  database.keep_log_file_num = 3;
  database.stats_dump_period_sec = 0;
  database.stats_persist_period_sec = 0;
  return database;
}

rocksdb::ColumnFamilyOptions table_options(const std::shared_ptr<rocksdb::Cache>& cache,
                                           const StoreSizes& sizes) {
  rocksdb::BlockBasedTableOptions blocks;
  blocks.block_cache = cache;
  blocks.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  blocks.format_version = 5;
  blocks.cache_index_and_filter_blocks = true;
  blocks.pin_l0_filter_and_index_blocks_in_cache = true;

  rocksdb::ColumnFamilyOptions family;
  family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(blocks));
  family.write_buffer_size = sizes.memtable_bytes;
  // Nearly everything that is asked for is not there: no sender repeats itself. A filter says so
  // for a fraction of what a search costs.
  family.memtable_prefix_bloom_size_ratio = 0.01;
  family.memtable_whole_key_filtering = true;
  family.max_write_buffer_number = 3;
  // Each start leaves a small file of level 0. Where the machine is too busy to merge them, many
  // short lives must not end in alerts refused: they cost readers a little, until it has time.
  family.level0_slowdown_writes_trigger = 500;
  family.level0_stop_writes_trigger = 1000;
  family.compression = rocksdb::kLZ4Compression;
  family.paranoid_file_checks = true;
  return family;
}

}  // namespace

Result<std::shared_ptr<Database>> Database::open(const StoreOptions& options,
                                                 const std::shared_ptr<rocksdb::Cache>& cache,
                                                 const std::shared_ptr<Reserve>& reserve,
                                                 bool* no_space) {
  std::shared_ptr<Database> made(new Database());
  const StoreSizes sizes = options.trial ? options.trial->sizes : StoreSizes{};
  rocksdb::Env* const real = rocksdb::Env::Default();
  if (options.medium == StoreOptions::Medium::memory) {
    made->env_.reset(rocksdb::NewMemEnv(real));
  } else {
    const bool other = options.trial && options.trial->disk;
    made->disk_ =
        std::make_shared<GuardedDisk>(other ? options.trial->disk : real->GetFileSystem(), reserve);
    made->env_ = rocksdb::NewCompositeEnv(made->disk_);
  }
  made->trouble_ = std::make_shared<std::atomic<Trouble>>(Trouble::none);
  rocksdb::DBOptions database = database_options(options, sizes);
  database.env = made->env_.get();
  database.listeners.push_back(std::make_shared<Watch>(made->trouble_));
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const char* name : options.tables) families.emplace_back(name, table_options(cache, sizes));
  const rocksdb::Status status = rocksdb::DB::Open(database, options.directory.string(), families,
                                                   &made->families_, &made->database_);
  if (no_space != nullptr) *no_space = status.IsNoSpace();
  if (!status.ok()) return Failure{"the store answers: " + status.ToString()};
  return made;
}

Database::~Database() {
  if (database_ == nullptr) return;
  for (auto* family : families_) database_->DestroyColumnFamilyHandle(family);
  const rocksdb::Status status = database_->Close();
  if (!status.ok()) {
    trace(Level::warning, "log_store_close_failed", {{"what", status.ToString()}});
  }
  delete database_;
}

void Database::give_up(std::shared_ptr<Database> database) {
  static std::mutex mutex;
  static auto* const given_up = new std::vector<std::shared_ptr<Database>>();
  if (database->disk_) {
    database->disk_->close_for_good();
    rocksdb::CancelAllBackgroundWork(database->database_, true);
    database->disk_->release();
  }
  const std::lock_guard lock(mutex);
  given_up->push_back(std::move(database));
}

}  // namespace engine
