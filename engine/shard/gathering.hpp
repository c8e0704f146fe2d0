#pragma once
// Whether the next turn of a shard waits for what is about to be durable. A turn over many readers
// costs far more than a commit, and one frame more costs a turn little. At rest nothing is under
// way and nothing is waited for. No I/O; lives on its shard's thread.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>

#include "engine/limits.hpp"

namespace engine {

class Gathering {
 public:
  using Instant = std::chrono::steady_clock::time_point;
  using Span = std::chrono::steady_clock::duration;

  /// A turn is over, and took so long.
  void turn_took(Span span) { last_turn_ = span; }

  /// How much longer the turn should wait that has so many frames to hand out, while so many
  /// appends are under way; nothing: it begins now.
  std::optional<Span> wait(std::size_t frames, std::size_t under_way, Instant now) {
    const Span patience = std::min<Span>(last_turn_ / limits::kGatherShare, limits::kGatherMax);
    const bool worth_it = frames > 0 && frames < limits::kGatherEnough && under_way > 0 &&
                          patience >= limits::kGatherLeast;
    if (worth_it && !since_) since_ = now;
    if (worth_it && now < *since_ + patience) return *since_ + patience - now;
    since_.reset();
    return std::nullopt;
  }

 private:
  Span last_turn_{0};
  std::optional<Instant> since_;
};

}  // namespace engine
