#include "connectors/web/stream_connection.hpp"

#include <sys/socket.h>

#include <cerrno>

#include "engine/base/trace.hpp"
#include "engine/limits.hpp"

namespace connectors::web {

namespace limits = engine::limits;
using engine::CloseReason;

StreamConnection::StreamConnection(WebShard& shard, StreamSocket socket)
    : shard_(shard), socket_(std::move(socket)) {}

void StreamConnection::start(std::string head, std::string_view early, engine::Filter filter,
                             const engine::Start& from) {
  // No memory for it: as if the network had failed.
  if (!shard_.sockets.add(socket_.descriptor(), *this)) return finish();
  out_.hold();  // the answer and what the shard says to begin with
  push(std::move(head));
  subscriber_ = shard_.shard.join(*this, std::move(filter), from, shard_.engine.hello());
  out_.release(pipe());
  if (out_.waiting()) wait_for_room();
  if (!early.empty()) take(early);
}

// --- out

std::size_t StreamConnection::offer(std::span<const engine::Wire> frames) {
  if (state_ != State::open) return 0;  // nothing reaches it any more
  const std::size_t taken = write(frames);
  if (out_.waiting()) wait_for_room();
  shard_.deliver_soon();
  return taken;
}

bool StreamConnection::waiting() const {
  shard_.deliver();
  return state_ == State::open && out_.waiting();
}

void StreamConnection::on_held() {
  out_.look(pipe());
  if (out_.waiting()) wait_for_room();
}

void StreamConnection::push(std::string bytes) {
  out_.push(pipe(), std::make_shared<const std::string>(std::move(bytes)));
  if (out_.waiting()) wait_for_room();
}

void StreamConnection::wait_for_room() {
  if (waits_for_room_ || state_ == State::finished) return;
  waits_for_room_ = true;
  shard_.sockets.wait_for_room(socket_.descriptor(), *this, true);
}

void StreamConnection::on_room() {
  if (state_ == State::finished) return;
  const std::size_t gone = out_.flush(pipe());
  if (out_.broken()) return finish();
  if (gone > 0) shard_.shard.progressed(subscriber_);
  if (out_.waiting()) return;
  waits_for_room_ = false;
  shard_.sockets.wait_for_room(socket_.descriptor(), *this, false);
  if (state_ == State::open) return shard_.shard.writable(subscriber_);
  goodbye_is_out();
}

// --- in

void StreamConnection::on_readable() {
  if (state_ == State::finished) return;
  auto& buffer = shard_.read_buffer;
  const ssize_t size = pipe().receive(buffer);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (size <= 0) return finish();
  take({buffer.data(), static_cast<std::size_t>(size)});
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
  socket_.shut_down(SHUT_WR);
}

void StreamConnection::on_deadline() { finish(); }

void StreamConnection::finish() {
  if (state_ == State::finished) return;
  state_ = State::finished;
  shard_.forget(*this);
  shard_.shard.leave(subscriber_);
  shard_.sockets.remove(socket_.descriptor(), *this);
  pipe().say_end();
  socket_.shut_down(SHUT_RDWR);
  socket_.close();
  shard_.let_go(*this);
}

}  // namespace connectors::web
