#pragma once
// Which of many descriptors have something to say.
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include "bench/herd/fault.hpp"

namespace bench {

enum class Wish : std::uint32_t { read = EPOLLIN, write = EPOLLOUT };

class Poller {
 public:
  Poller() : fd_(epoll_create1(EPOLL_CLOEXEC)) {}
  ~Poller() { close(fd_); }
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  void add(int fd, std::uint64_t tag, Wish wish) { set(EPOLL_CTL_ADD, fd, tag, wish); }
  void change(int fd, std::uint64_t tag, Wish wish) { set(EPOLL_CTL_MOD, fd, tag, wish); }
  void remove(int fd) { epoll_ctl(fd_, EPOLL_CTL_DEL, fd, nullptr); }

  /// Calls `take` with the tag of each that has; false where none had anything for so long.
  template <class Take>
  bool wait(int milliseconds, Take take) {
    const int count =
        epoll_wait(fd_, events_.data(), static_cast<int>(events_.size()), milliseconds);
    for (int i = 0; i < count; ++i) take(events_[static_cast<std::size_t>(i)].data.u64);
    return count > 0;
  }

 private:
  void set(int change, int fd, std::uint64_t tag, Wish wish) {
    epoll_event event{};
    event.events = static_cast<std::uint32_t>(wish);
    event.data.u64 = tag;
    if (epoll_ctl(fd_, change, fd, &event) != 0) give_up("epoll: {}", std::strerror(errno));
  }

  int fd_;
  std::array<epoll_event, 512> events_{};
};

}  // namespace bench
