#pragma once
// RFC 6455 from the client's side of the wire, as a state machine without I/O: bytes in, messages
// out. A silent client owns no buffer. Strict: masked, minimal lengths, no extensions, UTF-8 judged
// as it arrives.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/close_reason.hpp"

namespace connectors::web {

/// Judges UTF-8 octet by octet, across any split.
class Utf8Judge {
 public:
  /// False from the first octet that cannot be part of UTF-8.
  bool take(std::string_view octets);
  /// Whether the text could end here.
  bool complete() const { return missing_ == 0; }

 private:
  int missing_ = 0;                              // continuation octets still to come
  std::uint8_t lowest_ = 0x80, highest_ = 0xbf;  // what the next one may be
};

struct Message {
  enum class Kind { text, binary, ping, pong, close } kind = Kind::text;
  std::string payload;
};

class FrameReader {
 public:
  explicit FrameReader(std::size_t message_max) : message_max_(message_max) {}

  /// Appends every message that is complete now. A reason means: nothing more can be understood,
  /// close with it.
  std::optional<engine::CloseReason> read(std::string_view bytes, std::vector<Message>& messages);

 private:
  struct Partial;  // a frame or message that has begun; absent in between
  using Fault = std::optional<engine::CloseReason>;

  Fault read_header(std::string_view& bytes);
  Fault begin_frame();
  Fault read_payload(std::string_view& bytes);
  Fault end_frame(std::vector<Message>& messages);

  struct Release {
    void operator()(Partial* partial) const;
  };
  std::size_t message_max_;
  std::unique_ptr<Partial, Release> partial_;
};

/// The code of a close frame's payload (1005 when empty), or nothing when RFC 6455 forbids it.
std::optional<std::uint16_t> close_code(std::string_view payload);

/// A close frame's payload.
std::string close_payload(engine::CloseReason reason, std::string_view text);

}  // namespace connectors::web
