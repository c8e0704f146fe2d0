#pragma once
// Codes on their way to somebody who types them in again: behind everything that is owed, in memory
// alone, for as long as they count. On the courier's thread.
#include <deque>
#include <memory>
#include <vector>

#include "engine/base/metrics.hpp"
#include "engine/channel.hpp"

namespace engine::delivery {

class CodePost {
 public:
  CodePost(const Clock& clock, Metrics& metrics) : clock_(clock), metrics_(metrics) {}

  /// False where limits::kCodesWaiting wait already.
  bool add(Way way, CodeMessage message);
  /// Hands over those for which a channel has room left. What has expired is dropped.
  void send(const std::vector<std::unique_ptr<Channel>>& channels);
  std::size_t waiting() const { return waiting_.size(); }

 private:
  struct Waiting {
    Way way = Way::sms;
    CodeMessage message;
  };

  const Clock& clock_;
  Metrics& metrics_;
  std::deque<Waiting> waiting_;  // the longest first
};

}  // namespace engine::delivery
