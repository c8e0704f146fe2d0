#include "connectors/web/stream_connection.hpp"

#include "engine/base/trace.hpp"
#include "engine/limits.hpp"

namespace connectors::web {

namespace limits = engine::limits;
using boost::asio::ip::tcp;
using engine::CloseReason;

StreamConnection::StreamConnection(WebShard& shard, SocketLease lease)
    : shard_(shard), lease_(std::move(lease)) {}

void StreamConnection::start(std::string head, std::string_view early, engine::Filter filter,
                             const engine::Start& from) {
  push(std::move(head));
  member_ = filter.member();
  subscriber_ = shard_.shard.join(*this, std::move(filter), from, shard_.engine.hello());
  wait_read();
  if (!early.empty()) take(early);
}

// --- out

std::size_t StreamConnection::offer(std::span<const engine::Wire> frames) {
  if (state_ != State::open) return 0;  // nothing reaches it any more
  const std::size_t taken = write(frames);
  if (out_.waiting()) wait_write();
  return taken;
}

void StreamConnection::push(std::string bytes) {
  out_.push(pipe(), std::make_shared<const std::string>(std::move(bytes)));
  if (out_.waiting()) wait_write();
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
  const std::size_t gone = out_.flush(pipe());
  if (out_.broken()) return finish();
  if (gone > 0) shard_.shard.progressed(subscriber_);
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
  const ssize_t size = pipe().receive(buffer);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return wait_read();
  if (size <= 0) return finish();
  take({buffer.data(), static_cast<std::size_t>(size)});
  if (state_ != State::finished) wait_read();
}

// --- the end

void StreamConnection::close(CloseReason reason, std::string_view text) {
  if (state_ != State::open) return;
  shard_.engine.metrics()
      .counter("tocsin_stream_closes_total", "Streams closed by us, by close code",
               "code=\"" + std::to_string(engine::code(reason)) + "\"")
      .add();
  if (reason != CloseReason::going_away) {
    engine::trace(engine::Level::notice, "stream_closed",
                  {{"code", std::to_string(engine::code(reason))}, {"why", std::string(text)}});
  }
  say_goodbye(goodbye(reason, text));
}

void StreamConnection::say_goodbye(std::string bytes) {
  state_ = State::said_goodbye;
  shard_.shard.said_goodbye(subscriber_);
  shard_.watch(*this, limits::kCloseMax);
  push(std::move(bytes));
  if (!out_.waiting()) goodbye_is_out();
}

void StreamConnection::half_close() {
  pipe().say_end();
  boost::system::error_code ignored;
  lease_.socket.shutdown(tcp::socket::shutdown_send, ignored);
}

void StreamConnection::on_deadline() { finish(); }

void StreamConnection::finish() {
  if (state_ == State::finished) return;
  state_ = State::finished;
  shard_.forget(*this);
  shard_.shard.leave(subscriber_);
  pipe().say_end();
  boost::system::error_code ignored;
  lease_.socket.shutdown(tcp::socket::shutdown_both, ignored);
  lease_.socket.close(ignored);
}

}  // namespace connectors::web
