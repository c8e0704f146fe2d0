#pragma once
// A disk for RocksDB that keeps its word and no more. It is a real folder, and beside it is
// remembered what was never synced: ends of files, and names that were made, changed or removed. At
// a power loss these are forgotten, in part or whole, and what is left of them is torn. Any
// operation can be made to fail. Any thread.
#include <rocksdb/file_system.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace tests {

enum class DiskOp : std::uint8_t { open, write, sync, rename, remove, sync_folder };
const char* name_of(DiskOp op);

/// What the disk is asked to do to the one who counts its operations.
struct DiskFault {
  std::optional<DiskOp> op;  // of which kind; nothing: of any
  std::uint64_t nth = 0;     // counted from 1; 0: never
  int error = 0;             // EIO, ENOSPC; 0: the power goes
  enum class Lasts { once, until_mended } lasts = Lasts::once;
};

class FaultDisk final : public rocksdb::FileSystemWrapper {
 public:
  /// `trash` is a folder on the same disk, outside of what RocksDB sees.
  FaultDisk(std::filesystem::path trash, std::uint64_t seed);

  const char* Name() const override { return "FaultDisk"; }

  /// From now on, counting from here.
  void fail(DiskFault fault);
  /// The disk does again what it is asked. True if the fault was met.
  bool mend();
  bool met() const;
  std::uint64_t operations() const noexcept { return operations_; }

  /// What else the power takes, and what happens after: `after` does not return.
  void on_power_loss(std::function<void()> after) { after_ = std::move(after); }
  /// Forgets what was not synced, calls what was set, and never returns; whoever else works with
  /// the disk stands still.
  [[noreturn]] void lose_power();

  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus ReopenWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* file,
                                       rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewDirectory(const std::string& path, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* folder,
                                 rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus GetFreeSpace(const std::string& path, const rocksdb::IOOptions& options,
                                 std::uint64_t* bytes, rocksdb::IODebugContext* debug) override;

 private:
  class File;
  class Folder;
  struct Extent {
    std::uint64_t size = 0;
    std::uint64_t synced = 0;
  };
  /// A name that was changed and not synced: what has to be done to have it as it was.
  struct NameChange {
    enum class Kind : std::uint8_t { made, renamed, removed } kind;
    std::string path;    // made, removed; or the new name
    std::string before;  // the old name
    std::string kept;    // in the trash: what stood there
    Extent kept_extent;
  };

  rocksdb::IOStatus step(DiskOp op, const std::string& path);
  rocksdb::IOStatus answer_of(int error, const std::string& path) const;
  std::string keep(const std::string& path);
  void forget_names();
  void take_back(const NameChange& change);
  void tear(const std::string& path, const Extent& extent);
  std::uint64_t below(std::uint64_t limit);

  const std::filesystem::path trash_;
  std::function<void()> after_;
  mutable std::mutex mutex_;  // of what follows
  std::mt19937_64 random_;
  std::map<std::string, Extent> extents_;
  std::map<std::string, std::vector<NameChange>> changes_;  // by folder, in their order
  DiskFault fault_;
  std::uint64_t counted_ = 0;
  std::atomic<std::uint64_t> operations_{0};
  std::uint64_t trashed_ = 0;
  bool met_ = false;
};

}  // namespace tests
