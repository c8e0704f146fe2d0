#include "connectors/web/http_exchange.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <atomic>
#include <boost/asio/post.hpp>
#include <utility>

#include "connectors/web/event_stream.hpp"
#include "connectors/web/websocket_stream.hpp"
#include "engine/limits.hpp"

namespace connectors::web {

namespace limits = engine::limits;
using boost::asio::ip::tcp;
using engine::Code;
using engine::Refusal;

namespace {

// Bodies held at this moment, of all connections of all shards.
std::atomic<std::size_t> bodies_bytes{0};  // NOLINT

Refusal refusal_of(Code code, std::string detail) {
  Refusal refusal;
  refusal.code = code;
  refusal.detail = std::move(detail);
  return refusal;
}

}  // namespace

HttpExchange::HttpExchange(WebShard& shard, SocketLease lease)
    : shard_(shard), lease_(std::move(lease)) {}

HttpExchange::~HttpExchange() { release_body(); }

void HttpExchange::start() {
  expect(State::idle, limits::kHeaderMax);
  wait_read();
}

void HttpExchange::expect(State state, std::chrono::seconds within) {
  state_ = state;
  shard_.watch(*this, within);
}

void HttpExchange::on_deadline() { finish(); }

// --- in

void HttpExchange::wait_read() {
  lease_.socket.async_wait(tcp::socket::wait_read,
                           [self = shared_from_this()](boost::system::error_code error) {
                             if (error) return self->finish();
                             self->on_readable();
                           });
}

void HttpExchange::on_readable() {
  if (state_ == State::closed) return;
  auto& buffer = shard_.read_buffer;
  const ssize_t size =
      ::recv(lease_.socket.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return wait_read();
  if (size <= 0) return finish();
  in_.append(buffer.data(), static_cast<std::size_t>(size));
  proceed();
}

/// Takes the next request from what has arrived; reads on where it is not complete yet.
void HttpExchange::proceed() {
  if (state_ == State::idle && !in_.empty()) expect(State::head, limits::kHeaderMax);
  if (state_ == State::head && !begin_request()) return;
  if (state_ == State::body && in_.size() >= request_.content_length) return handle();
  if (state_ == State::idle || state_ == State::head || state_ == State::body) wait_read();
}

bool HttpExchange::begin_request() {
  const std::size_t size = head_size(std::string_view(in_).substr(0, limits::kHeaderBytes + 4));
  if (size == 0 && in_.size() <= limits::kHeaderBytes) {
    wait_read();
    return false;
  }
  if (size == 0 || size > limits::kHeaderBytes) {
    refuse(refusal_of(
        Code::header_too_large,
        fmt::format("The head of a request is at most {} octets.", limits::kHeaderBytes)));
    return false;
  }
  auto parsed = parse_head(std::string_view(in_).substr(0, size));
  in_.erase(0, size);
  if (auto* refusal = std::get_if<Refusal>(&parsed)) {
    refuse(*refusal);
    return false;
  }
  request_ = std::get<Request>(std::move(parsed));
  if (request_.content_length > limits::kBodyBytes) {
    refuse(refusal_of(Code::too_large, fmt::format("The body has {} octets; at most {} are taken.",
                                                   request_.content_length, limits::kBodyBytes)));
    return false;
  }
  if (!reserve_body(request_.content_length)) {
    Refusal refusal = refusal_of(Code::too_many, "Too many requests are on their way; try again.");
    refusal.retry_after_s = 1;
    refuse(refusal);
    return false;
  }
  expect(State::body, limits::kBodyMax);
  if (request_.has_token("expect", "100-continue") && in_.size() < request_.content_length) {
    out_.push(lease_.socket.native_handle(),
              std::make_shared<const std::string>("HTTP/1.1 100 Continue\r\n\r\n"));
  }
  return true;
}

bool HttpExchange::reserve_body(std::size_t size) {
  if (bodies_bytes.fetch_add(size) + size > limits::kBodiesBytes) {
    bodies_bytes.fetch_sub(size);
    return false;
  }
  body_reserved_ = size;
  return true;
}

void HttpExchange::release_body() { bodies_bytes.fetch_sub(std::exchange(body_reserved_, 0)); }

// --- work

void HttpExchange::handle() {
  state_ = State::working;  // the log's and the reader's own bounds end it
  shard_.forget(*this);
  // What is left of `in_` is where the next request, or the stream, begins. It gets memory of its
  // own size: a connection that stays keeps none of what the body took.
  std::string rest = in_.substr(request_.content_length);
  std::string body = std::exchange(in_, std::move(rest));
  body.resize(request_.content_length);
  if (shard_.api.is_stream(request_)) {
    release_body();
    return upgrade();
  }
  // The answer may come on a thread of the log.
  shard_.api.handle(request_, body, {lease_.door, lease_.loopback, lease_.address},
                    [self = shared_from_this()](Response response) {
                      auto& io = self->shard_.shard.io();
                      boost::asio::post(io, [self, response = std::move(response)] {
                        self->release_body();
                        self->answer(response);
                      });
                    });
}

void HttpExchange::upgrade() {
  auto accepted = shard_.api.accept_stream(request_);
  if (auto* refusal = std::get_if<Refused>(&accepted)) {
    engine::count_refusal(shard_.engine.metrics(), refusal->refusal);
    return answer(refusal->response);
  }
  auto& stream = std::get<AcceptedStream>(accepted);
  state_ = State::closed;
  std::string head = serialize(stream.head, BodyPart::with_body);
  std::shared_ptr<StreamConnection> connection;
  if (stream.kind == AcceptedStream::Kind::websocket) {
    connection = std::make_shared<WebSocketStream>(shard_, std::move(lease_));
  } else {
    connection = std::make_shared<EventStream>(shard_, std::move(lease_));
    head += EventStream::retry_event(shard_);
  }
  connection->start(std::move(head), in_, std::move(stream.filter), stream.start);
}

// --- out

void HttpExchange::refuse(const Refusal& refusal) {
  engine::count_refusal(shard_.engine.metrics(), refusal);
  Response response = problem(refusal);
  // What follows on this connection may not be where a request begins.
  response.then = Response::Then::close;
  answer(response);
}

void HttpExchange::answer(const Response& response) {
  if (state_ == State::closed) return;
  Response final = response;
  if (!request_.keep_alive && final.then == Response::Then::keep)
    final.then = Response::Then::close;
  then_ = final.then;
  const auto part = request_.method == "HEAD" ? BodyPart::without_body : BodyPart::with_body;
  expect(State::answering, limits::kAnswerMax);
  out_.push(lease_.socket.native_handle(),
            std::make_shared<const std::string>(serialize(final, part)));
  if (out_.waiting()) return wait_write();
  on_answered();
}

void HttpExchange::wait_write() {
  lease_.socket.async_wait(tcp::socket::wait_write,
                           [self = shared_from_this()](boost::system::error_code error) {
                             if (error || self->state_ == State::closed) return self->finish();
                             self->out_.flush(self->lease_.socket.native_handle());
                             if (self->out_.waiting()) return self->wait_write();
                             self->on_answered();
                           });
}

void HttpExchange::on_answered() {
  if (out_.broken()) return finish();
  if (then_ != Response::Then::keep) {
    // The answer must not be lost to a reset: say that nothing more comes, then wait for the end.
    boost::system::error_code ignored;
    lease_.socket.shutdown(tcp::socket::shutdown_send, ignored);
    in_.clear();
    expect(State::lingering, limits::kCloseMax);
    return linger();
  }
  request_ = {};
  expect(State::idle, limits::kIdleMax);
  // Not from here: ten thousand pipelined requests would be as many calls deep.
  boost::asio::post(shard_.shard.io(), [self = shared_from_this()] {
    if (self->state_ == State::idle) self->proceed();
  });
}

/// Reads and drops what the peer still sends, until it closes, sends too much, or time is up.
void HttpExchange::linger() {
  lease_.socket.async_wait(
      tcp::socket::wait_read, [self = shared_from_this()](boost::system::error_code error) {
        if (error || self->state_ == State::closed) return self->finish();
        auto& buffer = self->shard_.read_buffer;
        const ssize_t size =
            ::recv(self->lease_.socket.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR)) return self->finish();
        self->dropped_ += size > 0 ? static_cast<std::size_t>(size) : 0;
        if (self->dropped_ > 2 * limits::kBodyBytes) return self->finish();
        self->linger();
      });
}

void HttpExchange::finish() {
  if (state_ == State::closed) return;
  state_ = State::closed;
  shard_.forget(*this);
  boost::system::error_code ignored;
  lease_.socket.close(ignored);
}

}  // namespace connectors::web
