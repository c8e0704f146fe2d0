#pragma once
// WebSocket frames (RFC 6455), as far as a client that measures needs them.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bench {

enum class Opcode : std::uint8_t { more = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

struct Frame {
  Opcode opcode = Opcode::text;
  bool last = true;  // of its message
  std::string_view payload;
  std::size_t size = 0;  // of the whole frame
};

/// The frame at the front of `bytes`, or nothing while it is not all there. For what servers send:
/// a masked frame is not understood.
inline std::optional<Frame> next_frame(std::string_view bytes) {
  if (bytes.size() < 2) return std::nullopt;
  const auto byte = [&](std::size_t at) {
    return static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[at]));
  };
  std::uint64_t length = byte(1) & 127U;
  const std::size_t wide = length == 126 ? 2 : length == 127 ? 8 : 0;
  if (bytes.size() < 2 + wide) return std::nullopt;
  if (wide > 0) length = 0;
  for (std::size_t i = 0; i < wide; ++i) length = length << 8U | byte(2 + i);
  if (bytes.size() - 2 - wide < length) return std::nullopt;
  return Frame{static_cast<Opcode>(byte(0) & 15U), (byte(0) & 128U) != 0,
               bytes.substr(2 + wide, length), 2 + wide + length};
}

/// A whole message from a client. Its mask is zero, so the payload stands in it as it is.
inline std::string client_frame(Opcode opcode, std::string_view payload) {
  std::string frame(1, static_cast<char>(128U | static_cast<unsigned>(opcode)));
  if (payload.size() < 126) {
    frame += static_cast<char>(128U | payload.size());
  } else {
    frame += static_cast<char>(128U | 126U);
    frame += static_cast<char>(payload.size() >> 8U & 255U);
    frame += static_cast<char>(payload.size() & 255U);
  }
  return frame.append(4, '\0').append(payload);
}

/// A whole text message from a server.
inline std::string server_frame(std::string_view payload) {
  std::string frame = "\x81";
  const std::size_t wide = payload.size() < 126 ? 0 : payload.size() < 65'536 ? 2 : 8;
  frame += static_cast<char>(wide == 0 ? payload.size() : wide == 2 ? 126 : 127);
  for (std::size_t i = wide; i > 0; --i) {
    frame += static_cast<char>(payload.size() >> 8U * (i - 1) & 255U);
  }
  return frame.append(payload);
}

}  // namespace bench
