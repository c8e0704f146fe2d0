#include "bench/floor_tls.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>

#include <cerrno>
#include <utility>

#include "bench/herd/fault.hpp"

namespace bench {

FloorTls::FloorTls(const std::string& certificate, const std::string& key)
    : context_(SSL_CTX_new(TLS_server_method())) {
  if (SSL_CTX_use_certificate_chain_file(context_, certificate.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(context_, key.c_str(), SSL_FILETYPE_PEM) != 1) {
    give_up("no certificate and key in {} and {}", certificate, key);
  }
  SSL_CTX_set_min_proto_version(context_, TLS1_3_VERSION);
  SSL_CTX_set_ciphersuites(context_, "TLS_AES_128_GCM_SHA256");
  SSL_CTX_set_mode(context_, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_options(context_, SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context_, 1);
}

FloorTls::~FloorTls() {
  for (SSL* one : sessions_) SSL_free(one);
  SSL_CTX_free(context_);
}

void FloorTls::accept(int fd) {
  if (sessions_.size() <= static_cast<std::size_t>(fd)) {
    sessions_.resize(static_cast<std::size_t>(fd) + 1);
  }
  session(fd) = SSL_new(context_);
  SSL_set_fd(session(fd), fd);
  SSL_set_accept_state(session(fd));
}

void FloorTls::forget(int fd) { SSL_free(std::exchange(session(fd), nullptr)); }

ssize_t FloorTls::receive(int fd, char* into, std::size_t room) {
  ERR_clear_error();
  std::size_t size = 0;
  const int done = SSL_read_ex(session(fd), into, room, &size);
  if (done == 1) return static_cast<ssize_t>(size);
  if (SSL_get_error(session(fd), done) != SSL_ERROR_WANT_READ) return 0;
  errno = EAGAIN;
  return -1;
}

void FloorTls::send_all(int fd, std::string_view bytes) {
  constexpr int kPatienceMilliseconds = 1'000;
  std::size_t size = 0;
  ERR_clear_error();
  for (int done = 0; (done = SSL_write_ex(session(fd), bytes.data(), bytes.size(), &size)) != 1;) {
    pollfd wish{fd, POLLOUT, 0};
    if (SSL_get_error(session(fd), done) != SSL_ERROR_WANT_WRITE ||
        poll(&wish, 1, kPatienceMilliseconds) <= 0) {
      return;
    }
  }
}

}  // namespace bench
