#include "engine/base/metrics.hpp"

#include <fmt/format.h>

#include <iterator>

namespace engine {

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

void Metrics::gauge(std::string_view name, std::string_view help, std::function<double()> read,
                    std::string_view labels) {
  auto& entry = series(name, help, labels);
  entry.kind = Series::Kind::gauge;
  entry.read = std::move(read);
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
    constexpr const char* kKinds[] = {"counter", "gauge"};
    fmt::format_to(append, "# HELP {0} {1}\n# TYPE {0} {2}\n", family, series_[i].help,
                   kKinds[static_cast<int>(series_[i].kind)]);
    for (const auto& series : series_) {
      if (series.name != family) continue;
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
