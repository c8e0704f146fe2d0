#pragma once
// A stream as a WebSocket (RFC 6455): the engine's frames go out as they are, and the reader may
// say something too. Lives on its shard's thread.
#include "connectors/web/api.hpp"
#include "connectors/web/client_message.hpp"
#include "connectors/web/stream_connection.hpp"
#include "connectors/web/websocket_frames.hpp"

namespace connectors::web {

class WebSocketStream final : public StreamConnection {
 public:
  WebSocketStream(WebShard& shard, StreamSocket socket, Peer peer);

 private:
  std::size_t write(std::span<const engine::Wire> frames) override;
  void take(std::string_view bytes) override;
  std::string goodbye(engine::CloseReason reason, std::string_view text) override;
  void goodbye_is_out() override;

  void on_message(const Message& message);
  void on_text(std::string_view text);
  void on_receipt(const ClientMessage& message);
  void answer_close(std::string_view payload);
  bool within_rate();

  const Peer peer_;
  FrameReader reader_;
  // Anonymous: the last receipts, sequence and state. Absent before the first.
  std::unique_ptr<std::vector<std::uint64_t>> said_;
  // After a goodbye: wait for the peer's; drop what a peer sends that breaks the protocol; or be
  // done as soon as ours is out, since the peer said its own first.
  enum class AfterGoodbye : std::uint8_t { listen, ignore, finish };
  AfterGoodbye after_goodbye_ = AfterGoodbye::listen;
  std::uint32_t messages_ = 0;  // of the client, in this second
  std::uint64_t messages_second_ = 0;
};

}  // namespace connectors::web
