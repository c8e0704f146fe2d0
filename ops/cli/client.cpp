#include "ops/cli/client.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

namespace ops::cli {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using boost::system::error_code;
using net::ip::tcp;

constexpr std::uint64_t kBodyMax = 16UL << 20;
constexpr auto kConnectTimeout = std::chrono::seconds{10};
constexpr std::string_view kProtocol = "tocsin.v1";

/// One connection, driven step by step: an operation is started, and the context run until it is
/// done or the deadline passes. (Beast's own timeouts do not cover blocking calls.)
class Line {
 public:
  using Clock = std::chrono::steady_clock;

  void allow(engine::Duration timeout) { deadline_ = Clock::now() + timeout; }

  /// `start` begins an operation with the handler it is given.
  template <class Start>
  error_code step(Start start) {
    std::optional<error_code> ended;
    start([&ended](error_code error, const auto&...) { ended = error; });
    context_.restart();
    context_.run_until(deadline_);
    if (ended) return *ended;
    resolver_.cancel();
    stream_.cancel();
    context_.restart();
    context_.run();
    return beast::error::timeout;
  }

  error_code connect(const Url& url) {
    tcp::resolver::results_type found;
    error_code error = step([&](auto done) {
      resolver_.async_resolve(url.host, url.port,
                              [&found, done](error_code ec, tcp::resolver::results_type results) {
                                found = std::move(results);
                                done(ec);
                              });
    });
    if (error) return error;
    error = step([&](auto done) { stream_.async_connect(found, done); });
    if (!error) stream_.socket().set_option(tcp::no_delay(true), error);
    return error;
  }

  net::io_context& context() { return context_; }
  beast::tcp_stream& stream() { return stream_; }

 private:
  net::io_context context_{1};
  tcp::resolver resolver_{context_};
  beast::tcp_stream stream_{context_};
  Clock::time_point deadline_;
};

std::string sentence(const error_code& error) {
  if (error == beast::error::timeout) return "no answer in time";
  if (error == http::error::body_limit) return "the answer is larger than 16 MiB";
  if (error == http::error::end_of_stream) return "the connection was closed without an answer";
  return error.message();
}

template <class Message>
Response response_of(Message&& message) {
  Response response;
  response.status = static_cast<int>(message.result_int());
  response.content_type = std::string(message[http::field::content_type]);
  response.position = std::string(message["Tocsin-Position"]);
  response.retry_after = std::string(message[http::field::retry_after]);
  response.body = std::move(message.body());
  return response;
}

http::request<http::string_body> message_of(const Url& url, const Request& request) {
  http::request<http::string_body> message;
  message.version(11);
  message.method_string(request.method);
  message.target(url.prefix + request.target);
  message.set(http::field::host, url.authority());
  message.set(http::field::user_agent, "tocsin");
  message.set(http::field::accept, request.accept);
  message.set(http::field::connection, "close");
  if (!request.content_type.empty()) message.set(http::field::content_type, request.content_type);
  if (!request.token.empty()) message.set(http::field::authorization, "Bearer " + request.token);
  message.body() = request.body;
  message.prepare_payload();
  return message;
}

}  // namespace

Answered<Response> exchange(const Url& url, const Request& request) {
  Line line;
  line.allow(kConnectTimeout);
  if (const error_code error = line.connect(url)) {
    return Unanswered{Unanswered::When::not_sent, sentence(error)};
  }
  line.allow(request.timeout);
  const auto message = message_of(url, request);
  const error_code sent =
      line.step([&](auto done) { http::async_write(line.stream(), message, done); });
  // An engine that refuses a large body answers before it has read it: listen even then.
  beast::flat_buffer buffer(64 << 10);
  http::response_parser<http::string_body> parser;
  parser.body_limit(kBodyMax);
  const error_code received =
      line.step([&](auto done) { http::async_read(line.stream(), buffer, parser, done); });
  if (received) {
    return Unanswered{Unanswered::When::maybe_sent, sentence(sent ? sent : received)};
  }
  error_code ignored;
  line.stream().socket().shutdown(tcp::socket::shutdown_both, ignored);
  return response_of(parser.release());
}

class Stream::Impl {
 public:
  ~Impl() {
    beast::get_lowest_layer(socket_).close();
    line_.context().restart();
    line_.context().run();  // the read that was waiting ends, and lets go of the buffer
  }

  error_code connect(const Url& url) {
    line_.allow(kConnectTimeout);
    return line_.connect(url);
  }

  error_code upgrade(const Url& url, const std::string& target, const std::string& token,
                     websocket::response_type& answer) {
    socket_.set_option(websocket::stream_base::decorator([token](websocket::request_type& request) {
      if (!token.empty()) request.set(http::field::authorization, "Bearer " + token);
      request.set(http::field::user_agent, "tocsin");
      request.set(http::field::sec_websocket_protocol,
                  beast::string_view(kProtocol.data(), kProtocol.size()));
    }));
    socket_.read_message_max(kBodyMax);
    line_.allow(kConnectTimeout);
    return line_.step([&](auto done) {
      socket_.async_handshake(answer, url.authority(), url.prefix + target, done);
    });
  }

  Heard hear(engine::Duration patience) {
    if (!reading_) {
      reading_ = true;
      ended_.reset();
      socket_.async_read(buffer_, [this](error_code error, std::size_t) {
        reading_ = false;
        ended_ = error;
      });
    }
    line_.context().restart();
    line_.context().run_for(patience);
    if (!ended_) return {Heard::What::silence, {}, 0};
    const error_code error = *ended_;
    ended_.reset();
    if (error == websocket::error::closed) {
      const auto& reason = socket_.reason();
      return {Heard::What::end, std::string(reason.reason.c_str()), reason.code};
    }
    if (error) return {Heard::What::end, sentence(error), 0};
    std::string text = beast::buffers_to_string(buffer_.data());
    buffer_.consume(buffer_.size());
    return {Heard::What::message, std::move(text), 0};
  }

 private:
  Line line_;
  websocket::stream<beast::tcp_stream&> socket_{line_.stream()};
  beast::flat_buffer buffer_{kBodyMax};
  bool reading_ = false;
  std::optional<error_code> ended_;
};

Stream::Stream(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Stream::~Stream() = default;

Answered<Stream::Opened> Stream::open(const Url& url, const std::string& target,
                                      const std::string& token) {
  auto impl = std::make_unique<Impl>();
  if (const error_code error = impl->connect(url)) {
    return Unanswered{Unanswered::When::not_sent, sentence(error)};
  }
  websocket::response_type answer;
  const error_code error = impl->upgrade(url, target, token, answer);
  Opened opened;
  if (error == websocket::error::upgrade_declined) {
    opened.refusal = response_of(std::move(answer));
    return opened;
  }
  if (error) return Unanswered{Unanswered::When::maybe_sent, sentence(error)};
  opened.stream.reset(new Stream(std::move(impl)));
  return opened;
}

Stream::Heard Stream::hear(engine::Duration patience) { return impl_->hear(patience); }

}  // namespace ops::cli
