#pragma once
// A stream as server-sent events: the same objects, for readers that speak HTTP alone. Says, hears
// nothing; the end of the connection is the end of the body. Lives on its shard's thread.
#include "connectors/web/http_message.hpp"
#include "connectors/web/stream_connection.hpp"

namespace connectors::web {

/// The head of a stream's answer; its body lasts as long as the connection.
Response event_stream_response();

class EventStream final : public StreamConnection {
 public:
  EventStream(WebShard& shard, StreamSocket socket) : StreamConnection(shard, std::move(socket)) {}

  /// How long this reader waits before it comes back, should it lose us without a word: each its
  /// own, so that they do not all come at once.
  static std::string retry_event(WebShard& shard);

 private:
  std::size_t write(std::span<const engine::Wire> frames) override;
  void take(std::string_view bytes) override;
  std::string goodbye(engine::CloseReason reason, std::string_view text) override;
  void goodbye_is_out() override;

  std::size_t dropped_ = 0;  // octets that came behind the request
};

}  // namespace connectors::web
