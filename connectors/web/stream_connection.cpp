#include "connectors/web/stream_connection.hpp"

#include <sys/socket.h>

#include "connectors/web/client_message.hpp"
#include "engine/base/trace.hpp"
#include "engine/limits.hpp"

namespace connectors::web {

namespace limits = engine::limits;
using boost::asio::ip::tcp;
using engine::CloseReason;

namespace {
constexpr std::uint8_t kCloseOpcode = 0x8;
constexpr std::uint8_t kPongOpcode = 0xa;
constexpr std::size_t kControlFramesWaiting = 8;  // pongs a client that reads nothing may pile up
}  // namespace

StreamConnection::StreamConnection(WebShard& shard, SocketLease lease)
    : shard_(shard), lease_(std::move(lease)), reader_(limits::kInboundMessageBytes) {}

void StreamConnection::start(std::string switching, std::string_view early, engine::Filter filter,
                             const engine::Start& from) {
  out_.push(lease_.socket.native_handle(),
            std::make_shared<const std::string>(std::move(switching)));
  subscriber_ = shard_.shard.join(*this, std::move(filter), from, shard_.engine.hello());
  wait_read();
  if (!early.empty()) take(early);
}

// --- out

std::size_t StreamConnection::offer(std::span<const engine::Wire> frames) {
  if (state_ != State::open) return frames.size();  // nobody will miss them: the reader resumes
  const std::size_t taken = out_.send(lease_.socket.native_handle(), frames);
  if (out_.waiting()) wait_write();
  return taken;
}

void StreamConnection::wait_write() {
  if (wait_write_pending_) return;
  wait_write_pending_ = true;
  lease_.socket.async_wait(tcp::socket::wait_write,
                           [self = shared_from_this()](boost::system::error_code error) {
                             self->wait_write_pending_ = false;
                             if (!error) self->on_writable();
                           });
}

void StreamConnection::on_writable() {
  if (state_ == State::finished) return;
  out_.flush(lease_.socket.native_handle());
  if (out_.broken()) return finish();
  if (out_.waiting()) return wait_write();
  if (state_ == State::open) return shard_.shard.writable(subscriber_);
  goodbye_is_out();
}

// --- in

void StreamConnection::wait_read() {
  lease_.socket.async_wait(tcp::socket::wait_read,
                           [self = shared_from_this()](boost::system::error_code error) {
                             if (error) return self->finish();
                             self->on_readable();
                           });
}

void StreamConnection::on_readable() {
  if (state_ == State::finished) return;
  auto& buffer = shard_.read_buffer;
  const ssize_t size =
      ::recv(lease_.socket.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return wait_read();
  if (size <= 0) return finish();
  take({buffer.data(), static_cast<std::size_t>(size)});
  if (state_ != State::finished) wait_read();
}

void StreamConnection::take(std::string_view bytes) {
  if (after_goodbye_ != AfterGoodbye::listen) return;
  std::vector<Message> messages;
  const auto fault = reader_.read(bytes, messages);
  for (const Message& message : messages) {
    on_message(message);
    if (state_ == State::finished || after_goodbye_ != AfterGoodbye::listen) return;
  }
  if (!fault) return;
  after_goodbye_ = AfterGoodbye::ignore;  // what follows cannot be understood any more
  close(*fault, "");
}

void StreamConnection::on_message(const Message& message) {
  if (message.kind == Message::Kind::close) return answer_close(message.payload);
  if (state_ != State::open) return;
  if (!within_rate()) return close(CloseReason::too_many_messages, "fewer messages a second");
  switch (message.kind) {
    case Message::Kind::ping:
      if (out_.frames_waiting() < kControlFramesWaiting) {
        out_.push(lease_.socket.native_handle(),
                  std::make_shared<const std::string>(
                      engine::websocket_frame(kPongOpcode, message.payload)));
        if (out_.waiting()) wait_write();
      }
      break;
    case Message::Kind::text:
      on_text(message.payload);
      break;
    case Message::Kind::binary:
      close(CloseReason::bad_message, "text messages only");
      break;
    case Message::Kind::pong:
    case Message::Kind::close:
      break;
  }
}

void StreamConnection::on_text(std::string_view text) {
  const auto message = parse_client_message(text, shard_.engine.log().head());
  if (!message) return close(CloseReason::bad_message, message.error().what);
  shard_.engine.metrics()
      .counter("tocsin_client_messages_total", "What connected readers told us",
               message->kind == ClientMessage::Kind::ack ? "type=\"ack\"" : "type=\"receipt\"")
      .add();
}

bool StreamConnection::within_rate() {
  if (messages_second_ != shard_.second()) {
    messages_second_ = shard_.second();
    messages_ = 0;
  }
  return ++messages_ <= limits::kInboundMessagesPerSecond;
}

// --- the end

void StreamConnection::close(CloseReason reason, std::string_view text) {
  if (state_ != State::open) return;
  state_ = State::said_goodbye;
  shard_.engine.metrics()
      .counter("tocsin_stream_closes_total", "Streams closed by us, by close code",
               "code=\"" + std::to_string(engine::code(reason)) + "\"")
      .add();
  if (reason != CloseReason::going_away) {
    engine::trace(engine::Level::notice, "stream_closed",
                  {{"code", std::to_string(engine::code(reason))}, {"why", std::string(text)}});
  }
  out_.push(lease_.socket.native_handle(),
            std::make_shared<const std::string>(
                engine::websocket_frame(kCloseOpcode, close_payload(reason, text))));
  shard_.watch(*this, limits::kCloseMax);
  if (out_.waiting()) wait_write();
  if (!out_.waiting()) goodbye_is_out();
}

void StreamConnection::answer_close(std::string_view payload) {
  if (state_ == State::said_goodbye) return finish();
  state_ = State::said_goodbye;
  after_goodbye_ = AfterGoodbye::finish;
  out_.push(lease_.socket.native_handle(),
            std::make_shared<const std::string>(engine::websocket_frame(
                kCloseOpcode, payload.size() >= 2 ? payload.substr(0, 2) : std::string_view{})));
  if (!out_.waiting()) return finish();
  shard_.watch(*this, limits::kCloseMax);
  wait_write();
}

/// The peer's own close, its end, or the deadline finishes what we closed.
void StreamConnection::goodbye_is_out() {
  if (after_goodbye_ == AfterGoodbye::finish) return finish();
  boost::system::error_code ignored;
  if (after_goodbye_ == AfterGoodbye::ignore) {
    lease_.socket.shutdown(tcp::socket::shutdown_send, ignored);
  }
}

void StreamConnection::on_deadline() { finish(); }

void StreamConnection::finish() {
  if (state_ == State::finished) return;
  state_ = State::finished;
  shard_.forget(*this);
  shard_.shard.leave(subscriber_);
  boost::system::error_code ignored;
  lease_.socket.shutdown(tcp::socket::shutdown_both, ignored);
  lease_.socket.close(ignored);
}

}  // namespace connectors::web
