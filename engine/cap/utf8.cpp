#include "engine/cap/utf8.hpp"

#include "engine/cap/octet_runs.hpp"

namespace engine::cap {
namespace {

struct Decoded {
  char32_t code = 0;
  std::size_t length = 0;  // 0: not UTF-8
};

constexpr bool continues(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

// RFC 3629, table of section 4: the lead byte says how many follow and which is the least code
// that needs so many.
Decoded decode(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80U) return {lead, 1};
  std::size_t length = 0;
  char32_t code = 0;
  char32_t least = 0;
  if ((lead & 0xE0U) == 0xC0U) {
    length = 2, code = lead & 0x1FU, least = 0x80;
  } else if ((lead & 0xF0U) == 0xE0U) {
    length = 3, code = lead & 0x0FU, least = 0x800;
  } else if ((lead & 0xF8U) == 0xF0U) {
    length = 4, code = lead & 0x07U, least = 0x10000;
  } else {
    return {};
  }
  if (text.size() < length) return {};
  for (std::size_t i = 1; i < length; ++i) {
    if (!continues(text[i])) return {};
    code = code << 6U | (static_cast<unsigned char>(text[i]) & 0x3FU);
  }
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < least || surrogate || code > 0x10FFFF) return {};
  return {code, length};
}

}  // namespace

Utf8::Character Utf8::next_beyond_ascii() {
  const Decoded decoded = decode(rest_);
  return decoded.length == 0 ? take(0xFFFD, 1) : take(decoded.code, decoded.length);
}

std::optional<std::size_t> first_not_utf8(std::string_view bytes) {
  for (std::size_t at = 0;;) {
    at += ascii_run(bytes.substr(at));
    if (at == bytes.size()) return std::nullopt;
    const Decoded decoded = decode(bytes.substr(at));
    if (bytes[at] == '\0' || decoded.length == 0) return at;
    at += decoded.length;
  }
}

}  // namespace engine::cap
