#pragma once
// Every reason we close a stream, its WebSocket code, and whether the reader should come back
// (schemas/close-codes.md).
#include <cstdint>
#include <string_view>

namespace engine {

enum class CloseReason : std::uint16_t {
  normal = 1000,          // the client closed first
  going_away = 1001,      // we stop or restart: come back after reconnect_ms
  protocol_error = 1002,  // not RFC 6455
  invalid_utf8 = 1007,    // a text message that is not UTF-8
  message_too_large = 1009,
  bad_message = 4400,  // not one of the messages a client may send
  bad_token = 4401,
  too_slow = 4408,  // come back with your position
  too_many_messages = 4429,
};

constexpr std::uint16_t code(CloseReason reason) { return static_cast<std::uint16_t>(reason); }

}  // namespace engine
