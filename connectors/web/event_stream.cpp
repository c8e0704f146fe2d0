#include "connectors/web/event_stream.hpp"

#include <fmt/format.h>

#include "engine/limits.hpp"

namespace connectors::web {

namespace limits = engine::limits;

Response event_stream_response() {
  Response response;
  response.content_type = "text/event-stream";
  response.then = Response::Then::stream;
  response.fields = {{"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}};
  return response;
}

std::string EventStream::retry_event(WebShard& shard) {
  return fmt::format("retry: {}\n\n", limits::kReconnectSoon.count() + shard.spread().count());
}

std::size_t EventStream::write(std::span<const engine::Wire> frames) {
  std::vector<engine::Wire> events;
  std::size_t taken = 0;
  // Piece by piece: what does not fit any more is not made in vain.
  while (taken < frames.size()) {
    const auto turn = frames.subspan(taken, std::min(frames.size() - taken, limits::kGatherFrames));
    events.clear();
    for (const engine::Wire& frame : turn) events.push_back(shard().events.of(frame));
    const std::size_t now = out().send(pipe_of_all(), events);
    taken += now;
    if (now < turn.size()) break;
  }
  return taken;
}

/// A reader of events has nothing to say. What comes is dropped, and not for ever.
void EventStream::take(std::string_view bytes) {
  dropped_ += bytes.size();
  if (dropped_ > limits::kHeaderBytes) finish();
}

std::string EventStream::goodbye(engine::CloseReason reason, std::string_view text) {
  return close_event(reason, text);
}

/// The end of the body. The peer's own end, or the deadline, closes the connection.
void EventStream::goodbye_is_out() { half_close(); }

}  // namespace connectors::web
