#include "connectors/web/reach_stream.hpp"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <cerrno>

#include "connectors/web/api.hpp"
#include "connectors/web/event_stream.hpp"
#include "connectors/web/event_wires.hpp"
#include "connectors/web/reach_limits.hpp"
#include "engine/limits.hpp"

namespace connectors::web {

using boost::asio::ip::tcp;
using engine::CloseReason;

ReachStream::ReachStream(WebShard& shard, SocketLease lease,
                         std::shared_ptr<const ReachWatch> watch)
    : shard_(shard), lease_(std::move(lease)), watch_(std::move(watch)) {}

void ReachStream::start() {
  wait_read();
  push(EventStream::retry_event(shard_));
  if (shard_.draining()) return on_drain();
  shard_.watch(*this, std::chrono::seconds{0});
  look();
}

void ReachStream::on_deadline() {
  if (state_ != State::open) return finish();
  shard_.watch(*this, std::chrono::seconds{0});
  // Groups may have changed and still let it read; the next connection says so.
  if (shard_.engine.directory().membership(watch_->member) != engine::Membership::holds) {
    return end(CloseReason::bad_token, "");
  }
  if (out_.waiting()) {
    if (++stalled_s_ > limits::kReachStalled.count()) finish();
    return;
  }
  if (++quiet_s_ >= limits::kReachBeat.count()) push(":\n\n");
  look();
}

void ReachStream::on_drain() {
  if (state_ != State::open) return;
  end(CloseReason::going_away, fmt::format("reconnect_ms={}", shard_.spread().count()));
}

// --- out

void ReachStream::look() {
  if (looking_) return;
  looking_ = true;
  // Answered on another thread; whoever has gone by then is not waited for.
  shard_.api.reach_of(watch_->sequence, [weak = weak_from_this(), &io = shard_.shard.io()](
                                            engine::Result<std::string> counts) {
    boost::asio::post(io, [weak, counts = std::move(counts)] {
      if (const auto self = weak.lock()) self->heard(counts);
    });
  });
}

/// Counts that are not to be had now are looked for again in a second.
void ReachStream::heard(const engine::Result<std::string>& counts) {
  looking_ = false;
  if (state_ != State::open || !counts || out_.waiting() || *counts == said_) return;
  said_ = *counts;
  push("data: " + said_ + "\n\n");
}

void ReachStream::push(std::string event) {
  quiet_s_ = 0;
  const bool waited = out_.waiting();
  out_.push(lease_.pipe(), std::make_shared<const std::string>(std::move(event)));
  if (out_.broken()) return finish();
  if (!waited && out_.waiting()) wait_write();
}

void ReachStream::wait_write() {
  stalled_s_ = 0;
  lease_.socket.async_wait(tcp::socket::wait_write,
                           [self = shared_from_this()](boost::system::error_code error) {
                             if (self->state_ == State::finished) return;
                             if (error) return self->finish();
                             self->out_.flush(self->lease_.pipe());
                             if (self->out_.broken()) return self->finish();
                             if (self->out_.waiting()) return self->wait_write();
                             if (self->state_ == State::said_goodbye) self->hang_up();
                           });
}

// --- in

void ReachStream::wait_read() {
  lease_.socket.async_wait(tcp::socket::wait_read,
                           [self = shared_from_this()](boost::system::error_code error) {
                             if (self->state_ == State::finished) return;
                             if (error) return self->finish();
                             self->on_readable();
                           });
}

/// A reader of events has nothing to say. What comes is dropped, and not for ever.
void ReachStream::on_readable() {
  const ssize_t size = lease_.pipe().receive(shard_.read_buffer);
  if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR)) return finish();
  dropped_ += size > 0 ? static_cast<std::size_t>(size) : 0;
  if (dropped_ > engine::limits::kHeaderBytes) return finish();
  wait_read();
}

// --- the end

void ReachStream::end(CloseReason reason, std::string_view text) {
  state_ = State::said_goodbye;
  shard_.watch(*this, engine::limits::kCloseMax);
  push(close_event(reason, text));
  if (state_ == State::said_goodbye && !out_.waiting()) hang_up();
}

/// The end of the body. The peer's own end, or the deadline, closes the connection.
void ReachStream::hang_up() {
  lease_.pipe().say_end();
  boost::system::error_code ignored;
  lease_.socket.shutdown(tcp::socket::shutdown_send, ignored);
}

void ReachStream::finish() {
  if (state_ == State::finished) return;
  state_ = State::finished;
  shard_.forget(*this);
  lease_.pipe().say_end();
  boost::system::error_code ignored;
  lease_.socket.close(ignored);
}

}  // namespace connectors::web
