#pragma once
// Waits for a descriptor that somebody else owns and closes. One thread: that of its loop.
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>

namespace connectors::transfer {

class Watch {
 public:
  enum class Ready { to_read, to_write };
  /// `ready` runs from the loop whenever something is wanted and can be done; it may destroy this.
  Watch(boost::asio::io_context& io, int descriptor, std::function<void(Ready)> ready);
  /// Lets the descriptor go as it is. Nothing runs afterwards.
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  /// From now on, until it is asked for something else.
  void want(bool to_read, bool to_write);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace connectors::transfer
