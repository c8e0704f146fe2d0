#include "engine/store/store.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/write_batch_with_index.h>
#include <sys/statvfs.h>

#include "engine/base/ensure.hpp"
#include "engine/base/trace.hpp"

namespace engine {
namespace {

constexpr std::size_t kBlockCacheBytes = 32UL << 20;
constexpr std::size_t kMemtableBytes = 8UL << 20;    // of one table, before it is written out
constexpr std::size_t kMemtablesBytes = 48UL << 20;  // of all tables
constexpr std::uint64_t kJournalBytes = 16UL << 20;  // replayed at most when reopening
constexpr std::uint64_t kManifestBytes = 4UL << 20;

rocksdb::Slice slice(BytesView bytes) { return {bytes.data(), bytes.size()}; }
BytesView view_of(const rocksdb::Slice& bytes) { return {bytes.data(), bytes.size()}; }
std::size_t index_of(Table table) { return static_cast<std::size_t>(table); }

/// What keeps RocksDB 7.8.3 on the safe side: the journal is written whole and synced, nothing is
/// recycled, nothing recovers by itself behind our back, and every doubt is an error.
rocksdb::DBOptions database_options(const StoreOptions& options, rocksdb::Env* env) {
  rocksdb::DBOptions database;
  database.env = env;
  database.create_if_missing = true;
  database.create_missing_column_families = true;
  database.paranoid_checks = true;
  database.atomic_flush = false;
  database.max_bgerror_resume_count = 0;
  // A torn last write is cut off; what was acknowledged is compared with the head note (see
  // engine/log/folder.hpp).
  database.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  database.max_total_wal_size = kJournalBytes;
  database.db_write_buffer_size = kMemtablesBytes;
  database.max_manifest_file_size = kManifestBytes;
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

rocksdb::ColumnFamilyOptions table_options(const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions blocks;
  blocks.block_cache = cache;
  blocks.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  blocks.format_version = 5;
  blocks.cache_index_and_filter_blocks = true;
  blocks.pin_l0_filter_and_index_blocks_in_cache = true;

  rocksdb::ColumnFamilyOptions family;
  family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(blocks));
  family.write_buffer_size = kMemtableBytes;
  family.max_write_buffer_number = 3;
  family.compression = rocksdb::kLZ4Compression;
  family.paranoid_file_checks = true;
  return family;
}

rocksdb::ReadOptions reading() {
  rocksdb::ReadOptions options;
  options.verify_checksums = true;
  return options;
}

Failure failure(const rocksdb::Status& status) {
  return {"the store answers: " + status.ToString()};
}

Result<std::optional<Bytes>> answer(const rocksdb::Status& status, Bytes value) {
  if (status.IsNotFound()) return std::optional<Bytes>{};
  if (!status.ok()) return failure(status);
  return std::optional<Bytes>{std::move(value)};
}

}  // namespace

struct Store::Parts {
  StoreOptions options;
  std::unique_ptr<rocksdb::Env> memory;  // outlives the database
  std::unique_ptr<rocksdb::DB> database;
  std::vector<rocksdb::ColumnFamilyHandle*> families;
  bool write_failed = false;

