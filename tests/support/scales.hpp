#pragma once
// The real disk, with as much room as a test says. Any thread.
#include <rocksdb/file_system.h>

#include <atomic>
#include <cstdint>
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

}  // namespace tests
