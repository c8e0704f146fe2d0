#include "engine/base/bytes.hpp"

namespace engine {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// No value of a group has this bit; what is not of the alphabet has it at every place.
constexpr std::uint32_t kNoBase64 = 1U << 31U;

/// What a character adds to its group of 24 bits, at each of the four places it may stand.
constexpr std::array<std::array<std::uint32_t, 256>, 4> base64_values() {
  std::array<std::array<std::uint32_t, 256>, 4> values{};
  for (std::size_t place = 0; place < values.size(); ++place) {
    for (auto& value : values[place]) value = kNoBase64;
    for (std::size_t i = 0; i < kBase64.size(); ++i) {
      values[place][static_cast<std::uint8_t>(kBase64[i])] = static_cast<std::uint32_t>(i)
                                                             << (18 - 6 * place);
    }
  }
  return values;
}
constexpr auto kBase64Values = base64_values();

/// The group of four characters, with kNoBase64 where one is not of the alphabet.
std::uint32_t base64_group(const char* four) {
  return kBase64Values[0][static_cast<std::uint8_t>(four[0])] |
         kBase64Values[1][static_cast<std::uint8_t>(four[1])] |
         kBase64Values[2][static_cast<std::uint8_t>(four[2])] |
         kBase64Values[3][static_cast<std::uint8_t>(four[3])];
}

/// Writes the first `count` octets of a group.
void put_group(std::uint32_t group, std::size_t count, char* out) {
  for (std::size_t i = 0; i < count; ++i) out[i] = static_cast<char>(group >> (16 - 8 * i) & 0xff);
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

std::uint32_t octet(char c) { return static_cast<std::uint8_t>(c); }

}  // namespace

std::string to_hex(BytesView bytes) {
  std::string text;
  append_hex(text, bytes);
  return text;
}

void append_hex(std::string& text, BytesView bytes) {
  const std::size_t start = text.size();
  text.resize(start + bytes.size() * 2);
  char* out = text.data() + start;
  for (const char c : bytes) {
    *out++ = kHex[octet(c) >> 4U];
    *out++ = kHex[octet(c) & 15U];
  }
}

std::optional<Bytes> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  Bytes bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

std::string to_base64(BytesView bytes) {
  std::string text;
  append_base64(text, bytes);
  return text;
}

void append_base64(std::string& text, BytesView bytes) {
  const std::size_t start = text.size();
  text.resize(start + (bytes.size() + 2) / 3 * 4, '=');
  char* out = text.data() + start;
  const char* in = bytes.data();
  for (const char* end = in + bytes.size() / 3 * 3; in != end; in += 3, out += 4) {
    const std::uint32_t group = octet(in[0]) << 16U | octet(in[1]) << 8U | octet(in[2]);
    out[0] = kBase64[group >> 18U];
    out[1] = kBase64[group >> 12U & 63U];
    out[2] = kBase64[group >> 6U & 63U];
    out[3] = kBase64[group & 63U];
  }
  const std::size_t left = bytes.size() % 3;
  if (left == 0) return;
  const std::uint32_t group = octet(in[0]) << 16U | (left == 2 ? octet(in[1]) << 8U : 0U);
  out[0] = kBase64[group >> 18U];
  out[1] = kBase64[group >> 12U & 63U];
  if (left == 2) out[2] = kBase64[group >> 6U & 63U];
}

std::optional<Bytes> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  if (text.empty()) return Bytes{};
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;

  Bytes bytes(text.size() / 4 * 3 - padding, '\0');
  char* out = bytes.data();
  const char* in = text.data();
  std::uint32_t seen = 0;
  for (const char* last = in + text.size() - 4; in != last; in += 4, out += 3) {
    const std::uint32_t group = base64_group(in);
    seen |= group;
    put_group(group, 3, out);
  }
  // The last four, with an A, whose value is nothing, for each padding character.
  char four[4] = {in[0], in[1], in[2], in[3]};
  for (std::size_t i = 4 - padding; i < 4; ++i) four[i] = 'A';
  const std::uint32_t group = base64_group(four);
  const std::uint32_t unused = padding == 2 ? 0xffffU : padding == 1 ? 0xffU : 0U;
  if (((seen | group) & kNoBase64) != 0 || (group & unused) != 0) return std::nullopt;
  put_group(group, 3 - padding, out);
  return bytes;
}

}  // namespace engine
