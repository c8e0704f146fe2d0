#pragma once
// An outlet that keeps what it is offered: a reader whose socket the test fills and empties.
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "engine/subscriber.hpp"

namespace tests {

class CaptureOutlet final : public engine::Outlet {
 public:
  std::size_t offer(std::span<const engine::Wire> frames) override {
    offers.push_back(frames.size());
    std::size_t taken = 0;
    while (taken < frames.size() && room > 0) {
      messages.push_back(payload_of(*frames[taken]));
      --room;
      ++taken;
    }
    return taken;
  }
  bool waiting() const override { return false; }
  void close(engine::CloseReason reason, std::string_view text) override {
    closed = engine::code(reason);
    close_text = text;
  }

  /// What an unmasked frame of the server carries.
  static std::string payload_of(const std::string& frame) {
    const auto length = static_cast<std::uint8_t>(frame[1]);
    return frame.substr(length < 126 ? 2 : length == 126 ? 4 : 10);
  }

  std::vector<std::string> messages;
  std::vector<std::size_t> offers;  // how many frames each time, taken or not
  std::size_t room = std::numeric_limits<std::size_t>::max();  // frames the socket still takes
  int closed = 0;
  std::string close_text;
};

}  // namespace tests
