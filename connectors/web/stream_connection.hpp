#pragma once
// A socket after its upgrade to WebSocket: the way out to one reader. Owns no buffer while the
// client is silent and the socket takes everything. Lives on its shard's thread; keeps itself alive
// by the read it waits for.
#include <memory>
#include <optional>

#include "connectors/web/out_queue.hpp"
#include "connectors/web/socket_lease.hpp"
#include "connectors/web/web_shard.hpp"
#include "connectors/web/websocket_frames.hpp"
#include "engine/subscriber.hpp"

namespace connectors::web {

class StreamConnection final : public engine::Outlet,
                               public Timed,
                               public std::enable_shared_from_this<StreamConnection> {
 public:
  StreamConnection(WebShard& shard, SocketLease lease);

  /// Answers the upgrade with `switching`, joins the shard, and reads on; `early` came behind the
  /// request already.
  void start(std::string switching, std::string_view early, engine::Filter filter,
             const engine::Start& from);

  std::size_t offer(std::span<const engine::Wire> frames) override;
  void close(engine::CloseReason reason, std::string_view text) override;
  void on_deadline() override;

 private:
  enum class State : std::uint8_t { open, said_goodbye, finished };

  void wait_read();
  void wait_write();
  void on_readable();
  void on_writable();
  void take(std::string_view bytes);
  void on_message(const Message& message);
  void on_text(std::string_view text);
  void answer_close(std::string_view payload);
  void goodbye_is_out();
  void finish();
  bool within_rate();

  WebShard& shard_;
  SocketLease lease_;
  OutQueue out_;
  FrameReader reader_;
  std::uint64_t subscriber_ = 0;
  State state_ = State::open;
  bool wait_write_pending_ = false;
  // After a goodbye: wait for the peer's; drop what a peer sends that breaks the protocol; or be
  // done as soon as ours is out, since the peer said its own first.
  enum class AfterGoodbye : std::uint8_t { listen, ignore, finish };
  AfterGoodbye after_goodbye_ = AfterGoodbye::listen;
  std::uint32_t messages_ = 0;  // of the client, in this second
  std::uint64_t messages_second_ = 0;
};

}  // namespace connectors::web
