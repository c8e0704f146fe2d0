#include "connectors/web/tls.hpp"

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <ctime>

#include "engine/base/trace.hpp"
#include "engine/limits.hpp"
#include "engine/trust/files.hpp"

namespace connectors::web {

namespace limits = engine::limits;
using engine::Failure;
using engine::Result;
using engine::Time;

namespace {

template <class T, void (*free)(T*)>
struct Freed {
  void operator()(T* it) const { free(it); }
};
using Certificate = std::unique_ptr<X509, Freed<X509, X509_free>>;
using PrivateKey = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY, EVP_PKEY_free>>;
using Context = std::unique_ptr<SSL_CTX, Freed<SSL_CTX, SSL_CTX_free>>;

struct Memory {
  explicit Memory(engine::BytesView bytes)
      : bio(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size()))) {}
  ~Memory() { BIO_free(bio); }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  BIO* bio;
};

/// Why OpenSSL would not, in its words.
std::string why() {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  return reason == nullptr ? "no reason is known" : reason;
}

// --- what is spoken

// AES with 128 bits is the fastest of them and as safe; who has no AES in hardware says so by
// naming ChaCha20 first, and is heard.
constexpr const char* kSuites13 =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr const char* kSuites12 =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr const char* kGroups = "X25519:P-256:P-384";

/// HTTP/1.1 is what is spoken; who wants only something else hears so at once (RFC 7301).
int choose_protocol(SSL* /*ssl*/, const unsigned char** chosen, unsigned char* chosen_size,
                    const unsigned char* offered, unsigned int offered_size, void* /*own*/) {
  static constexpr std::string_view kOurs = "\x08http/1.1";
  const auto* ours = reinterpret_cast<const unsigned char*>(kOurs.data());
  unsigned char* found = nullptr;
  const int done =
      SSL_select_next_proto(&found, chosen_size, ours, kOurs.size(), offered, offered_size);
  *chosen = found;
  return done == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

/// Seals a ticket (`sealing` is 1), or opens one; 0 where its key is not known (any more): then
/// hands are shaken in full.
int with_ticket_key(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                    EVP_MAC_CTX* mac, int sealing) {
  auto& keys = *static_cast<TicketKeys*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  std::optional<TicketKeys::Key> key;
  if (sealing == 1) {
    key = keys.sealing();
    if (!key || RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) != 1) return -1;
    std::copy(key->name.begin(), key->name.end(), name);
  } else {
    engine::Octets<16> wanted{};
    std::copy_n(name, wanted.size(), wanted.begin());
    key = keys.opening(wanted);
    if (!key) return 0;
  }
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key->mac.data(), key->mac.size()),
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end()};
  const bool good =
      EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), nullptr, key->cipher.data(), iv, sealing) == 1 &&
      EVP_MAC_CTX_set_params(mac, parameters) == 1;
  OPENSSL_cleanse(&*key, sizeof *key);
  return good ? 1 : -1;
}

Context new_context(TicketKeys& keys) {
  Context context(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* all = context.get();
  if (all == nullptr) return nullptr;
  SSL_CTX_set_security_level(all, 2);
  SSL_CTX_set_options(all, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                               SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_mode(all, SSL_MODE_RELEASE_BUFFERS);  // a silent connection keeps none
  SSL_CTX_set_max_early_data(all, 0);
  SSL_CTX_set_session_cache_mode(all,
                                 SSL_SESS_CACHE_OFF);  // tickets alone: nothing kept of who left
  SSL_CTX_set_timeout(all, std::chrono::seconds(limits::kTicketKeyLife).count());
  SSL_CTX_set_num_tickets(all, 0);  // of TLS 1.3: TlsSession gives one
  SSL_CTX_set_app_data(all, &keys);
  SSL_CTX_set_tlsext_ticket_key_evp_cb(all, with_ticket_key);
  SSL_CTX_set_alpn_select_cb(all, choose_protocol, nullptr);
  const bool good = SSL_CTX_set_min_proto_version(all, TLS1_2_VERSION) == 1 &&
                    SSL_CTX_set_max_proto_version(all, TLS1_3_VERSION) == 1 &&
                    SSL_CTX_set_ciphersuites(all, kSuites13) == 1 &&
                    SSL_CTX_set_cipher_list(all, kSuites12) == 1 &&
                    SSL_CTX_set1_groups_list(all, kGroups) == 1;
  return good ? std::move(context) : nullptr;
}

// --- the files

Time time_of(const ASN1_TIME* time) {
  std::tm broken_down{};
  if (ASN1_TIME_to_tm(time, &broken_down) != 1) return Time{};
  return Time{std::chrono::seconds(::timegm(&broken_down))};
}

struct Validity {
  Time begins{}, expires = Time::max();
  void narrow(const X509* certificate) {
    begins = std::max(begins, time_of(X509_get0_notBefore(certificate)));
    expires = std::min(expires, time_of(X509_get0_notAfter(certificate)));
  }
};

Failure unusable(const std::filesystem::path& file) {
  return Failure{fmt::format("{} cannot be used: {}.", file.string(), why())};
}

Result<Validity> use_certificate(SSL_CTX* context, const std::filesystem::path& file) {
  const auto contents = engine::trust::read_file(file, limits::kTlsFileBytes);
  if (!contents) return contents.error();
  const Memory memory(contents->bytes);
  ERR_clear_error();
  const Certificate own(PEM_read_bio_X509_AUX(memory.bio, nullptr, nullptr, nullptr));
  if (!own) return Failure{fmt::format("{} holds no certificate in PEM.", file.string())};
  if (SSL_CTX_use_certificate(context, own.get()) != 1) return unusable(file);
  Validity validity;
  validity.narrow(own.get());
  while (Certificate next{PEM_read_bio_X509(memory.bio, nullptr, nullptr, nullptr)}) {
    validity.narrow(next.get());
    if (SSL_CTX_add0_chain_cert(context, next.get()) != 1) return unusable(file);
    (void)next.release();  // the context's now
  }
  if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) return unusable(file);
  return validity;
}

/// Nobody is asked for a passphrase: the engine starts by itself.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*own*/) { return -1; }

Result<void> use_key(SSL_CTX* context, const std::filesystem::path& file) {
  auto pem = engine::trust::read_private(file, limits::kTlsFileBytes);
  if (!pem) return pem.error();
  const Memory memory(*pem);
  ERR_clear_error();
  const PrivateKey key(PEM_read_bio_PrivateKey(memory.bio, nullptr, no_passphrase, nullptr));
  OPENSSL_cleanse(pem->data(), pem->size());
  if (!key) {
    return Failure{
        fmt::format("{} holds no private key in PEM, or one under a passphrase; give "
                    "one without.",
                    file.string())};
  }
  // A key of another kind than the certificate's is taken, and then stands without one.
  const bool taken = SSL_CTX_use_PrivateKey(context, key.get()) == 1;
  if (taken && SSL_CTX_check_private_key(context) == 1) return {};
  const int reason = ERR_GET_REASON(ERR_peek_last_error());
  if (!taken && reason != X509_R_KEY_VALUES_MISMATCH && reason != X509_R_KEY_TYPE_MISMATCH) {
    return unusable(file);
  }
  return Failure{fmt::format("{} is not the key of the certificate.", file.string())};
}

}  // namespace

