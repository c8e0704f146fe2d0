#pragma once
// Figures for the operator, in Prometheus' text format. Counting is one relaxed atomic addition and
// may happen on any thread; adding up happens when somebody asks. Metrics live as long as the
// process and carry no identifiers of people or organisations.
#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

namespace engine {

class Counter {
 public:
  void add(std::uint64_t n = 1) noexcept { value_.fetch_add(n, std::memory_order_relaxed); }
  std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

class Metrics {
 public:
  /// `labels` as they stand between the braces: `code="too_large"`. Calls with one name come with
  /// one help text; the returned reference stays valid.
  Counter& counter(std::string_view name, std::string_view help, std::string_view labels = {});
  /// `read` is called on the scraping thread.
  void gauge(std::string_view name, std::string_view help, std::function<double()> read,
             std::string_view labels = {});

  std::string text() const;

 private:
  struct Series {
    std::string name, help, labels;
    Counter counter;
    std::function<double()> read;
    enum class Kind { counter, gauge } kind = Kind::counter;
  };
  Series& series(std::string_view name, std::string_view help, std::string_view labels);

  mutable std::mutex mutex_;  // guards the list, not the figures
  std::deque<Series> series_;
};

}  // namespace engine
