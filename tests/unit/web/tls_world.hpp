#pragma once
// Certificates made here, and the other end of a TLS connection: an OpenSSL client on a socket
// pair, driven by hand. One thread.
#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "connectors/web/tls_session.hpp"
#include "engine/base/metrics.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/temp_dir.hpp"

namespace tests {

/// Writes `name`.pem and `name`.key into the folder: a certificate of its own that counts in that
/// time.
connectors::web::TlsFiles make_certificate(const TempDir& folder, const std::string& name,
                                           engine::Time from, engine::Time until);

class TlsWorld {
 public:
  /// The engine's socket takes about so many octets unread.
  explicit TlsWorld(int octets_unread = 0);
  ~TlsWorld();
  TlsWorld(const TlsWorld&) = delete;
  TlsWorld& operator=(const TlsWorld&) = delete;

  /// Both ends speak until hands are shaken.
  void shake_hands();
  /// The client begins anew, on other sockets, with the ticket that it was given last.
  void come_back();
  /// That ticket; empty where there is none.
  std::string ticket() const;
  /// What the engine's end hears: plain text; empty where it hears nothing.
  std::string hear();
  /// The client seals and sends.
  void say(std::string_view text) const;
  /// What the client would send of it; nothing goes out.
  std::string seal(std::string_view text) const;
  /// The client reads all there is.
  std::string read() const;
  /// The client changes its keys, and wants the engine to (RFC 8446, 4.6.3).
  void ask_new_keys() const;
  /// The client's socket is at its end, and nothing is left in it.
  bool at_end() const;
  /// Octets that are on their way to the client.
  std::size_t on_the_way() const;
  /// The client is gone, with all that it did not read.
  void cut();
  /// Bytes past the client's TLS.
  void send_bare(std::string_view bytes) const;

  ManualClock clock{"2026-06-01T00:00:00Z"};
  TempDir folder;
  engine::Metrics metrics;
  connectors::web::TlsFiles files;
  std::shared_ptr<connectors::web::Tls> tls;
  std::unique_ptr<connectors::web::TlsThread> thread;
  std::unique_ptr<connectors::web::TlsSession> session;
  int engine_end = -1, client_end = -1;
  int fault = 0;  // errno of the last hear()

 private:
  void connect();
  void disconnect();

  int octets_unread_;
  SSL_CTX* context_;
  SSL* client_ = nullptr;
};

}  // namespace tests
