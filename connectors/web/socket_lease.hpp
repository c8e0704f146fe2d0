#pragma once
// One accepted socket and its place among the connections allowed. Giving the lease up frees the
// place, on whatever thread that happens.
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <utility>

namespace connectors::web {

enum class Door { front, admin };  // which listener it came through

class SocketLease {
 public:
  using Release = std::function<void()>;
  SocketLease(boost::asio::ip::tcp::socket accepted, Door came_through, bool is_loopback,
              Release release)
      : socket(std::move(accepted)),
        door(came_through),
        loopback(is_loopback),
        release_(std::move(release)) {}
  SocketLease(SocketLease&& other) noexcept
      : socket(std::move(other.socket)),
        door(other.door),
        loopback(other.loopback),
        release_(std::exchange(other.release_, nullptr)) {}
  SocketLease& operator=(SocketLease&&) = delete;
  ~SocketLease() {
    if (release_) release_();
  }

  boost::asio::ip::tcp::socket socket;
  Door door;
  bool loopback;  // the peer is on this machine

 private:
  Release release_;
};

}  // namespace connectors::web
