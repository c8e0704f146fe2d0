#include "connectors/web/websocket_frames.hpp"

#include <algorithm>
#include <array>

namespace connectors::web {

using engine::CloseReason;

bool Utf8Judge::take(std::string_view octets) {
  for (const char c : octets) {
    const auto octet = static_cast<std::uint8_t>(c);
    if (missing_ > 0) {
      if (octet < lowest_ || octet > highest_) return false;
      --missing_;
      lowest_ = 0x80;
      highest_ = 0xbf;
    } else if (octet >= 0xc2 && octet <= 0xdf) {
      missing_ = 1;
    } else if (octet >= 0xe0 && octet <= 0xef) {
      missing_ = 2;
      if (octet == 0xe0) lowest_ = 0xa0;   // not the long form of something shorter
      if (octet == 0xed) highest_ = 0x9f;  // no surrogates
    } else if (octet >= 0xf0 && octet <= 0xf4) {
      missing_ = 3;
      if (octet == 0xf0) lowest_ = 0x90;
      if (octet == 0xf4) highest_ = 0x8f;  // nothing above U+10FFFF
    } else if (octet > 0x7f) {
      return false;
    }
  }
  return true;
}

namespace {

enum Opcode : std::uint8_t {
  continuation = 0,
  text = 1,
  binary = 2,
  close = 8,
  ping = 9,
  pong = 10
};

bool is_control(std::uint8_t opcode) { return opcode >= 8; }

}  // namespace

//  0               1               2 ...
// +-+-+-+-+-------+-+-------------+---------------------+---------+---------+
// |F|R|R|R|opcode |M| length (7)  | length (16 or 64)   | mask 32 | payload |
// +-+-+-+-+-------+-+-------------+---------------------+---------+---------+
struct FrameReader::Partial {
  std::array<std::uint8_t, 14> header{};
  std::size_t header_size = 0;    // octets of it here
  std::size_t header_needed = 2;  // grows as its first octets are known
  bool in_payload = false;

  std::uint8_t opcode = 0;
  bool final = false;
  std::array<std::uint8_t, 4> mask{};
  std::uint64_t length = 0, received = 0;

