#include "connectors/web/tls_session.hpp"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "engine/limits.hpp"

namespace connectors::web {

namespace limits = engine::limits;

namespace {

/// A peer that asks for answers of TLS alone (new keys, new handshakes) has so much of it, held
/// because it reads nothing, or received without a word of plain text: more than one record has,
/// and more than a socket that is full of frames makes to be held.
constexpr std::size_t kWordlessBytes = limits::kTlsGatherBytes + limits::kTlsHandshakeBytes;

/// What goes out with others', in one record; and what may wait of all of them, which the
/// processor's caches hold.
constexpr std::size_t kTogetherBytes = SSL3_RT_MAX_PLAIN_LENGTH;
constexpr std::size_t kTogetherMost = limits::kTlsGatherBytes;

static_assert(limits::kTlsGatherBytes % SSL3_RT_MAX_PLAIN_LENGTH == 0, "whole records");

// --- the BIO of a thread. It never waits: what is written is gathered, and there is nothing to
// read but what came off a socket last.

TlsThread& thread_of(BIO* bio) { return *static_cast<TlsThread*>(BIO_get_data(bio)); }

int write_bio(BIO* bio, const char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  thread_of(bio).sealed.append(bytes, static_cast<std::size_t>(size));
  return size;
}

int read_bio(BIO* bio, char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  auto& unread = thread_of(bio).unread;
  if (unread.empty()) {
    BIO_set_retry_read(bio);
    return -1;
  }
  const std::size_t taken = std::min(unread.size(), static_cast<std::size_t>(size));
  std::copy_n(unread.data(), taken, bytes);
  unread.remove_prefix(taken);
  return static_cast<int>(taken);
}

/// Handshakes push a buffer of their own in front and pop it, also when a session ends after its
/// thread did: nothing here looks at the thread.
long control_bio(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD* make_method() {
  BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "tocsin thread");
  BIO_meth_set_write(method, write_bio);
  BIO_meth_set_read(method, read_bio);
  BIO_meth_set_ctrl(method, control_bio);
  return method;
}

}  // namespace

TlsThread::TlsThread(std::shared_ptr<Tls> the_tls) : tls(std::move(the_tls)) {
  static BIO_METHOD* const method = make_method();
  bio = BIO_new(method);
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  waiting_.reserve(kTogether);
}

TlsThread::~TlsThread() { BIO_free(bio); }

void TlsThread::deliver() {
  std::size_t begin = 0;
  for (const Waiting& one : waiting_) {
    one.session->flush(one.socket, std::string_view(sealed).substr(begin, one.end - begin));
    begin = one.end;
    if (one.session->broken_ || !one.session->held_.empty()) one.owner->on_held();
  }
  waiting_.clear();
  sealed.erase(0, begin);
}

// --- one connection

TlsSession::TlsSession(TlsThread& thread)
    : thread_(thread), tls_(thread.tls), ssl_(SSL_new(tls_->context().get())) {
  BIO_up_ref(thread.bio);
  SSL_set_bio(ssl_, thread.bio, thread.bio);
  SSL_set_accept_state(ssl_);
}

TlsSession::~TlsSession() {
  if (heard_http_) {
    tls_->plain_http.add();
  } else if (!finished_) {
    tls_->failed.add();
  }
  SSL_free(ssl_);
}

ssize_t TlsSession::receive(int socket, std::span<char> plain) {
  thread_.deliver();
  std::size_t room = std::min(thread_.arrived.size(), plain.size() - SSL3_RT_MAX_PLAIN_LENGTH);
  if (!finished_) {
    if (wordless_bytes_ == limits::kTlsHandshakeBytes) return fail(socket);
    room = std::min(room, limits::kTlsHandshakeBytes - wordless_bytes_);
  }
  const ssize_t size = ::recv(socket, thread_.arrived.data(), room, MSG_DONTWAIT);
  if (size < 0 && errno != EAGAIN && errno != EINTR) broken_ = true;
  if (size <= 0) return size;
  thread_.unread = {thread_.arrived.data(), static_cast<std::size_t>(size)};
  // No record begins with a letter, and every method does.
  const char first = thread_.unread.front();
  if (wordless_bytes_ == 0 && !finished_ && first >= 'A' && first <= 'Z') {
    heard_http_ = true;
    errno = EPROTO;
    return -1;
  }
  wordless_bytes_ += static_cast<std::size_t>(size);
  return open_records(socket, plain);
}

ssize_t TlsSession::open_records(int socket, std::span<char> plain) {
  ERR_clear_error();
  std::size_t opened = 0;
  std::size_t now = 0;
  int done = 0;
  while ((done = SSL_read_ex(ssl_, plain.data() + opened, plain.size() - opened, &now)) == 1) {
    opened += now;
  }
  const int why = SSL_get_error(ssl_, done);
  thread_.unread = {};
  if (opened > 0) wordless_bytes_ = 0;
  if (!finished_ && SSL_is_init_finished(ssl_) == 1) {
    finished_ = ticket_owed_ = true;
    (SSL_session_reused(ssl_) == 1 ? tls_->resumed : tls_->full).add();
  }
  if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_ZERO_RETURN) {
    const ssize_t failed = fail(socket);
    return opened > 0 ? static_cast<ssize_t>(opened) : failed;
  }
  flush(socket);
  // Nobody waits for room while hands are shaken: a peer that leaves none takes no part.
  if (broken_ || (!finished_ && !held_.empty())) return fail(socket);
  if (held_.size() > kWordlessBytes || wordless_bytes_ > kWordlessBytes) return fail(socket);
  if (why == SSL_ERROR_ZERO_RETURN) {
    ::shutdown(socket, SHUT_RD);  // nothing that follows means anything
    return static_cast<ssize_t>(opened);
  }
  if (opened > 0) return static_cast<ssize_t>(opened);
  errno = EAGAIN;
  return -1;
}

