#pragma once
// What the streams of a shard wait for: that there is something to read, or room again. One set of
// their own, which the shard's loop sees as one descriptor: so a silent stream costs no memory of
// ours, and no system call but when it begins or ends to wait for room. Lives on its shard's
// thread.
#include <sys/epoll.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstddef>

namespace connectors::web {

/// Somebody with a socket in the set.
class Watched {
 public:
  virtual ~Watched() = default;
  /// There is something to read, or the end; or an error, which reading will tell.
  virtual void on_readable() = 0;
  /// There is room again. Only while it waits for that.
  virtual void on_room() = 0;
};

class SocketWatch {
 public:
  explicit SocketWatch(boost::asio::io_context& io);

  /// Tells of what is to be read from now on, as long as there is any. False where the system has
  /// no memory for it.
  bool add(int socket, Watched& watched);
  /// Whether room is told of as well.
  void wait_for_room(int socket, Watched& watched, bool waits);
  /// Nothing more is told, not even what is known already.
  void remove(int socket, const Watched& watched);

 private:
  void wait();
  void look();

  boost::asio::posix::stream_descriptor set_;
  std::array<epoll_event, 256> told_{};  // of this look; removed ones are null
  std::size_t told_count_ = 0;
};

}  // namespace connectors::web