  std::string control;      // payload of a control frame
  bool in_message = false;  // a data message has begun
  std::uint8_t message_opcode = 0;
  std::string message;  // its payload so far
  Utf8Judge utf8;
};

void FrameReader::Release::operator()(Partial* partial) const { delete partial; }

std::optional<CloseReason> FrameReader::read(std::string_view bytes,
                                             std::vector<Message>& messages) {
  while (!bytes.empty() || (partial_ && partial_->in_payload)) {
    if (!partial_) partial_.reset(new Partial);
    Partial& now = *partial_;
    if (!now.in_payload) {
      if (const auto fault = read_header(bytes)) return fault;
      if (!now.in_payload) return std::nullopt;  // more of the header has to come
    }
    if (const auto fault = read_payload(bytes)) return fault;
    if (now.received < now.length) return std::nullopt;
    if (const auto fault = end_frame(messages)) return fault;
    if (!now.in_message) {
      partial_.reset();
    } else {
      now.in_payload = false;
      now.header_size = 0;
      now.header_needed = 2;
    }
  }
  return std::nullopt;
}

FrameReader::Fault FrameReader::read_header(std::string_view& bytes) {
  Partial& now = *partial_;
  while (now.header_size < now.header_needed) {
    if (bytes.empty()) return std::nullopt;
    now.header[now.header_size++] = static_cast<std::uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    if (now.header_size == 2) {
      const int length = now.header[1] & 0x7f;
      now.header_needed = length == 126 ? 8 : length == 127 ? 14 : 6;
      if (const auto fault = begin_frame()) return fault;
    }
  }
  const int length = now.header[1] & 0x7f;
  const std::size_t extended = length == 126 ? 2 : length == 127 ? 8 : 0;
  now.length = extended == 0 ? static_cast<std::uint64_t>(length) : 0;
  for (std::size_t i = 0; i < extended; ++i) now.length = now.length << 8 | now.header[2 + i];
  // The shortest form of a length is the only one.
  if (extended == 2 && now.length < 126) return CloseReason::protocol_error;
  if (extended == 8 && (now.length < 65536 || now.length >> 63 != 0)) {
    return CloseReason::protocol_error;
  }
  if (!is_control(now.opcode) && now.length + now.message.size() > message_max_) {
    return CloseReason::message_too_large;
  }
  std::copy_n(now.header.begin() + 2 + static_cast<std::ptrdiff_t>(extended), 4, now.mask.begin());
  now.received = 0;
  now.in_payload = true;
  return std::nullopt;
}

/// What the first two octets already say.
FrameReader::Fault FrameReader::begin_frame() {
  Partial& now = *partial_;
  now.final = (now.header[0] & 0x80) != 0;
  now.opcode = now.header[0] & 0x0f;
  const bool reserved = (now.header[0] & 0x70) != 0;
  const bool masked = (now.header[1] & 0x80) != 0;
  if (reserved || !masked) return CloseReason::protocol_error;
  switch (now.opcode) {
    case continuation:
      return now.in_message ? Fault{} : CloseReason::protocol_error;
    case text:
    case binary:
      if (now.in_message) return CloseReason::protocol_error;
      now.in_message = true;
      now.message_opcode = now.opcode;
      return std::nullopt;
    case close:
    case ping:
    case pong:
      if (!now.final || (now.header[1] & 0x7f) > 125) return CloseReason::protocol_error;
      now.control.clear();
      return std::nullopt;
    default:
      return CloseReason::protocol_error;
  }
}

FrameReader::Fault FrameReader::read_payload(std::string_view& bytes) {
  Partial& now = *partial_;
  const auto size =
      static_cast<std::size_t>(std::min<std::uint64_t>(now.length - now.received, bytes.size()));
  std::string& payload = is_control(now.opcode) ? now.control : now.message;
  const std::size_t begin = payload.size();
  for (std::size_t i = 0; i < size; ++i) {
    const auto octet = static_cast<std::uint8_t>(bytes[i]);
    payload += static_cast<char>(octet ^ now.mask[(now.received + i) % 4]);
  }
  bytes.remove_prefix(size);
  now.received += size;
  const bool judged = !is_control(now.opcode) && now.message_opcode == text;
  if (judged && !now.utf8.take(std::string_view(payload).substr(begin))) {
    return CloseReason::invalid_utf8;
  }
  return std::nullopt;
}

FrameReader::Fault FrameReader::end_frame(std::vector<Message>& messages) {
  Partial& now = *partial_;
  if (is_control(now.opcode)) {
    if (now.opcode == close) {
      const auto code = close_code(now.control);
      if (!code) return CloseReason::protocol_error;
      Utf8Judge judge;
      if (now.control.size() > 2 &&
          !(judge.take(std::string_view(now.control).substr(2)) && judge.complete())) {
        return CloseReason::invalid_utf8;
      }
    }
    const auto kind = now.opcode == close  ? Message::Kind::close
                      : now.opcode == ping ? Message::Kind::ping
                                           : Message::Kind::pong;
    messages.push_back({kind, std::move(now.control)});
    now.control.clear();
    return std::nullopt;
  }
  if (!now.final) return std::nullopt;
  if (now.message_opcode == text && !now.utf8.complete()) return CloseReason::invalid_utf8;
  const auto kind = now.message_opcode == text ? Message::Kind::text : Message::Kind::binary;
  messages.push_back({kind, std::move(now.message)});
  now.message.clear();
  now.in_message = false;
  return std::nullopt;
}

std::optional<std::uint16_t> close_code(std::string_view payload) {
  if (payload.empty()) return 1005;
  if (payload.size() == 1) return std::nullopt;
  const auto code = static_cast<std::uint16_t>(static_cast<std::uint8_t>(payload[0]) << 8 |
                                               static_cast<std::uint8_t>(payload[1]));
  const bool registered = (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
  const bool ours_or_theirs = code >= 3000 && code <= 4999;
  if (!registered && !ours_or_theirs) return std::nullopt;
  return code;
}

std::string close_payload(CloseReason reason, std::string_view text) {
  const auto code = engine::code(reason);
  std::string payload;
  payload += static_cast<char>(code >> 8);
  payload += static_cast<char>(code & 0xff);
  payload += text.substr(0, 123);
  return payload;
}

}  // namespace connectors::web