  ~Parts() {
    if (!database) return;
    for (auto* family : families) database->DestroyColumnFamilyHandle(family);
    const rocksdb::Status status = database->Close();
    if (!status.ok()) {
      trace(Level::warning, "log_store_close_failed", {{"what", status.ToString()}});
    }
  }
  rocksdb::ColumnFamilyHandle* family(Table table) const { return families[index_of(table)]; }
};

struct Store::Change::Parts {
  const Store::Parts* store;
  // mutable: its reading functions are not marked const.
  mutable rocksdb::WriteBatchWithIndex batch{rocksdb::BytewiseComparator(), 0, true};
};

Store::Change::Change(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Store::Change::Change(Change&&) noexcept = default;
Store::Change& Store::Change::operator=(Change&&) noexcept = default;
Store::Change::~Change() = default;

Result<std::optional<Bytes>> Store::Change::get(Table table, BytesView key) const {
  Bytes value;
  const auto status = parts_->batch.GetFromBatchAndDB(
      parts_->store->database.get(), reading(), parts_->store->family(table), slice(key), &value);
  return answer(status, std::move(value));
}

void Store::Change::put(Table table, BytesView key, BytesView value) {
  ENSURE(parts_->batch.Put(parts_->store->family(table), slice(key), slice(value)).ok());
}

void Store::Change::erase(Table table, BytesView key) {
  ENSURE(parts_->batch.Delete(parts_->store->family(table), slice(key)).ok());
}

bool Store::Change::empty() const { return parts_->batch.GetWriteBatch()->Count() == 0; }

Result<std::unique_ptr<Store>> Store::open(const StoreOptions& options) {
  auto parts = std::make_unique<Parts>();
  parts->options = options;
  rocksdb::Env* env = rocksdb::Env::Default();
  if (options.medium == StoreOptions::Medium::memory) {
    parts->memory.reset(rocksdb::NewMemEnv(env));
    env = parts->memory.get();
  }
  const auto cache = rocksdb::NewLRUCache(kBlockCacheBytes);
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const char* name : options.tables) families.emplace_back(name, table_options(cache));

  rocksdb::DB* database = nullptr;
  const rocksdb::Status status =
      rocksdb::DB::Open(database_options(options, env), options.directory.string(), families,
                        &parts->families, &database);
  if (!status.ok()) return failure(status);
  parts->database.reset(database);
  return std::unique_ptr<Store>(new Store(std::move(parts)));
}

Store::Store(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Store::~Store() {
  // RocksDB 7.8.3 as Debian builds it (with its assertions) stops the process when it closes a
  // journal that could not be written. Such a store is left open: the end of the process closes it,
  // and what the disk holds is no worse for it.
  static auto* const left_open = new std::vector<std::unique_ptr<Parts>>();
  if (parts_->write_failed) left_open->push_back(std::move(parts_));
}

Result<std::optional<Bytes>> Store::get(Table table, BytesView key) const {
  Bytes value;
  const auto status = parts_->database->Get(reading(), parts_->family(table), slice(key), &value);
  return answer(status, std::move(value));
}

Result<void> Store::scan(Table table, BytesView from, BytesView until, const Visit& visit) const {
  const rocksdb::Slice bound = slice(until);
  rocksdb::ReadOptions options = reading();
  options.iterate_upper_bound = &bound;
  const std::unique_ptr<rocksdb::Iterator> at(
      parts_->database->NewIterator(options, parts_->family(table)));
  for (at->Seek(slice(from)); at->Valid(); at->Next()) {
    if (!visit(view_of(at->key()), view_of(at->value()))) break;
  }
  if (!at->status().ok()) return failure(at->status());
  return {};
}

Result<std::optional<Bytes>> Store::last_key(Table table) const {
  const std::unique_ptr<rocksdb::Iterator> at(
      parts_->database->NewIterator(reading(), parts_->family(table)));
  at->SeekToLast();
  if (!at->status().ok()) return failure(at->status());
  if (!at->Valid()) return std::optional<Bytes>{};
  return std::optional<Bytes>{Bytes(view_of(at->key()))};
}

Store::Change Store::change() {
  auto parts = std::make_unique<Change::Parts>();
  parts->store = parts_.get();
  return Change(std::move(parts));
}

Store::Commit Store::commit(Change change, Durability durability) {
  rocksdb::WriteOptions options;
  options.sync = durability == Durability::synced;
  const rocksdb::Status status =
      parts_->database->Write(options, change.parts_->batch.GetWriteBatch());
  if (status.ok()) return Commit::done;
  parts_->write_failed = true;
  trace(Level::error, "log_write_failed", {{"what", status.ToString()}});
  return status.IsNoSpace() ? Commit::no_space : Commit::failed;
}

std::optional<std::uint64_t> Store::free_bytes() const {
  struct statvfs disk {};
  if (parts_->options.medium == StoreOptions::Medium::memory) return std::nullopt;
  if (statvfs(parts_->options.directory.c_str(), &disk) != 0) return std::nullopt;
  return std::uint64_t{disk.f_bavail} * disk.f_frsize;
}

}  // namespace engine
