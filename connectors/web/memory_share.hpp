#pragma once
// A part of memory that all connections have in common. Any thread takes and gives back; a share
// itself belongs to one connection.
#include <atomic>
#include <cstddef>
#include <utility>

namespace connectors::web {

class MemoryPool {
 public:
  explicit MemoryPool(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  bool take(std::size_t bytes) {
    if (taken_.fetch_add(bytes) + bytes <= bytes_max_) return true;
    taken_.fetch_sub(bytes);
    return false;
  }
  void give(std::size_t bytes) { taken_.fetch_sub(bytes); }
  std::size_t taken() const { return taken_.load(); }

 private:
  const std::size_t bytes_max_;
  std::atomic<std::size_t> taken_{0};
};

/// What one connection has of a pool; given back when this ends.
class MemoryShare {
 public:
  explicit MemoryShare(MemoryPool& pool) : pool_(pool) {}
  MemoryShare(const MemoryShare&) = delete;
  MemoryShare& operator=(const MemoryShare&) = delete;
  ~MemoryShare() { pool_.give(bytes_); }

  /// Has that much from now on, more or less than before; false, and nothing changed, where the
  /// pool has no more.
  bool resize(std::size_t bytes) {
    if (bytes > bytes_ && !pool_.take(bytes - bytes_)) return false;
    if (bytes < bytes_) pool_.give(bytes_ - bytes);
    bytes_ = bytes;
    return true;
  }

 private:
  MemoryPool& pool_;
  std::size_t bytes_ = 0;
};

}  // namespace connectors::web
