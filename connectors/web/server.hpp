#pragma once
// The listeners: accepts, bounds how many connect, and deals connections out to the shards evenly.
// Accepting lives on the first shard's thread.
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connectors/web/api.hpp"
#include "connectors/web/gate.hpp"
#include "connectors/web/socket_lease.hpp"
#include "connectors/web/web_shard.hpp"

namespace connectors::web {

/// What the kernel may hold of one connection that it has not sent yet: a hundred alerts of 1.8 KB
/// fit beside what is on its way. Left to itself it holds up to 4 MB (net.ipv4.tcp_wmem) of each
/// reader that takes nothing, and finding that much memory for many of them delays all others.
inline constexpr int kUnsentBytes = 128 << 10;

struct ServerOptions {
  boost::asio::ip::tcp::endpoint listen;
  std::optional<boost::asio::ip::tcp::endpoint> admin;
  std::size_t connections_max = 15'000;          // streams; requests have places of their own
  std::size_t connections_per_address_max = 20;  // loopback is not counted
  std::shared_ptr<Tls> tls;                      // what `listen` speaks; null: plain HTTP
  Networks trusted_proxies;                      // whose word on who asks is taken
  bool proxy_protocol = false;                   // and that they give it before anything else
  OwnParts own;                                  // for what organisations ask about themselves
  engine::Outbox* outbox = nullptr;  // outlives the server; null: nobody is told by other ways
  AnswerParts answers;               // for the pages behind e-mails' links
};

class Server {
 public:
  Server(engine::Engine& engine, const ServerOptions& options);
  ~Server();

  /// Binds and listens; a sentence where that cannot be. Before the shards run.
  engine::Result<void> open();
  boost::asio::ip::tcp::endpoint local_endpoint() const { return front_.acceptor.local_endpoint(); }

  /// Any thread: no more connections, and those there are told to go (WebShard::drain).
  void drain();
  /// Connections at the front that are still open; any thread.
  std::size_t connections() const;
  /// What waits for the disk is done and answered; nothing is taken any more.
  void settle();

 private:
  using tcp = boost::asio::ip::tcp;
  struct Listener {
    tcp::acceptor acceptor;
    boost::asio::steady_timer pause;
    Door door;
  };

  engine::Result<void> open(Listener& listener, const tcp::endpoint& endpoint);
  void accept(Listener& listener);
  void welcome(WebShard& shard, tcp::socket socket, Door door);
  void stop_accepting();
  void begin(WebShard& shard, SocketLease lease);
  void out_of_descriptors(Listener& listener);

  engine::Engine& engine_;
  const ServerOptions options_;
  Clerk clerk_;
  Api api_;
  Gate gate_;
  std::vector<std::unique_ptr<WebShard>> shards_;
  Listener front_, admin_;
  std::size_t next_shard_ = 0;
  int spare_descriptor_ = -1;  // given up for a moment when there are no others
};

}  // namespace connectors::web
