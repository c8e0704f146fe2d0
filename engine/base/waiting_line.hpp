#pragma once
// A bounded queue between the many threads that ask and the one that works: bounded by count and by
// weight, so that neither many small nor few large things fill the memory.
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <vector>

namespace engine {

enum class Entry { taken, full, closed };

template <class T>
class WaitingLine {
 public:
  WaitingLine(std::size_t count_max, std::size_t weight_max)
      : count_max_(count_max), weight_max_(weight_max) {}

  /// Moves `item` in if it is taken and leaves it alone if not. One that is heavier than all that
  /// may wait is taken when nothing else waits.
  Entry enter(T& item, std::size_t weight) {
    {
      const std::lock_guard lock(mutex_);
      if (closed_) return Entry::closed;
      if (!waiting_.empty() && (waiting_.size() >= count_max_ || weight_ + weight > weight_max_)) {
        return Entry::full;
      }
      waiting_.push_back({std::move(item), weight});
      weight_ += weight;
    }
    wake_.notify_one();
    return Entry::taken;
  }

  /// The next ones in order: at least one if any waits, at most `count_max`, and no further one
  /// that would make them heavier than `weight_max`. Waits up to `patience` for the first.
  std::vector<T> take(std::size_t count_max, std::size_t weight_max,
                      std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    if (patience.count() > 0) {
      wake_.wait_for(lock, patience, [this] { return closed_ || nudged_ || !waiting_.empty(); });
    }
    nudged_ = false;
    std::vector<T> taken;
    std::size_t taken_weight = 0;
    while (!waiting_.empty() && taken.size() < count_max) {
      const std::size_t weight = waiting_.front().weight;
      if (!taken.empty() && taken_weight + weight > weight_max) break;
      taken.push_back(std::move(waiting_.front().item));
      waiting_.pop_front();
      taken_weight += weight;
    }
    weight_ -= taken_weight;
    return taken;
  }

  /// Whoever waits in take(), or does next, is given back its thread, with nothing.
  void nudge() {
    {
      const std::lock_guard lock(mutex_);
      nudged_ = true;
    }
    wake_.notify_one();
  }

  /// Nothing enters any more; what waits may still be taken.
  void close() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    wake_.notify_all();
  }

  bool finished() const {
    const std::lock_guard lock(mutex_);
    return closed_ && waiting_.empty();
  }

 private:
  struct Waiting {
    T item;
    std::size_t weight;
  };
  const std::size_t count_max_;
  const std::size_t weight_max_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Waiting> waiting_;
  std::size_t weight_ = 0;
  bool closed_ = false;
  bool nudged_ = false;
};

}  // namespace engine
