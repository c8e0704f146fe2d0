#pragma once
// OpenSSL as a server usually has it, one object for each connection and its socket: the floor
// under TLS. One thread.
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct ssl_ctx_st;
struct ssl_st;

namespace bench {

class FloorTls {
 public:
  /// PEM, both; the program ends where they are none.
  FloorTls(const std::string& certificate, const std::string& key);
  ~FloorTls();
  FloorTls(const FloorTls&) = delete;
  FloorTls& operator=(const FloorTls&) = delete;

  void accept(int fd);
  void forget(int fd);
  /// As recv(2), of what was sealed; shakes hands on the way.
  ssize_t receive(int fd, char* into, std::size_t room);
  /// Seals all of it and sends it; where the socket is full, waits.
  void send_all(int fd, std::string_view bytes);

 private:
  ssl_st*& session(int fd) { return sessions_[static_cast<std::size_t>(fd)]; }

  ssl_ctx_st* context_;
  std::vector<ssl_st*> sessions_;  // by descriptor
};

}  // namespace bench
