#pragma once
// One TCP connection, plain or with TLS, that never blocks.
#include <netinet/in.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct ssl_st;
struct ssl_ctx_st;
struct ssl_session_st;

namespace bench {

struct EndSession {
  void operator()(ssl_session_st* session) const;
};
/// What a server gave a client so that it need not begin anew when it comes back.
using Ticket = std::unique_ptr<ssl_session_st, EndSession>;

/// TLS of all connections to one server.
class Tls {
 public:
  /// Believes the certificates of `authorities`, a PEM file; everybody where it is empty. `name` is
  /// the name or the address that the server's certificate must hold then.
  Tls(const std::string& authorities, std::string name);
  ~Tls();
  Tls(const Tls&) = delete;
  Tls& operator=(const Tls&) = delete;

  ssl_ctx_st* context() const { return context_; }
  const std::string& name() const { return name_; }
  bool verifies() const { return verifies_; }

 private:
  ssl_ctx_st* context_;
  std::string name_;
  bool verifies_;
};

enum class Moved : std::uint8_t { yes, not_now, ended };

struct Received {
  Moved moved = Moved::not_now;
  std::size_t size = 0;
};

class Wire {
 public:
  Wire() = default;
  ~Wire() { close(); }
  Wire(Wire&& other) noexcept { *this = std::move(other); }
  Wire& operator=(Wire&& other) noexcept;

  /// Begins to connect, from `source` where it has an address. With `receive_buffer` the kernel
  /// keeps no more than about that many octets which were not read. Ends the program where no
  /// socket is to be had.
  void open(const sockaddr_in& target, const sockaddr_in& source, int receive_buffer);

  /// After connecting; false where nobody listens.
  bool connected() const;

  /// Puts TLS on the connection. `ticket` is used if there is one, and outlives this: new ones are
  /// put there.
  void secure(const Tls& tls, Ticket& ticket);
  /// Goes on with the handshake: `yes` once it is done.
  Moved shake_hands();
  bool resumed() const;

  /// All of it or as much as goes; how much, or nothing with `ended`.
  Received send(std::string_view bytes);
  Received receive(char* into, std::size_t room);
  /// Whether octets wait here that no poll would tell of.
  bool holds_more() const;

  /// Without a word to the other side; with `reset` no port is left waiting.
  void close();
  void reset();

  bool is_open() const { return fd_ >= 0; }
  int fd() const { return fd_; }

 private:
  int fd_ = -1;
  ssl_st* ssl_ = nullptr;
};

}  // namespace bench
