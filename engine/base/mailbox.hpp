#pragma once
// Mailbox<T>: any thread posts, one thread drains all at once; one wake-up a batch, and a bound.
#include <algorithm>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

namespace engine {

template <class T>
class Mailbox {
 public:
  enum class Posted {
    wake,   // taken, and the drainer does not know yet: wake it
    taken,  // taken; the drainer has been woken already
    full,   // not taken
  };

  explicit Mailbox(std::size_t capacity) : capacity_(capacity) {}

  Posted post(T item) { return post(std::span<const T>(&item, 1)); }

  /// As many of them as there is room for, in order: `full` where that was not all.
  Posted post(std::span<const T> items) {
    const std::lock_guard lock(mutex_);
    const bool was_empty = items_.empty();
    const std::size_t taken = std::min(items.size(), capacity_ - items_.size());
    items_.insert(items_.end(), items.begin(), items.begin() + static_cast<std::ptrdiff_t>(taken));
    if (was_empty && taken > 0) return Posted::wake;
    return taken < items.size() ? Posted::full : Posted::taken;
  }

  std::vector<T> drain() {
    const std::lock_guard lock(mutex_);
    return std::exchange(items_, {});
  }

 private:
  const std::size_t capacity_;
  std::mutex mutex_;
  std::vector<T> items_;
};

}  // namespace engine
