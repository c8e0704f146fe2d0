#include "bench/herd/wire.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "bench/herd/fault.hpp"

namespace bench {

namespace {

// OpenSSL takes a buffer for each read and each write and gives it back at once, so that a silent
// connection has none. malloc would look for each among what thousands of connections left behind,
// which cost the herd a tenth of its time; here the one that was given back last is taken again.
// The herd is one thread.

struct Block {  // what is handed out lies behind it, aligned as malloc's own
  std::size_t size;
  Block* next;
};
constexpr std::size_t kBufferBytes = 8192;  // what is smaller is none
std::array<Block*, 4> given_back{};         // each with others of its size behind it

Block* block_of(void* memory) { return static_cast<Block*>(memory) - 1; }

void* take_memory(std::size_t size, const char* /*file*/, int /*line*/) {
  for (Block*& first : given_back) {
    if (size < kBufferBytes || first == nullptr || first->size != size) continue;
    return std::exchange(first, first->next) + 1;
  }
  auto* const block = static_cast<Block*>(std::malloc(sizeof(Block) + size));
  if (block == nullptr) return nullptr;
  block->size = size;
  return block + 1;
}

void give_memory(void* memory, const char* /*file*/, int /*line*/) {
  if (memory == nullptr) return;
  Block* const block = block_of(memory);
  for (Block*& first : given_back) {
    if (block->size < kBufferBytes) break;
    if (first != nullptr && first->size != block->size) continue;
    block->next = std::exchange(first, block);
    return;
  }
  std::free(block);
}

void* resize_memory(void* memory, std::size_t size, const char* file, int line) {
  void* const other = size == 0 ? nullptr : take_memory(size, file, line);
  if (memory == nullptr || (size > 0 && other == nullptr)) return other;
  if (other != nullptr) std::memcpy(other, memory, std::min(size, block_of(memory)->size));
  give_memory(memory, file, line);
  return other;
}

int keep_ticket(SSL* ssl, SSL_SESSION* session) {
  auto* const ticket = static_cast<Ticket*>(SSL_get_app_data(ssl));
  if (ticket == nullptr) return 0;
  ticket->reset(session);
  return 1;  // it is ours from here on
}

Moved after_failure(SSL* ssl, int result) {
  const int why = SSL_get_error(ssl, result);
  ERR_clear_error();
  return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? Moved::not_now : Moved::ended;
}

constexpr std::size_t kReadBytes = 64UL << 10;

bool is_address(const std::string& name) {
  in_addr address{};
  return inet_pton(AF_INET, name.c_str(), &address) == 1;
}

}  // namespace

void EndSession::operator()(ssl_session_st* session) const { SSL_SESSION_free(session); }

Tls::Tls(const std::string& authorities, std::string name)
    : name_(std::move(name)), verifies_(!authorities.empty()) {
  CRYPTO_set_mem_functions(take_memory, resize_memory, give_memory);  // the first Tls alone can
  context_ = SSL_CTX_new(TLS_client_method());
  if (context_ == nullptr) give_up("OpenSSL does not start");
  if (verifies_ && SSL_CTX_load_verify_locations(context_, authorities.c_str(), nullptr) != 1) {
    give_up("no certificates in {}", authorities);
  }
  SSL_CTX_set_verify(context_, verifies_ ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context_, keep_ticket);
  // A burst in two calls instead of two for each record.
  SSL_CTX_set_read_ahead(context_, 1);
  SSL_CTX_set_default_read_buffer_len(context_, kReadBytes);
  SSL_CTX_set_mode(context_, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                 SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
}

Tls::~Tls() { SSL_CTX_free(context_); }

Wire& Wire::operator=(Wire&& other) noexcept {
  if (this != &other) {
    close();
    fd_ = std::exchange(other.fd_, -1);
    ssl_ = std::exchange(other.ssl_, nullptr);
  }
  return *this;
}

void Wire::open(const sockaddr_in& target, const sockaddr_in& source, int receive_buffer) {
  close();
  fd_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) give_up("no socket: {}", std::strerror(errno));
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (receive_buffer > 0) {
    setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  }
  if (source.sin_addr.s_addr != 0) {
    setsockopt(fd_, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    if (bind(fd_, reinterpret_cast<const sockaddr*>(&source), sizeof source) != 0) {
      give_up("cannot bind: {}", std::strerror(errno));
    }
  }
  if (connect(fd_, reinterpret_cast<const sockaddr*>(&target), sizeof target) != 0 &&
      errno != EINPROGRESS && errno != ECONNREFUSED) {
    give_up("cannot connect: {}", std::strerror(errno));
  }
}

bool Wire::connected() const {
  int fault = 0;
  socklen_t size = sizeof fault;
  sockaddr_in peer{};
  socklen_t peer_size = sizeof peer;
  return getsockopt(fd_, SOL_SOCKET, SO_ERROR, &fault, &size) == 0 && fault == 0 &&
         getpeername(fd_, reinterpret_cast<sockaddr*>(&peer), &peer_size) == 0;
}

void Wire::secure(const Tls& tls, Ticket& ticket) {
  ssl_ = SSL_new(tls.context());
  if (ssl_ == nullptr || SSL_set_fd(ssl_, fd_) != 1) give_up("no memory for TLS");
  SSL_set_app_data(ssl_, &ticket);
  if (is_address(tls.name())) {
    if (tls.verifies()) X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_), tls.name().c_str());
  } else {
    SSL_set_tlsext_host_name(ssl_, tls.name().c_str());
    if (tls.verifies()) SSL_set1_host(ssl_, tls.name().c_str());
  }
  if (ticket) SSL_set_session(ssl_, ticket.get());
  SSL_set_connect_state(ssl_);
}

