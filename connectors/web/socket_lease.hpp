#pragma once
// One accepted socket and its place among the connections allowed. Giving the lease up frees the
// place, on whatever thread that happens.
#include <boost/asio/ip/network_v6.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <string>
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
        address(address_of(socket)),
        release_(std::move(release)) {}
  SocketLease(SocketLease&& other) noexcept
      : socket(std::move(other.socket)),
        door(other.door),
        loopback(other.loopback),
        address(std::move(other.address)),
        release_(std::exchange(other.release_, nullptr)) {}
  SocketLease& operator=(SocketLease&&) = delete;
  ~SocketLease() {
    if (release_) release_();
  }

  boost::asio::ip::tcp::socket socket;
  Door door;
  bool loopback;        // the peer is on this machine
  std::string address;  // the peer's, as limits per address count; empty where it is gone

 private:
  /// IPv6 by its network of 64 bits: nobody has fewer addresses than that.
  static std::string address_of(const boost::asio::ip::tcp::socket& socket) {
    boost::system::error_code gone;
    const auto endpoint = socket.remote_endpoint(gone);
    if (gone) return {};
    const auto address = endpoint.address();
    if (!address.is_v6()) return address.to_string();
    if (address.to_v6().is_v4_mapped()) {
      return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6())
          .to_string();
    }
    return boost::asio::ip::make_network_v6(address.to_v6(), 64).canonical().to_string();
  }

  Release release_;
};

}  // namespace connectors::web
