#include "connectors/web/proxy_greeting.hpp"

#include <sys/socket.h>

#include <utility>

#include "connectors/web/turn_away.hpp"
#include "engine/base/trace.hpp"
#include "engine/limits.hpp"

namespace connectors::web {

namespace limits = engine::limits;
using boost::asio::ip::tcp;

static_assert(limits::kProxyHeaderBytes <= sizeof(WebShard::read_buffer));

ProxyGreeting::ProxyGreeting(WebShard& shard, SocketLease lease, Then then)
    : shard_(shard),
      lease_(std::move(lease)),
      then_(std::move(then)),
      wanted_(std::get<ProxyHeaderUnfinished>(read_proxy_header({})).octets) {}

void ProxyGreeting::start() {
  shard_.watch(*this, limits::kHeaderMax);
  wait_read();
}

void ProxyGreeting::on_deadline() { refuse(ProxyFault::silence); }

void ProxyGreeting::on_drain() { finish(); }

void ProxyGreeting::wait_read() {
  lease_.socket.async_wait(tcp::socket::wait_read,
                           [self = shared_from_this()](boost::system::error_code error) {
                             if (error) return self->finish();
                             self->on_readable();
                           });
}

void ProxyGreeting::on_readable() {
  if (over_) return;
  auto& buffer = shard_.read_buffer;
  const ssize_t size =
      ::recv(lease_.socket.native_handle(), buffer.data(), wanted_ - in_.size(), MSG_DONTWAIT);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return wait_read();
  // Who comes and goes without a word only looked whether somebody is there.
  if (size <= 0) return in_.empty() ? finish() : refuse(ProxyFault::silence);
  in_.append(buffer.data(), static_cast<std::size_t>(size));
  const auto read = read_proxy_header(in_);
  if (const auto* fault = std::get_if<ProxyFault>(&read)) return refuse(*fault);
  if (const auto* header = std::get_if<ProxyHeader>(&read)) return on_header(*header);
  wanted_ = std::get<ProxyHeaderUnfinished>(read).octets;
  wait_read();
}

void ProxyGreeting::on_header(const ProxyHeader& header) {
  if (header.client) {
    lease_.peer = *header.client;
    lease_.via = Visitor::Via::proxy;
    if (!shard_.gate.trusted_proxies().contains(lease_.peer)) {
      auto place = shard_.gate.enter_behind(lease_.peer);
      if (!place) return turn_away();
      lease_.behind_proxy = std::move(*place);
    }
  }
  over_ = true;
  shard_.forget(*this);
  then_(std::move(lease_));
}

/// A wrong setting refuses every connection: each is counted, and one now and then is traced.
void ProxyGreeting::refuse(ProxyFault fault) {
  if (over_) return;
  shard_.engine.metrics()
      .counter("tocsin_proxy_headers_refused_total",
               "Connections of trusted proxies that did not begin as limits.proxy_protocol wants",
               "why=\"" + std::string(text(fault)) + "\"")
      .add();
  if (shard_.second() >= shard_.proxy_trace_from) {
    shard_.proxy_trace_from =
        shard_.second() + static_cast<std::uint64_t>(limits::kProxyTraceEvery.count());
    engine::trace(engine::Level::warning, "proxy_header_refused",
                  {{"proxy", lease_.peer.to_string()}, {"why", std::string(text(fault))}});
  }
  finish();
}

/// The request that stands behind the header is dropped first: a socket that is closed with octets
/// unread takes back the answer too.
void ProxyGreeting::turn_away() {
  auto& buffer = shard_.read_buffer;
  ::recv(lease_.socket.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  web::turn_away(lease_.socket, shard_.speaks_tls() ? Speech::tls : Speech::plain,
                 shard_.engine.metrics());
  finish();
}

void ProxyGreeting::finish() {
  if (over_) return;
  over_ = true;
  shard_.forget(*this);
  boost::system::error_code ignored;
  lease_.socket.close(ignored);
}

}  // namespace connectors::web
