#include "engine/store/store.hpp"

#include <rocksdb/env.h>
#include <rocksdb/perf_level.h>
#include <rocksdb/write_batch.h>

#include <chrono>
#include <thread>
#include <utility>

#include "engine/base/ensure.hpp"
#include "engine/base/snapshot.hpp"
#include "engine/base/trace.hpp"
#include "engine/store/database.hpp"
#include "engine/store/manifest.hpp"
#include "engine/store/marks.hpp"
#include "engine/store/pending.hpp"
#include "engine/store/trial.hpp"

namespace engine {
namespace {

constexpr std::size_t kBlockCacheBytes = 32UL << 20;
// A store that was given up keeps what it had in memory, so there are not many in one process.
constexpr int kRenewalsMax = 16;
// While tables are written out faster than they can be merged, a commit waits this long.
constexpr auto kBusyStep = std::chrono::milliseconds{1};
constexpr int kBusyStepsMax = 500;
// Tables that are written out on purpose: megabytes, which take a slow disk a second.
constexpr std::chrono::seconds kWriteOutMax{20};
// What a batch says of an entry beside its key and its value, or a mark with them.
constexpr std::size_t kEntryExtra = 32;

rocksdb::Slice slice(BytesView bytes) { return {bytes.data(), bytes.size()}; }
BytesView view_of(const rocksdb::Slice& bytes) { return {bytes.data(), bytes.size()}; }
std::size_t index_of(Table table) { return static_cast<std::size_t>(table); }

rocksdb::ReadOptions reading() {
  rocksdb::ReadOptions options;
  options.verify_checksums = true;
  return options;
}

Failure failure(const rocksdb::Status& status) {
  return {"the store answers: " + status.ToString()};
}

/// RocksDB counts every comparison for whoever measures it, of each thread unless it is told not
/// to.
void count_nothing() { rocksdb::SetPerfLevel(rocksdb::PerfLevel::kDisable); }

Result<std::optional<Bytes>> read(const Database& database, Table table, BytesView key) {
  count_nothing();
  static const rocksdb::ReadOptions options = reading();
  Bytes value;
  const rocksdb::Status status =
      database.get()->Get(options, database.family(index_of(table)), slice(key), &value);
  if (status.IsNotFound()) return std::optional<Bytes>{};
  if (!status.ok()) return failure(status);
  return std::optional<Bytes>{std::move(value)};
}

std::shared_ptr<rocksdb::FileSystem> disk_of(const StoreOptions& options) {
  if (options.medium == StoreOptions::Medium::memory) return nullptr;
  if (options.trial && options.trial->disk) return options.trial->disk;
  return rocksdb::Env::Default()->GetFileSystem();
}

/// Writes; where it would have to wait for tables to be written out, it waits a little and no more.
rocksdb::Status write(const Database& database, Durability durability, rocksdb::WriteBatch* batch) {
  rocksdb::WriteOptions options;
  options.sync = durability == Durability::synced;
  options.no_slowdown = true;
  count_nothing();
  rocksdb::Status status = database->Write(options, batch);
  for (int i = 0; status.IsIncomplete() && i < kBusyStepsMax; ++i) {
    std::this_thread::sleep_for(kBusyStep);
    status = database->Write(options, batch);
  }
  return status;
}

/// What a change says, and the mark of its commit in every table.
rocksdb::WriteBatch batch_of(const Database& database, const Pending& pending,
                             std::uint64_t commit) {
  rocksdb::WriteBatch batch(pending.octets() + (pending.size() + database.tables()) * kEntryExtra);
  for (std::size_t i = 0; i < pending.size(); ++i) {
    const Pending::Entry entry = pending[i];
    auto* const family = database.family(index_of(entry.table));
    const auto status = entry.value ? batch.Put(family, slice(entry.key), slice(*entry.value))
                                    : batch.Delete(family, slice(entry.key));
    ENSURE(status.ok());
  }
  const Bytes mark = mark_value(commit);
  for (std::size_t i = 0; i < database.tables(); ++i) {
    ENSURE(batch.Put(database.family(i), slice(kMarkKey), slice(mark)).ok());
  }
  return batch;
}

/// Has all tables written out, and waits for it; not longer than kWriteOutMax, nor once `open` says
/// no: RocksDB itself would wait for room on a full disk for ever.
Result<void> write_out(const Database& database, const std::function<bool()>& open) {
  std::vector<rocksdb::ColumnFamilyHandle*> families;
  for (std::size_t i = 0; i < database.tables(); ++i) families.push_back(database.family(i));
  rocksdb::FlushOptions options;
  options.wait = false;
  options.allow_write_stall = true;
  const auto begun = database->Flush(options, families);
  if (!begun.ok()) return failure(begun);
  const auto until = std::chrono::steady_clock::now() + kWriteOutMax;
  while (open() && std::chrono::steady_clock::now() < until) {
    std::uint64_t waiting = 0;
    for (auto* family : families) {
      std::uint64_t of_table = 0;
      database->GetIntProperty(family, rocksdb::DB::Properties::kNumImmutableMemTable, &of_table);
      waiting += of_table;
    }
    if (waiting == 0) return {};
    std::this_thread::sleep_for(kBusyStep);
  }
  return Failure{"the tables could not be written out"};
}

}  // namespace

struct Store::Parts {
  explicit Parts(const StoreOptions& given)
      : options(given),
        cache(rocksdb::NewLRUCache(kBlockCacheBytes)),
        reserve(std::make_shared<Reserve>(given.reserve_file, given.reserve_bytes)),
        disk(disk_of(given)) {}

