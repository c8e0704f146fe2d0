#pragma once
// Tables on disk, in RocksDB: the only room that knows it. Keys and values are plain octets here;
// what they mean is their owner's business. Reading is for any thread, a Change, its commit and
// renew() for one thread alone.
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "engine/base/bytes.hpp"
#include "engine/base/result.hpp"

namespace engine {

/// A table by its place among the names a store is opened with; owners name theirs.
enum class Table : std::uint8_t {};

enum class Durability { synced, lazy };  // lazy: may be lost, and is then done again

struct StoreTrial;  // trial.hpp: what tests put beneath a store

struct StoreOptions {
  std::filesystem::path directory;
  std::span<const char* const> tables;  // a column family each; the first is "default"
  std::size_t added = 0;  // the last so many of them: a folder of an earlier version has none
  enum class Medium { disk, memory } medium = Medium::disk;
  int max_open_files = 256;
  std::filesystem::path reserve_file = {};  // room held for when the disk is full; see Room
  std::uint64_t reserve_bytes = 0;          // 0: none
  std::shared_ptr<const StoreTrial> trial = nullptr;
};

class Store {
 public:
  /// What one commit does: all of it or nothing. Reads through it see what it is about to do.
  class Change {
   public:
    Change(Change&&) noexcept;
    Change& operator=(Change&&) noexcept;
    ~Change();

    Result<std::optional<Bytes>> get(Table table, BytesView key) const;
    void put(Table table, BytesView key, BytesView value);
    void erase(Table table, BytesView key);
    bool empty() const;

   private:
    friend class Store;
    struct Parts;
    explicit Change(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
  };

  /// Where a commit ended: `busy` wrote nothing and may be tried again. After `no_space` and
  /// `failed` what the disk holds of it is not known, and every further commit ends the same way:
  /// after `no_space` until renew() says yes, after `failed` (a write or a sync that the disk did
  /// not do) until another process has opened the folder.
  enum class Commit { done, busy, no_space, failed };
  enum class State : std::uint8_t { open, no_space, failed };

  /// What there is to write on. The reserve is a file that holds its room, so that nobody else
  /// fills it: journal and tables are written from it where the disk is full.
  struct Room {
    std::optional<std::uint64_t> free_bytes;  // nothing in memory, or where it cannot be asked
    std::uint64_t held_bytes = 0;             // by the reserve, beside what is free
    std::uint64_t missing_bytes = 0;          // that the reserve has given and should hold
  };

  static Result<std::unique_ptr<Store>> open(const StoreOptions& options);
  ~Store();

  Result<std::optional<Bytes>> get(Table table, BytesView key) const;

  /// Every key from `from` up to, not including, `until`, in order, while `visit` says true.
  using Visit = std::function<bool(BytesView key, BytesView value)>;
  Result<void> scan(Table table, BytesView from, BytesView until, const Visit& visit) const;

  /// The greatest key of a table.
  Result<std::optional<Bytes>> last_key(Table table) const;

  /// What is committed, for reading alone: any thread, also while renew() replaces the store.
  Change unchanged() const;

  Change change();
  Commit commit(Change change, Durability durability);

  State state() const noexcept;

  /// Whether added tables were not there when it was opened, and are empty.
  bool tables_were_added() const;

  /// The keys of a table from `from` to `through`, both included.
  struct Stretch {
    Table table{};
    Bytes from, through;
  };
  /// Leaves no octet in the folder of what was overwritten or erased in these stretches before: all
  /// tables are written out, so that the journal so far goes, and what holds the stretches is
  /// written anew. What of it other threads are reading goes when they have done. Between commits;
  /// takes as long as it takes to write some files of a stretch.
  Result<void> purge(std::span<const Stretch> stretches);

  /// Once in a while where the disk is or was full, between commits: holds the reserve again where
  /// that leaves `others_bytes` free, and opens the store anew where it had stopped for want of
  /// room. True if it did: what was in doubt is then decided, as after a restart.
  bool renew(std::uint64_t others_bytes);

  Room room() const;

 private:
  struct Parts;
  explicit Store(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace engine
