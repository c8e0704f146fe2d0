#pragma once
// What a stream keeps of the lease it was accepted with: the socket, its TLS, its places. Closes
// and frees them when it ends.
#include <unistd.h>

#include <memory>
#include <utility>

#include "connectors/web/gate.hpp"
#include "connectors/web/pipe.hpp"

namespace connectors::web {

class StreamSocket {
 public:
  StreamSocket(int socket, std::unique_ptr<TlsSession> tls, Place place, Place behind_proxy)
      : socket_(socket),
        tls_(std::move(tls)),
        place_(std::move(place)),
        behind_proxy_(std::move(behind_proxy)) {}
  StreamSocket(StreamSocket&& other) noexcept
      : socket_(std::exchange(other.socket_, -1)),
        tls_(std::move(other.tls_)),
        place_(std::move(other.place_)),
        behind_proxy_(std::move(other.behind_proxy_)) {}
  StreamSocket& operator=(StreamSocket&&) = delete;
  ~StreamSocket() { close(); }

  int descriptor() const { return socket_; }
  Pipe pipe() const { return {socket_, tls_.get()}; }

  void shut_down(int how) const { ::shutdown(socket_, how); }
  void close() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  }

 private:
  int socket_;
  std::unique_ptr<TlsSession> tls_;  // null: plain
  Place place_, behind_proxy_;
};

}  // namespace connectors::web
