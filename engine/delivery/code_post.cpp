#include "engine/delivery/code_post.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/delivery/limits.hpp"

namespace engine::delivery {

namespace {

Channel* channel_of(const std::vector<std::unique_ptr<Channel>>& channels, Way way) {
  const auto found = std::find_if(channels.begin(), channels.end(), [&](const auto& channel) {
    return channel->way() == way && channel->sends_codes();
  });
  return found == channels.end() ? nullptr : found->get();
}

void count(Metrics& metrics, Way way, std::string_view outcome) {
  metrics
      .counter("tocsin_codes_total", "Codes that confirm an address, by what became of them",
               fmt::format("channel=\"{}\",outcome=\"{}\"", text(way), outcome))
      .add();
}

}  // namespace

bool CodePost::add(Way way, CodeMessage message) {
  if (waiting_.size() >= limits::kCodesWaiting) return false;
  waiting_.push_back({way, std::move(message)});
  return true;
}

void CodePost::send(const std::vector<std::unique_ptr<Channel>>& channels) {
  if (waiting_.empty()) return;
  std::deque<Waiting> left;
  for (Waiting& one : std::exchange(waiting_, {})) {
    Channel* channel = channel_of(channels, one.way);
    if (channel == nullptr || one.message.expires <= clock_.now()) {
      count(metrics_, one.way, "dropped");
    } else if (channel->room() == 0) {
      left.push_back(std::move(one));
    } else {
      const Way way = one.way;
      channel->send_code(std::move(one.message), [&metrics = metrics_, way](Attempted attempted) {
        count(metrics, way, attempted.outcome.fate == Fate::sent ? "sent" : "failed");
      });
    }
  }
  waiting_ = std::move(left);
}

}  // namespace engine::delivery
