#pragma once
// Snapshot<T>: an immutable value that is replaced whole, read by any thread.
#include <memory>
#include <mutex>
#include <utility>

namespace engine {

template <class T>
class Snapshot {
 public:
  explicit Snapshot(std::shared_ptr<const T> value = nullptr) : value_(std::move(value)) {}

  std::shared_ptr<const T> get() const {
    const std::lock_guard lock(mutex_);
    return value_;
  }
  void set(std::shared_ptr<const T> value) {
    const std::lock_guard lock(mutex_);
    value_ = std::move(value);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const T> value_;
};

}  // namespace engine
