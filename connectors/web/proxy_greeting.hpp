#pragma once
// A connection of a proxy that says first for whom it is: reads the header of the PROXY protocol,
// not one octet more, and hands the connection on as its client's. What begins otherwise is closed.
// Lives on its shard's thread; keeps itself alive by what it waits for.
#include <functional>
#include <memory>
#include <string>

#include "connectors/web/proxy_header.hpp"
#include "connectors/web/socket_lease.hpp"
#include "connectors/web/web_shard.hpp"

namespace connectors::web {

class ProxyGreeting final : public Timed, public std::enable_shared_from_this<ProxyGreeting> {
 public:
  /// `then` is given the connection once the header is read, unless the client that it names has
  /// as many connections as it may: that is told so.
  using Then = std::function<void(SocketLease)>;
  ProxyGreeting(WebShard& shard, SocketLease lease, Then then);
  ~ProxyGreeting() override = default;
  ProxyGreeting(const ProxyGreeting&) = delete;
  ProxyGreeting& operator=(const ProxyGreeting&) = delete;

  void start();
  void on_deadline() override;
  void on_drain() override;

 private:
  void wait_read();
  void on_readable();
  void on_header(const ProxyHeader& header);
  void refuse(ProxyFault fault);
  void turn_away();
  void finish();

  WebShard& shard_;
  SocketLease lease_;
  Then then_;
  std::string in_;
  std::size_t wanted_;  // octets of the header: those that are known to be its own
  bool over_ = false;
};

}  // namespace connectors::web
