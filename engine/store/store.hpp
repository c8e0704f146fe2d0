#pragma once
// Tables on disk, in RocksDB: the only room that knows it. Keys and values are plain octets here;
// what they mean is their owner's business. Reading is for any thread, a Change and its commit for
// one thread alone.
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

struct StoreOptions {
  std::filesystem::path directory;
  std::span<const char* const> tables;  // a column family each; the first is "default"
  enum class Medium { disk, memory } medium = Medium::disk;
  int max_open_files = 256;
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

  /// Where a commit ended. After anything but `done` what the disk holds is not known, and nothing
  /// may be committed until another process has opened the folder: this one keeps it.
  enum class Commit { done, no_space, failed };

  static Result<std::unique_ptr<Store>> open(const StoreOptions& options);
  ~Store();

  Result<std::optional<Bytes>> get(Table table, BytesView key) const;

  /// Every key from `from` up to, not including, `until`, in order, while `visit` says true.
  using Visit = std::function<bool(BytesView key, BytesView value)>;
  Result<void> scan(Table table, BytesView from, BytesView until, const Visit& visit) const;

  /// The greatest key of a table.
  Result<std::optional<Bytes>> last_key(Table table) const;

  Change change();
  Commit commit(Change change, Durability durability);

  /// What the folder's disk has left for us; nothing in memory, or where it cannot be asked.
  std::optional<std::uint64_t> free_bytes() const;

 private:
  struct Parts;
  explicit Store(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace engine
