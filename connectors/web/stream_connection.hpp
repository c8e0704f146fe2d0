#pragma once
// A socket that has become a stream: the way out to one reader, whatever it speaks; the two kinds
// are websocket_stream.hpp and event_stream.hpp. Owns no buffer while the client is silent and the
// socket takes everything. Lives on its shard's thread; its shard's connections keep it
// (WebShard::keep) until it has finished and the turn is over.
#include <cstddef>
#include <string>

#include "connectors/web/out_queue.hpp"
#include "connectors/web/socket_watch.hpp"
#include "connectors/web/stream_socket.hpp"
#include "connectors/web/web_shard.hpp"
#include "engine/subscriber.hpp"

namespace connectors::web {

class StreamConnection : public engine::Outlet, public Timed, public Watched, public TlsOwner {
 public:
  StreamConnection(const StreamConnection&) = delete;
  StreamConnection& operator=(const StreamConnection&) = delete;

  /// Answers the request with `head`, joins the shard, and reads on; `early` came behind the
  /// request already.
  void start(std::string head, std::string_view early, engine::Filter filter,
             const engine::Start& from);

  std::size_t offer(std::span<const engine::Wire> frames) override;
  bool waiting() const override;
  void close(engine::CloseReason reason, std::string_view text) override;
  void on_deadline() override;
  void on_readable() override;
  void on_room() override;
  void on_held() override;

  std::size_t place_in_shard = 0;  // of WebShard

 protected:
  StreamConnection(WebShard& shard, StreamSocket socket);

  enum class State : std::uint8_t { open, said_goodbye, finished };
  State state() const { return state_; }
  /// Whose stream it is.
  const engine::Member& member() const { return shard_.shard.member(subscriber_); }
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

  void wait_for_room();

  WebShard& shard_;
  StreamSocket socket_;
  OutQueue out_;
  std::uint64_t subscriber_ = 0;
  State state_ = State::open;
  bool waits_for_room_ = false;

 protected:
  Pipe pipe() const { return socket_.pipe(); }
  /// For what the shard hands over.
  Pipe pipe_of_all() {
    const Pipe own = pipe();
    return {own.socket, own.tls, this};
  }
};

}  // namespace connectors::web
