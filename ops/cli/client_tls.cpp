// The client over TLS: the engine's certificate has to be of an authority that is believed, and for
// the host that was named.
#include <fmt/format.h>
#include <openssl/ssl.h>

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/websocket/ssl.hpp>

#include "ops/cli/client_line.hpp"

namespace ops::cli {

namespace {

namespace ssl = net::ssl;
using Secure = ssl::stream<beast::tcp_stream&>;

/// Authorities: those of the file, or this machine's.
Answered<void> believe(ssl::context& context, const std::string& ca_file) {
  error_code error;
  if (ca_file.empty()) {
    context.set_default_verify_paths(error);
  } else {
    context.load_verify_file(ca_file, error);
  }
  if (!error) return {};
  return Unanswered{Unanswered::When::not_sent,
                    ca_file.empty() ? "this machine believes no authority; see --cacert"
                                    : fmt::format("{} holds no certificate in PEM", ca_file)};
}

/// Whom the certificate has to be for: an address, or a name, which is asked for too (SNI).
bool expect_host(SSL* secure, const std::string& host) {
  error_code no_address;
  net::ip::make_address(host, no_address);
  if (!no_address) {
    return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(secure), host.c_str()) == 1;
  }
  return SSL_set_tlsext_host_name(secure, host.c_str()) == 1 &&
         SSL_set1_host(secure, host.c_str()) == 1;
}

/// Connects, and lets the engine prove who it is.
Answered<void> shake_hands(Line& line, Secure& secure, const Url& url) {
  line.allow(kConnectTimeout);
  if (const error_code error = line.connect(url)) {
    return Unanswered{Unanswered::When::not_sent, sentence(error)};
  }
  if (!expect_host(secure.native_handle(), url.host)) {
    return Unanswered{Unanswered::When::not_sent, "no certificate can be for that host"};
  }
  secure.set_verify_mode(ssl::verify_peer);
  const error_code error =
      line.step([&](auto done) { secure.async_handshake(ssl::stream_base::client, done); });
  if (!error) return {};
  const long verified = SSL_get_verify_result(secure.native_handle());
  if (verified != X509_V_OK) {
    return Unanswered{Unanswered::When::not_trusted, X509_verify_cert_error_string(verified)};
  }
  return Unanswered{Unanswered::When::not_sent, "no TLS: " + sentence(error)};
}

ssl::context new_context() {
  ssl::context context(ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  return context;
}

/// A base, so that the context is there before what is made of it.
struct OwnContext {
  ssl::context context = new_context();
};
struct SecureStream : OwnContext, StreamOver<Secure> {
  SecureStream() : StreamOver<Secure>(context) {}
};

}  // namespace

Answered<Response> exchange_by_tls(const Url& url, const Request& request) {
  ssl::context context = new_context();
  if (auto believed = believe(context, url.ca_file); !believed) return believed.error();
  Line line;
  Secure secure(line.stream(), context);
  if (auto shaken = shake_hands(line, secure, url); !shaken) return shaken.error();
  return exchange_over(line, secure, url, request);
}

Answered<Stream::Opened> open_by_tls(const Url& url, const std::string& target,
                                     const std::string& token) {
  auto over = std::make_unique<SecureStream>();
  if (auto believed = believe(over->context, url.ca_file); !believed) return believed.error();
  if (auto shaken = shake_hands(over->line(), over->transport(), url); !shaken) {
    return shaken.error();
  }
  return open_over<Secure>(std::move(over), url, target, token);
}

}  // namespace ops::cli
