#include "connectors/web/websocket_frames.hpp"

#include <doctest/doctest.h>

#include "engine/limits.hpp"

using namespace connectors::web;
using engine::CloseReason;

namespace {

constexpr std::size_t kMax = engine::limits::kInboundMessageBytes;

/// A frame as a client sends it, masked.
std::string frame(int first, std::string_view payload, int length_octets = -1) {
  std::string bytes(1, static_cast<char>(first));
  const auto size = payload.size();
  if (length_octets < 0) length_octets = size < 126 ? 0 : size < 65536 ? 2 : 8;
  bytes += static_cast<char>(0x80 | (length_octets == 0 ? size : length_octets == 2 ? 126U : 127U));
  for (int i = length_octets - 1; i >= 0; --i) bytes += static_cast<char>(size >> (8 * i) & 0xff);
  const std::string mask = "\x12\x34\x56\x78";
  bytes += mask;
  for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(payload[i] ^ mask[i % 4]);
  return bytes;
}

constexpr int kFin = 0x80;

struct Heard {
  std::vector<Message> messages;
  std::optional<CloseReason> fault;
};

/// All bytes, `step` at a time.
Heard hear(std::string_view bytes, std::size_t step) {
  FrameReader reader(kMax);
  Heard heard;
  while (!bytes.empty() && !heard.fault) {
    const auto size = std::min(step, bytes.size());
    heard.fault = reader.read(bytes.substr(0, size), heard.messages);
    bytes.remove_prefix(size);
  }
  return heard;
}

}  // namespace

TEST_CASE("messages of every length form arrive whole however they are split") {
  for (const std::size_t size : {0UL, 1UL, 125UL, 126UL, 127UL, 4000UL, kMax}) {
    const std::string text(size, 'x');
    for (const std::size_t step : {1UL, 2UL, 7UL, 100'000UL}) {
      CAPTURE(size);
      CAPTURE(step);
      const Heard heard = hear(frame(kFin | 1, text) + frame(kFin | 1, "next"), step);
      CHECK_FALSE(heard.fault);
      REQUIRE(heard.messages.size() == 2);
      CHECK(heard.messages[0].payload == text);
      CHECK(heard.messages[0].kind == Message::Kind::text);
      CHECK(heard.messages[1].payload == "next");
    }
  }
}

TEST_CASE("fragments are joined and control frames may come between them") {
  const Heard heard = hear(frame(1, "Hello, ") + frame(kFin | 9, "ping") + frame(0, "wide ") +
                               frame(kFin | 10, "") + frame(kFin | 0, "world"),
                           3);
  CHECK_FALSE(heard.fault);
  REQUIRE(heard.messages.size() == 3);
  CHECK(heard.messages[0].kind == Message::Kind::ping);
  CHECK(heard.messages[0].payload == "ping");
  CHECK(heard.messages[1].kind == Message::Kind::pong);
  CHECK(heard.messages[2].payload == "Hello, wide world");
}

TEST_CASE("what RFC 6455 forbids is a protocol error") {
  const std::string unmasked = "\x81\x01x";
  std::string minimal_16 = frame(kFin | 1, "short", 2);
  std::string minimal_64 = frame(kFin | 1, "short", 8);
  const std::pair<const char*, std::string> cases[] = {
      {"unmasked", unmasked},
      {"reserved bit", frame(kFin | 0x40 | 1, "x")},
      {"reserved data opcode", frame(kFin | 3, "x")},
      {"reserved control opcode", frame(kFin | 11, "x")},
      {"fragmented ping", frame(9, "x")},
      {"long ping", frame(kFin | 9, std::string(126, 'x'))},
      {"continuation of nothing", frame(kFin | 0, "x")},
      {"a text inside a text", frame(1, "x") + frame(kFin | 1, "y")},
      {"length of 16 bits where 7 do", minimal_16},
      {"length of 64 bits where 7 do", minimal_64},
      {"close with one octet", frame(kFin | 8, "x")},
      {"close with 1005", frame(kFin | 8, "\x03\xed")},
      {"close with 2999", frame(kFin | 8, "\x0b\xb7")},
      {"close with 5000", frame(kFin | 8, "\x13\x88")},
  };
  for (const auto& each : cases) {
    CAPTURE(each.first);
    CHECK(hear(each.second, 1).fault == CloseReason::protocol_error);
    CHECK(hear(each.second, 100'000).fault == CloseReason::protocol_error);
  }
}

TEST_CASE("a message of one octet more than allowed is refused at its header") {
  CHECK(hear(frame(kFin | 1, std::string(kMax + 1, 'x')).substr(0, 8), 1).fault ==
        CloseReason::message_too_large);
  const std::string half(kMax / 2, 'x');
  CHECK_FALSE(hear(frame(1, half) + frame(kFin | 0, half), 1000).fault);
  CHECK(hear(frame(1, half) + frame(kFin | 0, half + "x"), 1000).fault ==
        CloseReason::message_too_large);
  CHECK(hear(std::string("\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0", 14), 1).fault ==
        CloseReason::message_too_large);
}

TEST_CASE("text that is not UTF-8 is noticed as it arrives") {
  for (const std::string wrong :
       {"\x80", "\xc0\xaf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80",
        "\xf8", "\xff", "\xc3("}) {
    CHECK(hear(frame(1, "ok " + wrong), 1).fault == CloseReason::invalid_utf8);
  }
  CHECK(hear(frame(kFin | 1, "cut \xe2\x82"), 5).fault == CloseReason::invalid_utf8);
  CHECK_FALSE(hear(frame(1, "split \xe2") + frame(kFin | 0, "\x82\xac"), 1).fault);
  CHECK_FALSE(hear(frame(kFin | 2, "\xff"), 1).fault);  // binary is not text
  CHECK(hear(frame(kFin | 8, "\x03\xe8\xff"), 1).fault == CloseReason::invalid_utf8);
}

TEST_CASE("close codes are read and written") {
  CHECK(close_code("") == 1005);
  CHECK(close_code("\x03\xe8") == 1000);
  CHECK(close_code(close_payload(CloseReason::too_slow, "resume")) == 4408);
  CHECK(close_payload(CloseReason::normal, std::string(500, 'x')).size() == 125);
}
