#include "connectors/web/server.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/post.hpp>

#include "connectors/web/http_exchange.hpp"
#include "connectors/web/proxy_greeting.hpp"
#include "connectors/web/turn_away.hpp"
#include "engine/base/trace.hpp"
#include "engine/limits.hpp"

namespace connectors::web {

namespace limits = engine::limits;
using boost::asio::ip::tcp;
using engine::Failure;
using engine::Result;

Server::Server(engine::Engine& engine, const ServerOptions& options)
    : engine_(engine),
      options_(options),
      clerk_(Clerk::Threads::own),
      api_(engine, clerk_, options.connections_max, options.own, options.outbox, options.answers),
      gate_({options.connections_max + limits::kRequestPlaces, options.connections_per_address_max,
             options.trusted_proxies}),
      front_{tcp::acceptor(engine.shards().front()->io()),
             boost::asio::steady_timer(engine.shards().front()->io()), Door::front},
      admin_{tcp::acceptor(engine.shards().front()->io()),
             boost::asio::steady_timer(engine.shards().front()->io()), Door::admin},
      spare_descriptor_(::open("/dev/null", O_RDONLY | O_CLOEXEC)) {
  for (auto& shard : engine.shards()) {
    auto& web =
        shards_.emplace_back(std::make_unique<WebShard>(engine, *shard, api_, gate_, options_.tls));
    web->start();
  }
  if (options.tls) {
    engine.warn_also([tls = options.tls] { return tls->warnings(); });
  }
  engine.metrics().gauge("tocsin_connections", "Connections open, streams and requests",
                         [this] { return static_cast<double>(gate_.connections()); });
}

Server::~Server() {
  clerk_.stop();  // what it still does answers through the rest
  if (spare_descriptor_ >= 0) ::close(spare_descriptor_);
}

Result<void> Server::open() {
  if (auto opened = open(front_, options_.listen); !opened) return opened;
  if (options_.admin) return open(admin_, *options_.admin);
  return {};
}

Result<void> Server::open(Listener& listener, const tcp::endpoint& endpoint) {
  boost::system::error_code error;
  auto& acceptor = listener.acceptor;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(4096, error);
  if (error) {
    return Failure{
        fmt::format("Cannot listen on {}:{}: {}. Stop what listens there, or give "
                    "another --listen.",
                    endpoint.address().to_string(), endpoint.port(), error.message())};
  }
  accept(listener);
  return {};
}

void Server::drain() {
  boost::asio::post(engine_.shards().front()->io(), [this] { stop_accepting(); });
  for (auto& web : shards_) boost::asio::post(web->shard.io(), [&web] { web->drain(); });
}

void Server::settle() { clerk_.stop(); }

std::size_t Server::connections() const { return gate_.connections(); }

void Server::stop_accepting() {
  boost::system::error_code ignored;
  for (Listener* listener : {&front_, &admin_}) {
    listener->pause.cancel();
    listener->acceptor.close(ignored);
  }
}

void Server::accept(Listener& listener) {
  WebShard& shard = *shards_[next_shard_];
  next_shard_ = (next_shard_ + 1) % shards_.size();
  listener.acceptor.async_accept(shard.shard.io(), [this, &listener, &shard](
                                                       boost::system::error_code error,
                                                       tcp::socket socket) {
    if (error == boost::asio::error::operation_aborted || !listener.acceptor.is_open()) return;
    if (error == boost::asio::error::no_descriptors || error.value() == ENFILE ||
        error == boost::asio::error::no_memory || error == boost::asio::error::no_buffer_space) {
      return out_of_descriptors(listener);
    }
    if (!error) welcome(shard, std::move(socket), listener.door);
    accept(listener);
  });
}

void Server::welcome(WebShard& shard, tcp::socket socket, Door door) {
  boost::system::error_code error;
  const auto peer = unmapped(socket.remote_endpoint(error).address());
  if (error) return;  // gone already
  auto place = door == Door::admin ? gate_.enter_admin() : gate_.enter(peer);
  if (!place) {
    const bool by_tls = options_.tls && door == Door::front;
    return turn_away(socket, by_tls ? Speech::tls : Speech::plain, engine_.metrics());
  }
  socket.set_option(tcp::no_delay(true), error);
  // A peer that vanished without a word is noticed by the beats that it does not acknowledge.
  const int timeout_ms = static_cast<int>(
      std::chrono::duration_cast<std::chrono::milliseconds>(limits::kIdleMax).count());
  ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout_ms,
               sizeof timeout_ms);
  ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kUnsentBytes,
               sizeof kUnsentBytes);
  auto lease = std::make_shared<SocketLease>(std::move(socket), door, peer, std::move(*place));
  boost::asio::post(shard.shard.io(), [this, &shard, lease] { begin(shard, std::move(*lease)); });
}

/// On the shard's thread. A proxy that names its client first does so before anything else, on a
/// connection of any kind; at the operators' door nobody is in front.
void Server::begin(WebShard& shard, SocketLease lease) {
  const auto exchange = [&shard](SocketLease named) {
    std::make_shared<HttpExchange>(shard, std::move(named))->start();
  };
  const bool greets = options_.proxy_protocol && lease.door == Door::front &&
                      gate_.trusted_proxies().contains(lease.peer);
  if (!greets) return exchange(std::move(lease));
  std::make_shared<ProxyGreeting>(shard, std::move(lease), exchange)->start();
}

/// Gives the first in the queue a place to be turned away on, so that it does not wait in vain,
/// and looks again soon: descriptors come back when connections end.
void Server::out_of_descriptors(Listener& listener) {
  engine::trace(engine::Level::warning, "out_of_descriptors");
  if (spare_descriptor_ >= 0) {
    ::close(spare_descriptor_);
    const int taken = ::accept4(listener.acceptor.native_handle(), nullptr, nullptr,
                                SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (taken >= 0) ::close(taken);
    spare_descriptor_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  }
  listener.pause.expires_after(std::chrono::milliseconds{100});
  listener.pause.async_wait([this, &listener](boost::system::error_code error) {
    if (!error && listener.acceptor.is_open()) accept(listener);
  });
}

}  // namespace connectors::web
