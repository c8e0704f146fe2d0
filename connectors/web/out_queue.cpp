#include "connectors/web/out_queue.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "engine/limits.hpp"

namespace connectors::web {

using engine::Wire;
namespace limits = engine::limits;

namespace {

/// More than that is not kept for what comes behind it: it is worth a write of its own.
constexpr std::size_t kKeptBytes = 4096;

std::size_t bytes_of(std::span<const Wire> frames) {
  std::size_t bytes = 0;
  for (const Wire& frame : frames) bytes += frame->size();
  return bytes;
}

/// Octets that one system call took of `frames` less the first `offset`; -1 as the call says it.
ssize_t write_once(int socket, std::span<const Wire> frames, std::size_t offset) {
  if (frames.size() == 1) {  // the usual case, and the cheaper call
    return ::send(socket, frames[0]->data() + offset, frames[0]->size() - offset,
                  MSG_NOSIGNAL | MSG_DONTWAIT);
  }
  std::array<iovec, limits::kGatherFrames> pieces;  // NOLINT: filled below
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const std::size_t skip = i == 0 ? offset : 0;
    pieces[i] = {const_cast<char*>(frames[i]->data()) + skip, frames[i]->size() - skip};
  }
  msghdr message{};
  message.msg_iov = pieces.data();
  message.msg_iovlen = frames.size();
  return ::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

}  // namespace

std::size_t OutQueue::write(Pipe pipe, std::span<const Wire> frames, std::size_t offset) {
  if (pipe.tls != nullptr) {
    const std::size_t sealed =
        pipe.together != nullptr
            ? pipe.tls->send_together(pipe.socket, frames, offset, *pipe.together)
            : pipe.tls->send(pipe.socket, frames, offset);
    look(pipe);
    return sealed;
  }
  std::size_t written = 0;
  while (!frames.empty() && !broken_) {
    const auto turn = frames.first(std::min(frames.size(), limits::kGatherFrames));
    const ssize_t sent = write_once(pipe.socket, turn, offset);
    if (sent < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN && errno != EWOULDBLOCK && errno != ENOBUFS) broken_ = true;
      break;
    }
    written += static_cast<std::size_t>(sent);
    if (static_cast<std::size_t>(sent) < bytes_of(turn) - offset) break;
    frames = frames.subspan(turn.size());
    offset = 0;
  }
  return written;
}

void OutQueue::look(Pipe pipe) {
  held_ = pipe.tls->held() > 0;
  broken_ = pipe.tls->broken();
}

std::size_t OutQueue::send(Pipe pipe, std::span<const Wire> frames) {
  if (keep(frames)) return frames.size();
  release(pipe);
  if (waiting()) return 0;
  std::size_t written = write(pipe, frames, 0);
  std::size_t taken = 0;
  while (taken < frames.size() && written >= frames[taken]->size()) {
    written -= frames[taken]->size();
    ++taken;
  }
  if (broken_ || taken == frames.size()) return taken;
  frames_.push_back(frames[taken]);
  offset_ = written;
  return taken + 1;
}

bool OutQueue::keep(std::span<const Wire> frames) {
  if (!holding_ || bytes_of(frames_) + bytes_of(frames) > kKeptBytes) return false;
  frames_.insert(frames_.end(), frames.begin(), frames.end());
  return true;
}

void OutQueue::release(Pipe pipe) {
  if (std::exchange(holding_, false) && !frames_.empty()) flush(pipe);
}

void OutQueue::push(Pipe pipe, std::span<const Wire> frames) {
  const std::size_t taken = send(pipe, frames);
  if (broken_) return;
  frames_.insert(frames_.end(), frames.begin() + static_cast<std::ptrdiff_t>(taken), frames.end());
}

std::size_t OutQueue::flush(Pipe pipe) {
  const std::size_t held = pipe.tls != nullptr ? pipe.tls->held() : 0;
  const std::size_t now = write(pipe, frames_, offset_);
  std::size_t written = now + offset_;
  std::size_t gone = 0;
  while (gone < frames_.size() && written >= frames_[gone]->size()) {
    written -= frames_[gone]->size();
    ++gone;
  }
  frames_.erase(frames_.begin(), frames_.begin() + static_cast<std::ptrdiff_t>(gone));
  offset_ = written;
  if (broken_ || frames_.empty()) {
    frames_ = {};
    offset_ = 0;
  }
  const std::size_t still = held_ ? pipe.tls->held() : 0;
  return now + (held > still ? held - still : 0);
}

}  // namespace connectors::web
