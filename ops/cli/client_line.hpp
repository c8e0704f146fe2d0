#pragma once
// What client.cpp and client_tls.cpp have in common: a connection driven step by step, and HTTP and
// the stream over whatever transport they put on it. Included by the two of them alone.
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

#include "ops/cli/client.hpp"

namespace ops::cli {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using boost::system::error_code;
using net::ip::tcp;

inline constexpr std::uint64_t kBodyMax = 16UL << 20;
inline constexpr auto kConnectTimeout = std::chrono::seconds{10};
inline constexpr std::string_view kProtocol = "tocsin.v1";

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

inline std::string sentence(const error_code& error) {
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

inline http::request<http::string_body> message_of(const Url& url, const Request& request) {
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

/// One request over a transport that is there: both ways of it have proved who they are.
template <class Transport>
Answered<Response> exchange_over(Line& line, Transport& transport, const Url& url,
                                 const Request& request) {
  line.allow(request.timeout);
  const auto message = message_of(url, request);
  const error_code sent =
      line.step([&](auto done) { http::async_write(transport, message, done); });
  // An engine that refuses a large body answers before it has read it: listen even then.
  beast::flat_buffer buffer(64 << 10);
  http::response_parser<http::string_body> parser;
  parser.body_limit(kBodyMax);
  const error_code received =
      line.step([&](auto done) { http::async_read(transport, buffer, parser, done); });
  if (received) {
    return Unanswered{Unanswered::When::maybe_sent, sentence(sent ? sent : received)};
  }
  error_code ignored;
  line.stream().socket().shutdown(tcp::socket::shutdown_both, ignored);
  return response_of(parser.release());
}

/// A WebSocket over a transport, which refers to the line.
template <class Transport>
class StreamOver : public Stream::Impl {
 public:
  template <class... Made>
  explicit StreamOver(Made&&... made) : socket_(line_.stream(), std::forward<Made>(made)...) {}
  StreamOver(const StreamOver&) = delete;
  StreamOver& operator=(const StreamOver&) = delete;
  ~StreamOver() override {
    beast::get_lowest_layer(socket_).close();
    line_.context().restart();
    line_.context().run();  // the read that was waiting ends, and lets go of the buffer
  }

  Line& line() { return line_; }
  auto& transport() { return socket_.next_layer(); }

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

  Stream::Heard hear(engine::Duration patience) override {
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
    if (!ended_) return {Stream::Heard::What::silence, {}, 0};
    const error_code error = *ended_;
    ended_.reset();
    if (error == websocket::error::closed) {
      const auto& reason = socket_.reason();
      return {Stream::Heard::What::end, std::string(reason.reason.c_str()), reason.code};
    }
    if (error) return {Stream::Heard::What::end, sentence(error), 0};
    std::string text = beast::buffers_to_string(buffer_.data());
    buffer_.consume(buffer_.size());
    return {Stream::Heard::What::message, std::move(text), 0};
  }

 private:
  Line line_;
  websocket::stream<Transport> socket_;
  beast::flat_buffer buffer_{kBodyMax};
  bool reading_ = false;
  std::optional<error_code> ended_;
};

/// The stream over a transport that is there, or what was answered instead.
template <class Transport>
Answered<Stream::Opened> open_over(std::unique_ptr<StreamOver<Transport>> over, const Url& url,
                                   const std::string& target, const std::string& token) {
  websocket::response_type answer;
  const error_code error = over->upgrade(url, target, token, answer);
  Stream::Opened opened;
  if (error == websocket::error::upgrade_declined) {
    opened.refusal = response_of(std::move(answer));
    return opened;
  }
  if (error) return Unanswered{Unanswered::When::maybe_sent, sentence(error)};
  opened.stream = std::make_unique<Stream>(std::move(over));
  return opened;
}

/// Over TLS: client_tls.cpp.
Answered<Response> exchange_by_tls(const Url& url, const Request& request);
Answered<Stream::Opened> open_by_tls(const Url& url, const std::string& target,
                                     const std::string& token);

}  // namespace ops::cli
