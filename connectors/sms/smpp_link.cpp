#include "connectors/sms/smpp_link.hpp"

#include <fmt/format.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <optional>
#include <utility>

namespace connectors::sms {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

/// The context is made for each connection, so that a new file of authorities counts at the next.
struct SmppLink::Tls {
  Tls() : context(asio::ssl::context::tls_client) {}

  error_code trust(const std::filesystem::path& ca_file) {
    error_code error;
    if (SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION) != 1) {
      return asio::error::operation_not_supported;
    }
    if (ca_file.empty()) {
      context.set_default_verify_paths(error);
    } else {
      context.load_verify_file(ca_file.string(), error);
    }
    return error;
  }

  /// The name is checked by OpenSSL with the rest of the certificate, and is asked for (SNI) where
  /// it is a name.
  error_code wrap(tcp::socket& socket) {
    stream.emplace(socket, context);
    error_code error;
    stream->set_verify_mode(asio::ssl::verify_peer, error);
    if (error) return error;
    SSL* ssl = stream->native_handle();
    X509_VERIFY_PARAM* wanted = SSL_get0_param(ssl);
    error_code no_address;
    (void)asio::ip::make_address(host, no_address);
    X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    const bool good = no_address ? X509_VERIFY_PARAM_set1_host(wanted, host.c_str(), 0) == 1 &&
                                       SSL_set_tlsext_host_name(ssl, host.c_str()) == 1
                                 : X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str()) == 1;
    return good ? error_code{} : asio::error::invalid_argument;
  }

  asio::ssl::context context;
  std::optional<asio::ssl::stream<tcp::socket&>> stream;
  std::string host;
};

SmppLink::SmppLink(asio::io_context& context, Times::Span patience, LinkListener& listener)
    : listener_(&listener),
      resolver_(context),
      socket_(context),
      patience_(patience),
      share_(context) {}

SmppLink::~SmppLink() = default;

std::shared_ptr<SmppLink> SmppLink::open(asio::io_context& context, const SmppUrl& url,
                                         const std::filesystem::path& ca_file, Times::Span patience,
                                         LinkListener& listener) {
  std::shared_ptr<SmppLink> link(new SmppLink(context, patience, listener));
  error_code error;
  if (url.tls) {
    link->tls_ = std::make_unique<Tls>();
    link->tls_->host = url.host;
    error = link->tls_->trust(ca_file);
  }
  if (error) {
    asio::post(context, [link, error] { link->broken("reading its authorities", error); });
  } else {
    link->look_up(url);
  }
  return link;
}

void SmppLink::look_up(const SmppUrl& url) {
  resolver_.async_resolve(url.host, std::to_string(url.port), tcp::resolver::numeric_service,
                          [self = shared_from_this()](const error_code& error, const auto& found) {
                            if (error) return self->broken("looking up its name", error);
                            self->connect(found);
                          });
}

void SmppLink::connect(const tcp::resolver::results_type& found) {
  for (const auto& one : found) addresses_.push_back(one.endpoint());
  connect_next();
}

/// The last one has what is left of the caller's patience.
void SmppLink::connect_next() {
  if (listener_ == nullptr) return;
  error_code ignored;
  socket_.close(ignored);
  const tcp::endpoint& address = addresses_.at(tried_++);
  if (tried_ < addresses_.size()) {
    share_.expires_after(patience_ / static_cast<Times::Span::rep>(addresses_.size()));
    share_.async_wait([self = shared_from_this(), tried = tried_](const error_code& error) {
      error_code none;
      if (!error && tried == self->tried_) self->socket_.close(none);
    });
  }
  socket_.async_connect(address, [self = shared_from_this()](const error_code& error) {
    if (!error) return self->connected();
    if (self->tried_ < self->addresses_.size()) return self->connect_next();
    self->broken("connecting", error);
  });
}

void SmppLink::connected() {
  tried_ = addresses_.size() + 1;  // nobody is out of time any more
  share_.cancel();
  if (listener_ == nullptr) return;
  error_code ignored;
  socket_.set_option(tcp::no_delay(true), ignored);
  tls_ ? shake_hands() : opened();
}

void SmppLink::shake_hands() {
  if (const auto error = tls_->wrap(socket_)) return broken("beginning TLS", error);
  tls_->stream->async_handshake(asio::ssl::stream_base::client,
                                [self = shared_from_this()](const error_code& error) {
                                  if (error) return self->broken("shaking hands", error);
                                  self->opened();
                                });
}

void SmppLink::opened() {
  if (listener_ != nullptr) listener_->opened();
}

void SmppLink::broken(const std::string& doing, const error_code& error) {
  LinkListener* listener = std::exchange(listener_, nullptr);
  if (listener == nullptr) return;
  error_code ignored;
  socket_.close(ignored);
  std::string why = error == asio::error::eof ? "the other side hung up" : error.message();
  // What OpenSSL says of a certificate is found beside its error alone.
  if (tls_ && tls_->stream) {
    const long verdict = SSL_get_verify_result(tls_->stream->native_handle());
    if (verdict != X509_V_OK) why += fmt::format(" ({})", X509_verify_cert_error_string(verdict));
  }
  listener->broken(fmt::format("{}: {}", doing, why));
}

template <class Stream>
void SmppLink::read_from(Stream& stream) {
  stream.async_read_some(asio::buffer(heard_),
                         [self = shared_from_this()](const error_code& error, std::size_t size) {
                           self->reading_ = false;
                           if (self->listener_ == nullptr) return;
                           if (error) return self->broken("reading", error);
                           self->listener_->heard({self->heard_.data(), size});
                           if (!self->reading_) self->give_up();
                         });
}

template <class Stream>
void SmppLink::write_to(Stream& stream) {
  asio::async_write(stream, asio::buffer(writing_),
                    [self = shared_from_this()](const error_code& error, std::size_t) {
                      if (self->listener_ == nullptr) return;
                      if (!error) return self->listener_->written();
                      self->unwritten_ = error;
                      if (!self->reading_) self->give_up();
                    });
}

/// What the other side said before it went is heard first: it may be answers, and a message whose
/// answer is not heard is sent twice. The kernel has it still, with an end behind it.
void SmppLink::give_up() {
  if (unwritten_) broken("writing", unwritten_);
}

void SmppLink::read() {
  reading_ = true;
  tls_ ? read_from(*tls_->stream) : read_from(socket_);
}

void SmppLink::write(engine::Bytes octets) {
  writing_ = std::move(octets);
  tls_ ? write_to(*tls_->stream) : write_to(socket_);
}

void SmppLink::close() {
  listener_ = nullptr;
  resolver_.cancel();
  share_.cancel();
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace connectors::sms
