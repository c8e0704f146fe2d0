#pragma once
// Gathered, non-blocking writes to one socket, and what did not fit. Empty and without memory of
// its own while the socket takes everything. Lives on its shard's thread.
#include <span>
#include <vector>

#include "engine/frame.hpp"

namespace connectors::web {

class OutQueue {
 public:
  /// Writes at once as much as fits and keeps the first frame that did not (whole or its rest);
  /// returns how many were taken. Takes none while something waits, nor once it is broken.
  std::size_t send(int socket, std::span<const engine::Wire> frames);

  /// Writes frames at once, or puts them, or what did not fit, behind what waits.
  void push(int socket, std::span<const engine::Wire> frames);
  void push(int socket, const engine::Wire& frame) { push(socket, {&frame, 1}); }

  /// Writes what waits, as far as it fits; the octets that went.
  std::size_t flush(int socket);

  bool waiting() const { return !frames_.empty(); }
  /// The peer is gone: nothing will ever be written again.
  bool broken() const { return broken_; }
  std::size_t frames_waiting() const { return frames_.size(); }

 private:
  /// Octets written of `frames` less the first `offset`.
  std::size_t write(int socket, std::span<const engine::Wire> frames, std::size_t offset);

  std::vector<engine::Wire> frames_;
  std::size_t offset_ = 0;  // octets of the first that are gone already
  bool broken_ = false;
};

}  // namespace connectors::web
