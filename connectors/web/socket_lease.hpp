#pragma once
// One accepted socket and its places among the connections allowed. Giving the lease up frees them,
// on whatever thread that happens.
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <utility>

#include "connectors/web/gate.hpp"
#include "connectors/web/pipe.hpp"
#include "connectors/web/stream_socket.hpp"

namespace connectors::web {

enum class Door { front, admin };  // which listener it came through

struct SocketLease {
  SocketLease(boost::asio::ip::tcp::socket accepted, Door came_through, Address from, Place taken)
      : socket(std::move(accepted)),
        door(came_through),
        peer(std::move(from)),
        place(std::move(taken)) {}

  Pipe pipe() { return {socket.native_handle(), tls.get()}; }

  /// For a stream, which waits for its socket in a set of its own. Nothing is left of this then.
  StreamSocket release() {
    boost::system::error_code error;
    const int descriptor = socket.release(error);
    return {error ? -1 : descriptor, std::move(tls), std::move(place), std::move(behind_proxy)};
  }

  boost::asio::ip::tcp::socket socket;
  Door door;
  Address peer;  // or whom a proxy named before anything else
  Visitor::Via via = Visitor::Via::itself;
  Place place;
  std::unique_ptr<TlsSession> tls;  // null: plain
  Place behind_proxy;  // of the connection or of its stream, among those of whom the proxy names
};

}  // namespace connectors::web
