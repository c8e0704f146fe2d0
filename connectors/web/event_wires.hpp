#pragma once
// The stream's objects as server-sent events: made out of the frames that WebSockets are sent, once
// a shard and frame, not once a connection. Lives on its shard's thread.
#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

#include "engine/close_reason.hpp"
#include "engine/frame.hpp"

namespace connectors::web {

/// The event of one object:
///
///     id: <epoch>:<seq>        where the reader stands once it has this; not with every object
///     data: {"type":…}
///     <empty line>
///
/// An alert's id is its sequence, `live` has its own, and a beat's is its `head`: a beat is sent
/// only when everything up to there has been handed over.
std::string event_text(std::string_view json, std::string_view epoch);

/// The last event: named `close`, with the code, and when to come back.
std::string close_event(engine::CloseReason reason, std::string_view text);

class EventWires {
 public:
  explicit EventWires(engine::Epoch epoch) : epoch_(std::move(epoch)) {}

  /// The events of the objects in `frame`, an unmasked text frame of one object a line.
  engine::Wire of(const engine::Wire& frame);

  std::size_t bytes() const { return bytes_; }

 private:
  struct Entry {
    engine::Wire frame, event;
  };
  const engine::Epoch epoch_;
  std::unordered_map<const std::string*, Entry> made_;  // by the frame, which they keep alive
  std::deque<const std::string*> order_;                // the oldest first
  std::size_t bytes_ = 0;                               // of frames and events
};

}  // namespace connectors::web
