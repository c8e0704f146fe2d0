#pragma once
// The real disk, with as much room as a test says. Any thread.
#include <rocksdb/file_system.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

namespace tests {

inline constexpr std::uint64_t kPlenty = 1UL << 40;

/// Counts how often it is asked how much there is.
class Scales final : public rocksdb::FileSystemWrapper {
 public:
  Scales() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "Scales"; }
  rocksdb::IOStatus GetFreeSpace(const std::string&, const rocksdb::IOOptions&,
                                 std::uint64_t* bytes, rocksdb::IODebugContext*) override {
    *bytes = free_bytes;
    ++questions_;
    questions_.notify_all();
    return rocksdb::IOStatus::OK();
  }
  /// Returns when it was asked so many times more.
  void wait_for(std::uint64_t questions) const {
    const std::uint64_t enough = questions_ + questions;
    for (std::uint64_t now = questions_; now < enough; now = questions_) questions_.wait(now);
  }

  std::atomic<std::uint64_t> free_bytes{kPlenty};

 private:
  std::atomic<std::uint64_t> questions_{0};
};

/// The real disk, on which no table is written out while it is held: what is written meanwhile
/// fills the memory there is for it. Let go before whoever uses it is closed. Any thread.
class HeldDisk final : public rocksdb::FileSystemWrapper {
 public:
  HeldDisk() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "HeldDisk"; }
  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override {
    if (name.ends_with(".sst")) held_.wait(true);
    return FileSystemWrapper::NewWritableFile(name, options, file, debug);
  }
  void hold() { held_ = true; }
  void let_go() {
    held_ = false;
    held_.notify_all();
  }

 private:
  std::atomic<bool> held_{false};
};

}  // namespace tests
