#pragma once
// A socket that has become a stream: the way out to one reader, whatever it speaks; the two kinds
// are websocket_stream.hpp and event_stream.hpp. Owns no buffer while the client is silent and the
// socket takes everything. Lives on its shard's thread; keeps itself alive by the read it waits
// for.
#include <memory>
#include <string>

#include "connectors/web/out_queue.hpp"
#include "connectors/web/socket_lease.hpp"
#include "connectors/web/web_shard.hpp"
#include "engine/subscriber.hpp"

namespace connectors::web {

class StreamConnection : public engine::Outlet,
                         public Timed,
                         public std::enable_shared_from_this<StreamConnection> {
 public:
  /// Answers the request with `head`, joins the shard, and reads on; `early` came behind the
  /// request already.
  void start(std::string head, std::string_view early, engine::Filter filter,
             const engine::Start& from);

  std::size_t offer(std::span<const engine::Wire> frames) override;
  bool waiting() const override { return state_ == State::open && out_.waiting(); }
  void close(engine::CloseReason reason, std::string_view text) override;
  void on_deadline() override;

 protected:
  StreamConnection(WebShard& shard, SocketLease lease);

  enum class State : std::uint8_t { open, said_goodbye, finished };
  State state() const { return state_; }
  const engine::Member& member() const { return member_; }
  WebShard& shard() { return shard_; }
  OutQueue& out() { return out_; }

  void push(std::string bytes);
  /// The last bytes of ours: goodbye_is_out() comes when the socket has them.
  void say_goodbye(std::string bytes);
  void half_close();
  void finish();

 private:
  /// What the shard hands over, as this kind says it.
  virtual std::size_t write(std::span<const engine::Wire> frames) = 0;
  virtual void take(std::string_view bytes) = 0;  // what the reader sent
  virtual std::string goodbye(engine::CloseReason reason, std::string_view text) = 0;
  virtual void goodbye_is_out() = 0;

  void wait_read();
  void wait_write();
  void on_readable();
  void on_writable();

  WebShard& shard_;
  SocketLease lease_;
  OutQueue out_;
  engine::Member member_;  // whose stream it is
  std::uint64_t subscriber_ = 0;
  State state_ = State::open;
  bool wait_write_pending_ = false;

 protected:
  Pipe pipe() { return lease_.pipe(); }
};

}  // namespace connectors::web
