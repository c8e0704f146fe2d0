#pragma once
// Whose turn it is to read a page of the log, so that however many readers catch up at once, what
// they hold in memory is bounded: a few pages on their way, and of those whose sockets are full the
// one frame that waits there. Lives on its shard's thread.
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include "engine/limits.hpp"

namespace engine {

class PageLine {
 public:
  /// Lines up. Who left in the meantime is recognised by the caller when its turn comes.
  void ask(std::uint64_t reader) { waiting_.push_back(reader); }

  /// The next one, whose page is on its way from now on; nobody while kPagesAtOnce are, or while
  /// full sockets hold kHeldBytes, or those that are being closed do.
  std::optional<std::uint64_t> next() {
    if (waiting_.empty() || reading_ >= limits::kPagesAtOnce || held_bytes_ >= limits::kHeldBytes ||
        leaving_bytes_ >= limits::kHeldBytes) {
      return std::nullopt;
    }
    ++reading_;
    const std::uint64_t reader = waiting_.front();
    waiting_.pop_front();
    return reader;
  }

  /// A page has come and was handed over, or its reader is gone.
  void arrived() { --reading_; }

  /// A full socket keeps so much, until it is released.
  void hold(std::size_t bytes) { held_bytes_ += bytes; }
  void release(std::size_t bytes) { held_bytes_ -= bytes; }

  /// It is being closed, and keeps so much until it is gone.
  void leave(std::size_t bytes) {
    held_bytes_ -= bytes;
    leaving_bytes_ += bytes;
  }
  void left(std::size_t bytes) { leaving_bytes_ -= bytes; }

  /// Somebody waits for what full sockets hold.
  bool stuck() const { return !waiting_.empty() && held_bytes_ >= limits::kHeldBytes; }

 private:
  std::deque<std::uint64_t> waiting_;
  std::size_t reading_ = 0;
  std::size_t held_bytes_ = 0;
  std::size_t leaving_bytes_ = 0;
};

}  // namespace engine