  /// Opens the database, its tables agreeing about where they end. `no_space` as Database::open.
  Result<void> open(bool* no_space = nullptr) {
    auto opened = Database::open(options, cache, reserve, no_space);
    if (!opened && disk) {
      const auto mended = mend_manifest(options.directory);
      if (!mended) return mended.error();
      if (*mended) opened = Database::open(options, cache, reserve, no_space);
    }
    if (!opened) return opened.error();
    const auto agreed = agreed_mark(**opened, options.tables, options.added);
    if (!agreed) return agreed.error();
    commits = agreed->mark;
    tables_were_added = agreed->tables_were_added;
    database = *std::move(opened);
    given_up = false;
    shown.set(database);
    return {};
  }

  void give_up() {
    if (!std::exchange(given_up, true)) Database::give_up(database);
  }

  const StoreOptions options;
  const std::shared_ptr<rocksdb::Cache> cache;
  const std::shared_ptr<Reserve> reserve;
  const std::shared_ptr<rocksdb::FileSystem> disk;  // null in memory
  std::shared_ptr<Database> database;               // of the thread that commits
  Snapshot<Database> shown;                         // the same, for those who read
  std::atomic<State> stopped{State::open};
  std::uint64_t commits = 0;
  int renewals = 0;
  bool tables_were_added = false;
  bool given_up = false;  // the database: nobody changes it, and it may be shown still
};

struct Store::Change::Parts {
  std::shared_ptr<const Database> database;
  Pending pending;
};

Store::Change::Change(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Store::Change::Change(Change&&) noexcept = default;
Store::Change& Store::Change::operator=(Change&&) noexcept = default;
Store::Change::~Change() = default;

Result<std::optional<Bytes>> Store::Change::get(Table table, BytesView key) const {
  const auto said = parts_->pending.find(table, key);
  if (!said) return read(*parts_->database, table, key);
  if (!said->value) return std::optional<Bytes>{};
  return std::optional<Bytes>{Bytes(*said->value)};
}

void Store::Change::put(Table table, BytesView key, BytesView value) {
  parts_->pending.put(table, key, value);
}

void Store::Change::erase(Table table, BytesView key) { parts_->pending.erase(table, key); }

bool Store::Change::empty() const { return parts_->pending.size() == 0; }

Result<std::unique_ptr<Store>> Store::open(const StoreOptions& options) {
  auto parts = std::make_unique<Parts>(options);
  if (parts->disk) {
    if (auto there = entry_is_there(options.directory); !there) return there.error();
  }
  const auto opened = parts->open();
  if (!opened) return opened.error();
  return std::unique_ptr<Store>(new Store(std::move(parts)));
}

Store::Store(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Store::~Store() {
  if (state() != State::open) parts_->give_up();
}

Result<std::optional<Bytes>> Store::get(Table table, BytesView key) const {
  return read(*parts_->shown.get(), table, key);
}

Result<void> Store::scan(Table table, BytesView from, BytesView until, const Visit& visit) const {
  const auto database = parts_->shown.get();
  const rocksdb::Slice bound = slice(std::min(until, kMarkKey));
  rocksdb::ReadOptions options = reading();
  options.iterate_upper_bound = &bound;
  const std::unique_ptr<rocksdb::Iterator> at(
      database->get()->NewIterator(options, database->family(index_of(table))));
  for (at->Seek(slice(from)); at->Valid(); at->Next()) {
    if (!visit(view_of(at->key()), view_of(at->value()))) break;
  }
  if (!at->status().ok()) return failure(at->status());
  return {};
}

Result<std::optional<Bytes>> Store::last_key(Table table) const {
  const auto database = parts_->shown.get();
  const std::unique_ptr<rocksdb::Iterator> at(
      database->get()->NewIterator(reading(), database->family(index_of(table))));
  at->SeekToLast();
  if (at->Valid() && view_of(at->key()) == kMarkKey) at->Prev();
  if (!at->status().ok()) return failure(at->status());
  if (!at->Valid()) return std::optional<Bytes>{};
  return std::optional<Bytes>{Bytes(view_of(at->key()))};
}

Store::Change Store::unchanged() const {
  auto parts = std::make_unique<Change::Parts>();
  parts->database = parts_->shown.get();
  return Change(std::move(parts));
}

Store::Change Store::change() {
  auto parts = std::make_unique<Change::Parts>();
  parts->database = parts_->database;
  return Change(std::move(parts));
}

Store::Commit Store::commit(Change change, Durability durability) {
  switch (state()) {
    case State::failed:
      return Commit::failed;
    case State::no_space:
      return Commit::no_space;
    case State::open:
      break;
  }
  rocksdb::WriteBatch batch =
      batch_of(*parts_->database, change.parts_->pending, parts_->commits + 1);
  const rocksdb::Status status = write(*parts_->database, durability, &batch);
  if (status.ok()) {
    ++parts_->commits;
    return Commit::done;
  }
  // Incomplete: nothing of it was written, for lack of memory.
  const bool waits = status.IsIncomplete();
  if (waits && state() == State::open) return Commit::busy;
  trace(Level::error, "log_write_failed", {{"what", status.ToString()}});
  const bool renewable =
      (status.IsNoSpace() || waits) && parts_->database->trouble() != Trouble::failed;
  parts_->stopped = renewable ? State::no_space : State::failed;
  return renewable ? Commit::no_space : Commit::failed;
}

Store::State Store::state() const noexcept {
  const State stopped = parts_->stopped;
  if (stopped != State::open) return stopped;
  switch (parts_->shown.get()->trouble()) {
    case Trouble::none:
      return State::open;
    case Trouble::no_space:
      return State::no_space;
    case Trouble::failed:
      return State::failed;
  }
  return State::failed;
}

bool Store::tables_were_added() const { return parts_->tables_were_added; }

Result<void> Store::purge(std::span<const Stretch> stretches) {
  if (state() != State::open) return Failure{"the store takes nothing at the moment"};
  Database& database = *parts_->database;
  if (auto written = write_out(database, [this] { return state() == State::open; }); !written) {
    return written;
  }
  rocksdb::CompactRangeOptions options;
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
  options.allow_write_stall = true;
  for (const Stretch& stretch : stretches) {
    const rocksdb::Slice from = slice(stretch.from), through = slice(stretch.through);
    const auto status =
        database->CompactRange(options, database.family(index_of(stretch.table)), &from, &through);
    if (!status.ok()) return failure(status);
  }
  // Looks for files that nobody needs any more, the old journals among them, and deletes them.
  const auto deleted = database->EnableFileDeletions(true);
  if (!deleted.ok()) return failure(deleted);
  return {};
}

bool Store::renew(std::uint64_t others_bytes) {
  const Room now = room();
  if (!now.free_bytes) return false;
  if (now.missing_bytes > 0) parts_->reserve->refill(*now.free_bytes, others_bytes);
  if (state() != State::no_space || *now.free_bytes < others_bytes) return false;
  if (!parts_->given_up && parts_->renewals++ >= kRenewalsMax) {
    trace(Level::error, "log_store_renewed_too_often", {});
    parts_->stopped = State::failed;
    return false;
  }
  // The old one may be read by others still; it changes nothing any more, and what its threads say
  // of that is no fault of the disk.
  parts_->stopped = State::no_space;
  parts_->give_up();
  bool no_space = false;
  const auto opened = parts_->open(&no_space);
  if (!opened) {
    if (no_space) {
      trace(Level::warning, "log_store_full_again", {{"what", opened.error().what}});
      return false;
    }
    trace(Level::error, "log_store_renewal_failed", {{"what", opened.error().what}});
    parts_->stopped = State::failed;
    return false;
  }
  trace(Level::notice, "log_store_renewed", {});
  parts_->stopped = State::open;
  return true;
}

Store::Room Store::room() const {
  Room room;
  room.held_bytes = parts_->reserve->held_bytes();
  room.missing_bytes = parts_->reserve->missing_bytes();
  std::uint64_t free_bytes = 0;
  if (parts_->disk && parts_->disk
                          ->GetFreeSpace(parts_->options.directory.string(), rocksdb::IOOptions(),
                                         &free_bytes, nullptr)
                          .ok()) {
    room.free_bytes = free_bytes;
  }
  return room;
}

}  // namespace engine
