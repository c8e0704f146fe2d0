#include "connectors/web/socket_watch.hpp"

#include <boost/asio/post.hpp>

#include "engine/base/ensure.hpp"

namespace connectors::web {

namespace {

int new_set() {
  const int set = ::epoll_create1(EPOLL_CLOEXEC);
  ENSURE(set >= 0);  // at the start, before anybody connects
  return set;
}

}  // namespace

SocketWatch::SocketWatch(boost::asio::io_context& io) : set_(io, new_set()) { wait(); }

bool SocketWatch::add(int socket, Watched& watched) {
  epoll_event event{EPOLLIN, {.ptr = &watched}};
  return ::epoll_ctl(set_.native_handle(), EPOLL_CTL_ADD, socket, &event) == 0;
}

void SocketWatch::wait_for_room(int socket, Watched& watched, bool waits) {
  epoll_event event{waits ? EPOLLIN | EPOLLOUT : EPOLLIN, {.ptr = &watched}};
  ENSURE(::epoll_ctl(set_.native_handle(), EPOLL_CTL_MOD, socket, &event) == 0);
}

void SocketWatch::remove(int socket, const Watched& watched) {
  ::epoll_ctl(set_.native_handle(), EPOLL_CTL_DEL, socket, nullptr);
  for (std::size_t i = 0; i < told_count_; ++i) {
    if (told_[i].data.ptr == &watched) told_[i].data.ptr = nullptr;
  }
}

void SocketWatch::wait() {
  set_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                  [this](boost::system::error_code error) {
                    if (error) return;
                    look();
                    wait();
                  });
}

/// Once for each wake-up: what is not told of now is told of at the next, behind others' turns.
void SocketWatch::look() {
  const int count =
      ::epoll_wait(set_.native_handle(), told_.data(), static_cast<int>(told_.size()), 0);
  told_count_ = count > 0 ? static_cast<std::size_t>(count) : 0;
  for (std::size_t i = 0; i < told_count_; ++i) {
    const auto of = [&] { return static_cast<Watched*>(told_[i].data.ptr); };
    const std::uint32_t events = told_[i].events;
    if (of() != nullptr && (events & EPOLLOUT) != 0) of()->on_room();
    if (of() != nullptr && (events & ~EPOLLOUT) != 0) of()->on_readable();
  }
  told_count_ = 0;
}

}  // namespace connectors::web
