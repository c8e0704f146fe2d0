#pragma once
// Gathered, non-blocking writes to one socket, sealed where it speaks TLS, and what did not fit.
// Empty and without memory of its own while the socket takes everything. Lives on its shard's
// thread.
#include <span>
#include <vector>

#include "connectors/web/pipe.hpp"
#include "engine/frame.hpp"

namespace connectors::web {

class OutQueue {
 public:
  /// Writes at once as much as fits and keeps the first frame that did not (whole or its rest);
  /// returns how many were taken. Takes none while something waits, nor once it is broken.
  std::size_t send(Pipe pipe, std::span<const engine::Wire> frames);

  /// Writes frames at once, or puts them, or what did not fit, behind what waits.
  void push(Pipe pipe, std::span<const engine::Wire> frames);
  void push(Pipe pipe, const engine::Wire& frame) { push(pipe, {&frame, 1}); }

  /// From now on small frames are kept, so that all that is said until release() is one write. They
  /// count as handed over: a connection that ends before release() has not been sent them, as
  /// little as one that ends with frames in its socket, and asks again from the last one that it
  /// saw.
  void hold() { holding_ = true; }
  /// Writes them, as far as they fit; what did not waits.
  void release(Pipe pipe);

  /// Writes what waits, as far as it fits; the octets that went.
  std::size_t flush(Pipe pipe);

  /// Whether the pipe's TLS holds something, after what it was given to send later.
  void look(Pipe pipe);

  bool waiting() const { return held_ || (!holding_ && !frames_.empty()); }
  /// The peer is gone: nothing will ever be written again.
  bool broken() const { return broken_; }
  std::size_t frames_waiting() const { return frames_.size(); }

 private:
  bool keep(std::span<const engine::Wire> frames);
  /// Octets written of `frames` less the first `offset`.
  std::size_t write(Pipe pipe, std::span<const engine::Wire> frames, std::size_t offset);

  std::vector<engine::Wire> frames_;
  std::size_t offset_ = 0;  // octets of the first that are gone already
  bool held_ = false;       // records of frames taken already, by the pipe's TLS
  bool broken_ = false;
  bool holding_ = false;  // frames_ are kept for release()
};

}  // namespace connectors::web
