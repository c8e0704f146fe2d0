#pragma once
// One accepted socket and its places among the connections allowed. Giving the lease up frees them,
// on whatever thread that happens.
#include <boost/asio/ip/tcp.hpp>
#include <utility>

#include "connectors/web/gate.hpp"

namespace connectors::web {

enum class Door { front, admin };  // which listener it came through

struct SocketLease {
  SocketLease(boost::asio::ip::tcp::socket accepted, Door came_through, Address from, Place taken)
      : socket(std::move(accepted)),
        door(came_through),
        peer(std::move(from)),
        place(std::move(taken)) {}

  boost::asio::ip::tcp::socket socket;
  Door door;
  Address peer;
  Place place;
  Place behind_proxy;  // of the stream, among those of the address the proxy names
};

}  // namespace connectors::web