Moved Wire::shake_hands() {
  if (ssl_ == nullptr) return Moved::yes;
  const int result = SSL_do_handshake(ssl_);
  return result == 1 ? Moved::yes : after_failure(ssl_, result);
}

bool Wire::resumed() const { return ssl_ != nullptr && SSL_session_reused(ssl_) == 1; }

Received Wire::send(std::string_view bytes) {
  if (ssl_ != nullptr) {
    std::size_t size = 0;
    const int result = SSL_write_ex(ssl_, bytes.data(), bytes.size(), &size);
    return result == 1 ? Received{Moved::yes, size} : Received{after_failure(ssl_, result), 0};
  }
  const ssize_t size = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (size >= 0) return {Moved::yes, static_cast<std::size_t>(size)};
  return {errno == EAGAIN || errno == EINTR ? Moved::not_now : Moved::ended, 0};
}

Received Wire::receive(char* into, std::size_t room) {
  if (ssl_ != nullptr) {
    std::size_t size = 0;
    const int result = SSL_read_ex(ssl_, into, room, &size);
    return result == 1 ? Received{Moved::yes, size} : Received{after_failure(ssl_, result), 0};
  }
  const ssize_t size = ::recv(fd_, into, room, 0);
  if (size > 0) return {Moved::yes, static_cast<std::size_t>(size)};
  if (size == 0) return {Moved::ended, 0};
  return {errno == EAGAIN || errno == EINTR ? Moved::not_now : Moved::ended, 0};
}

bool Wire::holds_more() const { return ssl_ != nullptr && SSL_has_pending(ssl_) == 1; }

void Wire::close() {
  if (ssl_ != nullptr) {
    SSL_set_quiet_shutdown(ssl_, 1);
    SSL_shutdown(ssl_);  // a session whose connection was not shut down is not taken up again
    SSL_free(std::exchange(ssl_, nullptr));
  }
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

void Wire::reset() {
  const linger at_once{1, 0};
  if (fd_ >= 0) setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

}  // namespace bench
