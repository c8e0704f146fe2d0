#pragma once
// The disk as RocksDB sees it. Two guards stand before it: a write that finds the disk full is
// paid from the reserve, as long as there is one, and a database that was given up can change
// nothing any more, whatever its threads still try. Any thread.
#include <rocksdb/file_system.h>

#include <atomic>
#include <mutex>
#include <set>

#include "engine/store/reserve.hpp"

namespace engine {

class GuardedDisk final : public rocksdb::FileSystemWrapper {
 public:
  GuardedDisk(const std::shared_ptr<rocksdb::FileSystem>& disk, std::shared_ptr<Reserve> reserve);
  ~GuardedDisk() override = default;

  const char* Name() const override { return "GuardedDisk"; }

  /// From here on nothing is changed through this disk: every attempt is answered with an error.
  void close_for_good() noexcept { closed_.store(true, std::memory_order_release); }
  bool closed() const noexcept { return closed_.load(std::memory_order_acquire); }

  /// Closes what was left open and gives the lock back, once nobody works with it any more.
  void release();

  /// Marks what the calling thread writes as not worth the reserve: compaction can wait.
  static void spare_reserve(int compactions);

  template <class Change>
  rocksdb::IOStatus change(std::uint64_t bytes, const Change& change);

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
  rocksdb::IOStatus LockFile(const std::string& path, const rocksdb::IOOptions& options,
                             rocksdb::FileLock** lock, rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus UnlockFile(rocksdb::FileLock* lock, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;

 private:
  class File;
  class Folder;
  bool has_free(std::uint64_t bytes) const;
  void forget(File* file);
  rocksdb::IOStatus keep(const std::string& path, std::unique_ptr<rocksdb::FSWritableFile>* file,
                         std::uint64_t size);

  const std::shared_ptr<Reserve> reserve_;
  std::atomic<bool> closed_{false};
  std::mutex mutex_;  // of what follows
  std::set<File*> files_;
  std::set<rocksdb::FileLock*> locks_;
};

}  // namespace engine
