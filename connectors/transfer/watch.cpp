#include "connectors/transfer/watch.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>

#include "engine/base/ensure.hpp"

namespace connectors::transfer {

using boost::asio::posix::stream_descriptor;

/// Lives as long as a wait that was begun, which may end after whoever watched is gone.
struct Watch::State : std::enable_shared_from_this<State> {
  State(boost::asio::io_context& io, std::function<void(Ready)> told)
      : descriptor(io), ready(std::move(told)) {}

  struct Direction {
    Ready ready;
    stream_descriptor::wait_type type;
    bool wanted = false;
    bool waiting = false;
  };

  void wait(Direction& direction) {
    if (gone || !direction.wanted || direction.waiting) return;
    direction.waiting = true;
    descriptor.async_wait(direction.type,
                          [self = shared_from_this(), &direction](boost::system::error_code) {
                            direction.waiting = false;
                            if (!self->gone && direction.wanted) self->ready(direction.ready);
                            self->wait(direction);
                          });
  }

  stream_descriptor descriptor;
  const std::function<void(Ready)> ready;
  Direction reading{Ready::to_read, stream_descriptor::wait_read};
  Direction writing{Ready::to_write, stream_descriptor::wait_write};
  bool gone = false;
};

Watch::Watch(boost::asio::io_context& io, int descriptor, std::function<void(Ready)> ready)
    : state_(std::make_shared<State>(io, std::move(ready))) {
  boost::system::error_code error;
  state_->descriptor.assign(descriptor, error);
  ENSURE(!error);
}

Watch::~Watch() {
  state_->gone = true;
  state_->descriptor.release();
}

void Watch::want(bool to_read, bool to_write) {
  state_->reading.wanted = to_read;
  state_->writing.wanted = to_write;
  const auto state = state_;
  state->wait(state->reading);
  state->wait(state->writing);
}

}  // namespace connectors::transfer
