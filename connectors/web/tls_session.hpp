#pragma once
// TLS of one connection, over a socket that somebody else waits for. What the connections of a
// thread share is TlsThread: one BIO and the buffers behind it, so that a silent connection owns no
// buffer, and all that is sealed in one turn goes out with one system call. Lives on its shard's
// thread.
#include <sys/types.h>

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/web/tls.hpp"
#include "engine/frame.hpp"

struct ssl_st;
struct bio_st;

namespace connectors::web {

class TlsSession;

/// Whose records go out together with others'.
class TlsOwner {
 public:
  virtual ~TlsOwner() = default;
  /// The session holds some of them: the socket did not take all; or it is broken.
  virtual void on_held() = 0;
};

/// One of each thread. Sessions may outlive it, if they do nothing any more.
class TlsThread {
 public:
  explicit TlsThread(std::shared_ptr<Tls> the_tls);
  ~TlsThread();
  TlsThread(const TlsThread&) = delete;
  TlsThread& operator=(const TlsThread&) = delete;

  /// So many sessions' records go out together at most.
  static constexpr std::size_t kTogether = 64;
  /// Records that were sealed to go out together, and did not yet.
  bool waiting() const { return !waiting_.empty(); }
  void deliver();

  const std::shared_ptr<Tls> tls;
  bio_st* bio;
  std::array<char, 48UL << 10> arrived;  // off a socket, and of it what no record was made of yet
  std::string_view unread;
  std::string gathered;  // frames that go into the same records
  std::string sealed;    // records for a socket; those that wait in front

 private:
  friend class TlsSession;
  struct Waiting {
    TlsSession* session;
    TlsOwner* owner;
    int socket;
    std::size_t end;  // of its records in `sealed`
  };
  std::vector<Waiting> waiting_;
};

class TlsSession {
 public:
  explicit TlsSession(TlsThread& thread);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  /// As recv(2), of what was sealed; shakes hands on the way. All that one call takes off the
  /// socket is opened, so that only the socket is to be waited for: `plain` has more than 16 KB of
  /// room. After a fault (EPROTO), or the peer's last word, the socket is at its end.
  ssize_t receive(int socket, std::span<char> plain);

  /// Seals as much of `frames` less the first `offset` octets as the socket takes: whole records
  /// of many frames. Returns the octets taken; of the last of them, records may be held.
  std::size_t send(int socket, std::span<const engine::Wire> frames, std::size_t offset);

  /// As send(), but one record's worth is sealed now and sent with what others are sent in this
  /// turn: sealing and the kernel's work push each other out of the processor's caches, so each is
  /// done for a crowd at a time. It goes out when enough of them wait, before anything else is done
  /// with a session of the thread, and by TlsThread::deliver(), which the caller sees to.
  std::size_t send_together(int socket, std::span<const engine::Wire> frames, std::size_t offset,
                            TlsOwner& owner);

  /// Octets of records that the socket did not take yet; until send() is rid of them nothing more
  /// is sealed.
  std::size_t held() const { return held_.size(); }
  /// Nothing will ever be sent again.
  bool broken() const { return broken_; }
  /// What the peer sent is no TLS but HTTP.
  bool heard_http() const { return heard_http_; }

  /// close_notify: the peer knows that nothing was cut off.
  void say_end(int socket);

 private:
  friend class TlsThread;
  ssize_t open_records(int socket, std::span<char> plain);
  ssize_t fail(int socket);
  bool seal(std::string_view plain);
  void flush(int socket);
  void flush(int socket, std::string_view sealed);
  std::size_t transmit(int socket, std::string_view records);

  TlsThread& thread_;
  const std::shared_ptr<Tls> tls_;
  ssl_st* ssl_;
  std::vector<char> held_;
  std::size_t wordless_bytes_ = 0;  // received since plain text was heard last
  bool finished_ = false;           // the handshake
  bool ticket_owed_ = false;        // in TLS 1.3; earlier ones send theirs with the handshake
  bool broken_ = false;
  bool heard_http_ = false;
};

}  // namespace connectors::web
