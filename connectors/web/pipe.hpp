#pragma once
// One way to the other side: a socket, and what seals its octets where it speaks TLS.
#include <sys/socket.h>

#include <span>

#include "connectors/web/tls_session.hpp"

namespace connectors::web {

struct Pipe {
  int socket;
  TlsSession* tls;               // null: plain
  TlsOwner* together = nullptr;  // of what is sent with what others are sent in this turn

  /// As recv(2), without waiting.
  ssize_t receive(std::span<char> buffer) const {
    if (tls != nullptr) return tls->receive(socket, buffer);
    return ::recv(socket, buffer.data(), buffer.size(), MSG_DONTWAIT);
  }
  /// Before the socket is closed or half closed.
  void say_end() const {
    if (tls != nullptr) tls->say_end(socket);
  }
};

}  // namespace connectors::web
