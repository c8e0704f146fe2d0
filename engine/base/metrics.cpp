#include "engine/base/metrics.hpp"

#include <fmt/format.h>

#include <iterator>

namespace engine {

void Histogram::observe(double seconds) noexcept {
  std::size_t bucket = 0;
  while (bucket < kBounds.size() && seconds > kBounds[bucket]) ++bucket;
  buckets_[bucket].fetch_add(1, std::memory_order_relaxed);
  sum_us_.fetch_add(static_cast<std::uint64_t>(seconds * 1e6), std::memory_order_relaxed);
}

Metrics::Series& Metrics::series(std::string_view name, std::string_view help,
                                 std::string_view labels) {
  const std::lock_guard lock(mutex_);
  for (auto& known : series_) {
    if (known.name == name && known.labels == labels) return known;
  }
  auto& fresh = series_.emplace_back();
  fresh.name = name;
  fresh.help = help;
  fresh.labels = labels;
  return fresh;
}

Counter& Metrics::counter(std::string_view name, std::string_view help, std::string_view labels) {
  return series(name, help, labels).counter;
}

Histogram& Metrics::histogram(std::string_view name, std::string_view help) {
  auto& entry = series(name, help, {});
  entry.kind = Series::Kind::histogram;
  return entry.histogram;
}

void Metrics::gauge(std::string_view name, std::string_view help, std::function<double()> read,
                    std::string_view labels) {
  auto& entry = series(name, help, labels);
  entry.kind = Series::Kind::gauge;
  entry.read = std::move(read);
}

void Metrics::write_histogram(std::string& out, const Series& series) {
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < Histogram::kBounds.size(); ++i) {
    total += series.histogram.buckets_[i].load(std::memory_order_relaxed);
    fmt::format_to(std::back_inserter(out), "{}_bucket{{le=\"{}\"}} {}\n", series.name,
                   Histogram::kBounds[i], total);
  }
  total += series.histogram.buckets_.back().load(std::memory_order_relaxed);
  fmt::format_to(
      std::back_inserter(out), "{0}_bucket{{le=\"+Inf\"}} {1}\n{0}_sum {2}\n{0}_count {1}\n",
      series.name, total,
      static_cast<double>(series.histogram.sum_us_.load(std::memory_order_relaxed)) / 1e6);
}

std::string Metrics::text() const {
  const std::lock_guard lock(mutex_);
  std::string out;
  const auto append = std::back_inserter(out);
  for (std::size_t i = 0; i < series_.size(); ++i) {
    const std::string& family = series_[i].name;
    bool written = false;  // families are kept together, whatever the order of registration
    for (std::size_t j = 0; j < i && !written; ++j) written = series_[j].name == family;
    if (written) continue;
    constexpr const char* kKinds[] = {"counter", "gauge", "histogram"};
    fmt::format_to(append, "# HELP {0} {1}\n# TYPE {0} {2}\n", family, series_[i].help,
                   kKinds[static_cast<int>(series_[i].kind)]);
    for (const auto& series : series_) {
      if (series.name != family) continue;
      if (series.kind == Series::Kind::histogram) {
        write_histogram(out, series);
        continue;
      }
      const std::string labels = series.labels.empty() ? "" : "{" + series.labels + "}";
      if (series.kind == Series::Kind::gauge) {
        fmt::format_to(append, "{}{} {}\n", family, labels, series.read());
      } else {
        fmt::format_to(append, "{}{} {}\n", family, labels, series.counter.value());
      }
    }
  }
  return out;
}

}  // namespace engine
