#include "engine/log/rate_window.hpp"

#include <algorithm>

namespace engine {

void RateWindow::add(const Spending& spending) {
  const auto later = std::upper_bound(
      spent_.begin(), spent_.end(), spending,
      [](const Spending& left, const Spending& right) { return left.at < right.at; });
  spent_.insert(later, spending);
}

RateWindow::Tidied RateWindow::forget(Time now) {
  Tidied tidied;
  std::vector<Spending>& dropped = tidied.dropped;
  for (; !spent_.empty() && spent_.front().at <= now - kLength; spent_.pop_front()) {
    dropped.push_back(spent_.front());
  }
  for (; !spent_.empty() && spent_.back().at >= now + kLength; spent_.pop_back()) {
    dropped.push_back(spent_.back());
  }
  for (auto late = spent_.rbegin(); late != spent_.rend() && late->at > now; ++late) {
    dropped.push_back(*late);
    late->at = now;
    tidied.moved.push_back(*late);
  }
  return tidied;
}

std::optional<Duration> RateWindow::wait(std::size_t limit, Time now) const {
  if (spent_.size() < limit) return std::nullopt;
  if (limit == 0) return kLength;
  return spent_[spent_.size() - limit].at + kLength - now;
}

}  // namespace engine
