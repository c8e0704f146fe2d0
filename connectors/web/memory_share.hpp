#pragma once
// A part of memory that all connections have in common. Any thread takes and gives back; a share
// itself belongs to one connection.
#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

namespace connectors::web {

class MemoryPool {
 public:
  explicit MemoryPool(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  /// `kept_free` is for others, and not for this one.
  bool take(std::size_t bytes, std::size_t kept_free = 0) {
    if (taken_.fetch_add(bytes) + bytes + kept_free <= bytes_max_) return true;
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
  explicit MemoryShare(std::shared_ptr<MemoryPool> pool) : pool_(std::move(pool)) {}
  MemoryShare(const MemoryShare&) = delete;
  MemoryShare& operator=(const MemoryShare&) = delete;
  ~MemoryShare() { pool_->give(bytes_); }

  /// Has that much from now on, more or less than before; false, and nothing changed, where the
  /// pool has no more but what is kept free.
  bool resize(std::size_t bytes, std::size_t kept_free = 0) {
    if (bytes > bytes_ && !pool_->take(bytes - bytes_, kept_free)) return false;
    if (bytes < bytes_) pool_->give(bytes_ - bytes);
    bytes_ = bytes;
    return true;
  }
  std::size_t bytes() const { return bytes_; }

 private:
  const std::shared_ptr<MemoryPool> pool_;
  std::size_t bytes_ = 0;
};

}  // namespace connectors::web
