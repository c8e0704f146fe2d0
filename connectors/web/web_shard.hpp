#pragma once
// What the connections of one shard share. Lives on the shard's thread.
#include <array>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <memory>
#include <random>
#include <unordered_set>
#include <vector>

#include "connectors/web/event_wires.hpp"
#include "connectors/web/socket_watch.hpp"
#include "connectors/web/tls_session.hpp"
#include "engine/base/metrics.hpp"
#include "engine/engine.hpp"

namespace connectors::web {

class Api;
class Gate;
class StreamConnection;

/// A connection with a deadline: something has to happen before that second of its shard.
class Timed {
 public:
  virtual ~Timed() = default;
  virtual void on_deadline() = 0;
  virtual void on_drain() {}  // the engine stops
  std::uint64_t deadline = 0;
};

class WebShard {
 public:
  /// `tls`: what the front speaks; null for plain HTTP.
  WebShard(engine::Engine& engine, engine::Shard& shard, const Api& api, Gate& gate,
           std::shared_ptr<Tls> tls = nullptr);
  ~WebShard();

  engine::Engine& engine;
  engine::Shard& shard;
  const Api& api;
  Gate& gate;
  std::array<char, 64 * 1024> read_buffer;  // the one of this thread: silent clients own none
  EventWires events;
  SocketWatch sockets;                 // of the streams
  std::uint64_t proxy_trace_from = 0;  // the second from which a refused proxy is traced again

  /// A time below limits::kReconnectSpread, another one each time.
  std::chrono::milliseconds spread();

  /// For a connection at the front; null where plain HTTP is spoken.
  std::unique_ptr<TlsSession> new_tls();
  bool speaks_tls() const noexcept { return tls_ != nullptr; }
  /// What TLS sealed to send together goes out now, or at the end of this turn.
  void deliver();
  void deliver_soon();

  /// A stream, which is kept until it says so; what it is made of lasts until the turn is over.
  StreamConnection& keep(std::unique_ptr<StreamConnection> stream);
  void let_go(StreamConnection& stream);

  std::uint64_t second() const noexcept { return second_; }

  /// `timed` hears on_deadline() once its deadline has passed, until it is forgotten.
  void watch(Timed& timed, std::chrono::seconds from_now);
  void forget(Timed& timed);
  std::size_t timed() const noexcept { return timed_.size(); }

  /// The engine stops: those that wait for a request are let go, answers are the last of their
  /// connections, and streams that begin hear at once when to come back.
  void drain();
  bool draining() const noexcept { return draining_; }

  /// Once a second: deadlines. Ticks by itself from start() on.
  void tick();
  void start();

 private:
  std::unique_ptr<TlsThread> tls_;
  boost::asio::steady_timer timer_;
  std::unordered_set<Timed*> timed_;
  std::vector<std::unique_ptr<StreamConnection>> streams_, finished_;
  std::uint64_t second_ = 0;
  bool draining_ = false;
  bool delivers_soon_ = false;
  std::minstd_rand random_;
};

}  // namespace connectors::web