Tls::Tls(TlsFiles files, const engine::Clock& clock, engine::Metrics& metrics)
    : full(metrics.counter("tocsin_tls_handshakes_total", "TLS handshakes by how they ended",
                           "outcome=\"full\"")),
      resumed(metrics.counter("tocsin_tls_handshakes_total", "TLS handshakes by how they ended",
                              "outcome=\"resumed\"")),
      failed(metrics.counter("tocsin_tls_handshakes_total", "TLS handshakes by how they ended",
                             "outcome=\"failed\"")),
      plain_http(metrics.counter("tocsin_tls_handshakes_total", "TLS handshakes by how they ended",
                                 "outcome=\"plain_http\"")),
      files_(std::move(files)),
      clock_(clock),
      ticket_keys_(clock) {}

Result<std::shared_ptr<Tls>> Tls::open(TlsFiles files, const engine::Clock& clock,
                                       engine::Metrics& metrics) {
  std::shared_ptr<Tls> tls(new Tls(std::move(files), clock, metrics));
  auto served = tls->load();
  if (!served) return served.error();
  tls->served_.set(std::make_shared<const Served>(std::move(*served)));
  metrics.gauge(
      "tocsin_certificate_expires_timestamp_seconds", "When the TLS certificate expires",
      [tls] { return static_cast<double>(tls->expires().time_since_epoch().count()) / 1e3; });
  return tls;
}

Result<Tls::Served> Tls::load() {
  auto context = new_context(ticket_keys_);
  if (!context) return Failure{"OpenSSL does not speak TLS as it is wanted here: " + why()};
  const auto validity = use_certificate(context.get(), files_.certificate);
  if (!validity) return validity.error();
  if (const auto used = use_key(context.get(), files_.key); !used) return used.error();
  return Served{std::shared_ptr<SSL_CTX>(context.release(), SSL_CTX_free), validity->begins,
                validity->expires};
}

Result<void> Tls::reload() {
  auto fresh = load();
  const auto now = clock_.now();
  if (fresh && (now < fresh->begins || now >= fresh->expires)) {
    fresh = Failure{fmt::format("{} counts from {} to {} only.", files_.certificate.string(),
                                engine::format_time(fresh->begins),
                                engine::format_time(fresh->expires))};
  }
  if (!fresh) {
    complaint_.set(std::make_shared<const std::string>(fresh.error().what));
    engine::trace(engine::Level::error, "certificate_refused", {{"why", fresh.error().what}});
    return fresh.error();
  }
  const auto expires = fresh->expires;
  served_.set(std::make_shared<const Served>(std::move(*fresh)));
  complaint_.set(nullptr);
  engine::trace(engine::Level::notice, "certificate_taken",
                {{"expires", engine::format_time(expires)}});
  return {};
}

std::vector<std::string> Tls::warnings() const {
  std::vector<std::string> all;
  const auto served = served_.get();
  const auto now = clock_.now();
  const std::string expires = engine::format_time(served->expires);
  if (const auto complaint = complaint_.get()) {
    all.push_back(
        fmt::format("The TLS certificate given last was not taken, that which expires at "
                    "{} stays in force: {}",
                    expires, *complaint));
  }
  const engine::Duration near =
      std::min<engine::Duration>(limits::kCertificateNear, (served->expires - served->begins) / 6);
  if (now >= served->expires) {
    all.push_back(
        fmt::format("The TLS certificate expired at {}, and clients turn away from it; "
                    "put a new one in its place and send SIGHUP now.",
                    expires));
  } else if (now < served->begins) {
    all.push_back(
        fmt::format("The TLS certificate counts from {} only, and clients turn away from "
                    "it until then.",
                    engine::format_time(served->begins)));
  } else if (now >= served->expires - near) {
    all.push_back(
        fmt::format("The TLS certificate expires at {}; put a new one in its place "
                    "before, and send SIGHUP.",
                    expires));
  }
  return all;
}

}  // namespace connectors::web