/// Sends the alert there may be, as far as it fits, and leaves nothing sealed to others. Whoever
/// waits for the socket finds its end.
ssize_t TlsSession::fail(int socket) {
  flush(socket);
  broken_ = true;
  ::shutdown(socket, SHUT_RDWR);
  errno = EPROTO;
  return -1;
}

namespace {

/// Goes on from `offset` in the first frame.
void advance(std::span<const engine::Wire>& frames, std::size_t& offset, std::size_t by) {
  offset += by;
  if (offset < frames.front()->size()) return;
  frames = frames.subspan(1);
  offset = 0;
}

/// The next octets to seal in one go. One frame is sealed where it lies.
std::string_view next_piece(std::span<const engine::Wire>& frames, std::size_t& offset,
                            std::string& gathered) {
  const auto first = std::string_view(*frames.front()).substr(offset, limits::kTlsGatherBytes);
  if (frames.size() == 1 || first.size() == limits::kTlsGatherBytes) {
    advance(frames, offset, first.size());
    return first;
  }
  gathered.clear();
  while (!frames.empty() && gathered.size() < limits::kTlsGatherBytes) {
    const auto part =
        std::string_view(*frames.front()).substr(offset, limits::kTlsGatherBytes - gathered.size());
    gathered += part;
    advance(frames, offset, part.size());
  }
  return gathered;
}

}  // namespace

std::size_t TlsSession::send(int socket, std::span<const engine::Wire> frames, std::size_t offset) {
  std::size_t taken = 0;
  thread_.deliver();
  flush(socket);
  while (!broken_ && held_.empty() && !frames.empty()) {
    const std::string_view piece = next_piece(frames, offset, thread_.gathered);
    if (!seal(piece)) {
      fail(socket);
      break;
    }
    taken += piece.size();
    flush(socket);
  }
  return taken;
}

std::size_t TlsSession::send_together(int socket, std::span<const engine::Wire> frames,
                                      std::size_t offset, TlsOwner& owner) {
  std::size_t bytes = 0;
  for (const auto& frame : frames) bytes += frame->size();
  if (frames.empty() || !held_.empty() || broken_ || ticket_owed_ ||
      bytes - offset > kTogetherBytes) {
    return send(socket, frames, offset);
  }
  if (!seal(next_piece(frames, offset, thread_.gathered))) {
    thread_.deliver();
    fail(socket);
    return 0;
  }
  thread_.waiting_.push_back({this, &owner, socket, thread_.sealed.size()});
  if (thread_.waiting_.size() == TlsThread::kTogether || thread_.sealed.size() >= kTogetherMost) {
    thread_.deliver();
  }
  return bytes - offset;
}

namespace {

/// Up to 3.0.13 OpenSSL freed the buffer of a record that was half read (CVE-2024-4741): the
/// connection then keeps its buffers until it says something.
void free_buffers(SSL* ssl) {
  constexpr unsigned long kSound = 0x300000e0UL;  // 3.0.14, as OpenSSL writes it
  static const bool sound = OpenSSL_version_num() >= kSound;
  if (sound) SSL_free_buffers(ssl);
}

}  // namespace

bool TlsSession::seal(std::string_view plain) {
  if (plain.empty()) return true;
  ERR_clear_error();
  // In front of the first answer, so that it costs no system call of its own.
  const bool with_ticket = std::exchange(ticket_owed_, false) && SSL_new_session_ticket(ssl_) == 1;
  std::size_t written = 0;
  // The BIO takes everything, so all of it is sealed, in as many records as it takes.
  const bool sealed = SSL_write_ex(ssl_, plain.data(), plain.size(), &written) == 1;
  if (with_ticket) free_buffers(ssl_);  // which a handshake keeps for what it reads next
  return sealed;
}

void TlsSession::flush(int socket) {
  flush(socket, thread_.sealed);
  thread_.sealed.clear();
}

/// Sends what is held and what was sealed since, and holds what the socket does not take.
void TlsSession::flush(int socket, std::string_view sealed) {
  if (!held_.empty()) {
    const std::size_t gone = transmit(socket, {held_.data(), held_.size()});
    held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(gone));
  }
  const std::size_t gone = held_.empty() ? transmit(socket, sealed) : 0;
  held_.insert(held_.end(), sealed.begin() + static_cast<std::ptrdiff_t>(gone), sealed.end());
  if (broken_ || held_.empty()) std::vector<char>().swap(held_);
}

std::size_t TlsSession::transmit(int socket, std::string_view records) {
  std::size_t gone = 0;
  while (gone < records.size() && !broken_) {
    const ssize_t sent =
        ::send(socket, records.data() + gone, records.size() - gone, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      gone += static_cast<std::size_t>(sent);
      if (gone < records.size()) break;  // full
    } else if (errno != EINTR) {
      if (errno != EAGAIN && errno != EWOULDBLOCK && errno != ENOBUFS) broken_ = true;
      break;
    }
  }
  return gone;
}

void TlsSession::say_end(int socket) {
  thread_.deliver();
  if (!finished_ || broken_ || (SSL_get_shutdown(ssl_) & SSL_SENT_SHUTDOWN) != 0) return;
  ERR_clear_error();
  SSL_shutdown(ssl_);
  flush(socket);
}

}  // namespace connectors::web
