#include "tests/unit/web/tls_world.hpp"

#include <doctest/doctest.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <utility>

namespace tests {

using namespace connectors::web;

TlsFiles make_certificate(const TempDir& folder, const std::string& name, engine::Time from,
                          engine::Time until) {
  const TlsFiles files{folder.path() / (name + ".pem"), folder.path() / (name + ".key")};
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  const auto seconds = [](engine::Time time) { return time.time_since_epoch().count() / 1000; };
  ASN1_TIME_set(X509_getm_notBefore(certificate), seconds(from));
  ASN1_TIME_set(X509_getm_notAfter(certificate), seconds(until));
  X509_set_pubkey(certificate, key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
  REQUIRE(X509_sign(certificate, key, EVP_sha256()) > 0);
  FILE* file = std::fopen(files.certificate.c_str(), "w");
  PEM_write_X509(file, certificate);
  std::fclose(file);
  file = std::fopen(files.key.c_str(), "w");
  PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
  ::chmod(files.key.c_str(), 0600);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return files;
}

TlsWorld::TlsWorld(int octets_unread) : octets_unread_(octets_unread) {
  const auto now = clock.now();
  files = make_certificate(folder, "engine", now - std::chrono::hours{24},
                           now + std::chrono::hours{24 * 89});
  tls = Tls::open(files, clock, metrics).value();
  thread = std::make_unique<TlsThread>(tls);
  context_ = SSL_CTX_new(TLS_client_method());
  connect();
}

TlsWorld::~TlsWorld() {
  disconnect();
  SSL_CTX_free(context_);
}

void TlsWorld::connect() {
  session = std::make_unique<TlsSession>(*thread);
  int ends[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
  engine_end = ends[0];
  client_end = ends[1];
  if (octets_unread_ > 0) {
    ::setsockopt(engine_end, SOL_SOCKET, SO_SNDBUF, &octets_unread_, sizeof octets_unread_);
  }
  client_ = SSL_new(context_);
  SSL_set_fd(client_, client_end);
  SSL_set_connect_state(client_);
}

void TlsWorld::disconnect() {
  SSL_free(client_);
  ::close(engine_end);
  cut();
}

void TlsWorld::cut() {
  if (client_end >= 0) ::close(std::exchange(client_end, -1));
}

void TlsWorld::shake_hands() {
  const auto shaken = [this] { return tls->full.value() + tls->resumed.value(); };
  const auto before = shaken();
  for (int turn = 0; turn < 4; ++turn) {
    SSL_do_handshake(client_);
    hear();
  }
  REQUIRE(SSL_is_init_finished(client_) == 1);
  REQUIRE(shaken() == before + 1);
}

void TlsWorld::come_back() {
  SSL_SESSION* last = SSL_get1_session(client_);
  SSL_set_shutdown(client_, SSL_SENT_SHUTDOWN);  // or it takes the ticket for a bad one
  disconnect();
  connect();
  SSL_set_session(client_, last);
  SSL_SESSION_free(last);
}

std::string TlsWorld::ticket() const {
  const unsigned char* octets = nullptr;
  std::size_t size = 0;
  SSL_SESSION_get0_ticket(SSL_get0_session(client_), &octets, &size);
  return size == 0 ? std::string() : std::string(reinterpret_cast<const char*>(octets), size);
}

std::string TlsWorld::hear() {
  std::array<char, 64UL << 10> buffer;  // NOLINT: filled below
  const ssize_t size = session->receive(engine_end, buffer);
  fault = size < 0 ? errno : 0;
  return size > 0 ? std::string(buffer.data(), static_cast<std::size_t>(size)) : std::string();
}

void TlsWorld::say(std::string_view text) const {
  REQUIRE(SSL_write(client_, text.data(), static_cast<int>(text.size())) ==
          static_cast<int>(text.size()));
}

std::string TlsWorld::seal(std::string_view text) const {
  BIO* const socket = SSL_get_wbio(client_);
  BIO_up_ref(socket);
  BIO* const memory = BIO_new(BIO_s_mem());
  SSL_set0_wbio(client_, memory);
  say(text);
  char* octets = nullptr;
  const long size = BIO_get_mem_data(memory, &octets);
  std::string sealed(octets, static_cast<std::size_t>(size));
  SSL_set0_wbio(client_, socket);
  return sealed;
}

std::string TlsWorld::read() const {
  std::string all;
  std::array<char, 16UL << 10> buffer;  // NOLINT: filled below
  int size = 0;
  while ((size = SSL_read(client_, buffer.data(), static_cast<int>(buffer.size()))) > 0) {
    all.append(buffer.data(), static_cast<std::size_t>(size));
  }
  return all;
}

void TlsWorld::ask_new_keys() const {
  REQUIRE(SSL_key_update(client_, SSL_KEY_UPDATE_REQUESTED) == 1);
  REQUIRE(SSL_do_handshake(client_) == 1);
}

bool TlsWorld::at_end() const {
  char octet = 0;
  return ::recv(client_end, &octet, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

std::size_t TlsWorld::on_the_way() const {
  int octets = 0;
  REQUIRE(::ioctl(client_end, FIONREAD, &octets) == 0);
  return static_cast<std::size_t>(octets);
}

void TlsWorld::send_bare(std::string_view bytes) const {
  REQUIRE(::send(client_end, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL) ==
          static_cast<ssize_t>(bytes.size()));
}

}  // namespace tests
