#pragma once
// Mailbox<T>: any thread posts, one thread drains all at once; one wake-up a batch, and a bound.
#include <mutex>
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

  Posted post(T item) {
    const std::lock_guard lock(mutex_);
    if (items_.size() >= capacity_) return Posted::full;
    items_.push_back(std::move(item));
    return items_.size() == 1 ? Posted::wake : Posted::taken;
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
