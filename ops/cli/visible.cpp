#include "ops/cli/visible.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace ops::cli {
namespace {

struct Decoded {
  char32_t point = 0;
  std::size_t size = 0;  // 0: not UTF-8
};

/// The code point at the front, if it is the shortest form of one.
Decoded decode(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = at(0);
  if (first < 0x80) return {first, 1};
  const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
  if (size == 0 || first > 0xf4 || text.size() < size) return {};
  char32_t point = first & (0x7fU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((at(i) & 0xc0) != 0x80) return {};
    point = point << 6 | (at(i) & 0x3fU);
  }
  const char32_t least = size == 2 ? 0x80 : size == 3 ? 0x800 : 0x10000;
  if (point < least || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return {};
  return {point, size};
}

bool within(char32_t point, char32_t first, char32_t last) {
  return point >= first && point <= last;
}

/// Characters that act on a terminal or on the text around them instead of being seen.
bool acts(char32_t point) {
  return point < 0x20 || within(point, 0x7f, 0x9f) ||         // C0, DEL, C1
         point == 0xad || point == 0x61c ||                   // soft hyphen, Arabic letter mark
         point == 0x200b || within(point, 0x200e, 0x200f) ||  // zero width space, direction marks
         within(point, 0x2028, 0x202e) ||                     // separators, bidirectional overrides
         within(point, 0x2060, 0x206f) ||                     // isolates, invisible operators
         point == 0xfeff || within(point, 0xfff9, 0xfffb) ||
         within(point, 0xe0000, 0xe007f);  // tags
}

enum class Breaks { fold, keep };

bool breaks_line(char c) { return c == '\n' || c == '\r' || c == '\t'; }

std::string written_out(std::string_view text, Breaks breaks) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    if (breaks == Breaks::keep && text.front() == '\n') {
      out += '\n';
      text.remove_prefix(1);
      continue;
    }
    if (breaks == Breaks::keep && text.starts_with("\r\n")) {
      text.remove_prefix(1);
      continue;
    }
    if (breaks_line(text.front()) && (breaks == Breaks::fold || text.front() == '\t')) {
      while (!text.empty() && breaks_line(text.front()) &&
             (breaks == Breaks::fold || text.front() == '\t')) {
        text.remove_prefix(1);
      }
      out += ' ';
      continue;
    }
    const Decoded next = decode(text);
    if (next.size == 0) {
      out += fmt::format("<0x{:02X}>", static_cast<std::uint8_t>(text.front()));
      text.remove_prefix(1);
      continue;
    }
    if (acts(next.point)) {
      out += fmt::format("<U+{:04X}>", static_cast<std::uint32_t>(next.point));
    } else {
      out += text.substr(0, next.size);
    }
    text.remove_prefix(next.size);
  }
  return out;
}

}  // namespace

std::string visible(std::string_view text) { return written_out(text, Breaks::fold); }

std::string visible_lines(std::string_view text) { return written_out(text, Breaks::keep); }

std::string visible_json(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  while (!json.empty()) {
    const Decoded next = decode(json);
    const std::size_t size = std::max<std::size_t>(next.size, 1);
    const auto point = static_cast<std::uint32_t>(next.point);
    if (next.size == 0 || next.point < 0x20 || !acts(next.point)) {
      out += json.substr(0, size);
    } else if (point < 0x10000) {
      out += fmt::format("\\u{:04x}", point);
    } else {
      out += fmt::format("\\u{:04x}\\u{:04x}", 0xd800 + ((point - 0x10000) >> 10),
                         0xdc00 + (point & 0x3ff));
    }
    json.remove_prefix(size);
  }
  return out;
}

std::size_t width(std::string_view text) {
  std::size_t columns = 0;
  bool colour = false;
  for (const char c : text) {
    if (c == '\x1b') colour = true;
    if (!colour && (static_cast<std::uint8_t>(c) & 0xc0) != 0x80) ++columns;
    if (c == 'm') colour = false;
  }
  return columns;
}

namespace {

std::string wrapped_line(std::string_view line, std::size_t columns, std::string_view indent) {
  std::string out(indent);
  std::size_t used = indent.size();
  bool first = true;
  while (!line.empty()) {
    const std::size_t end = line.find(' ');
    const std::string_view word = line.substr(0, end);
    line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
    if (word.empty()) continue;
    if (!first && used + 1 + width(word) > columns) {
      out += '\n';
      out += indent;
      used = indent.size();
      first = true;
    }
    if (!first) {
      out += ' ';
      ++used;
    }
    out += word;
    used += width(word);
    first = false;
  }
  return out + "\n";
}

}  // namespace

std::string wrapped(std::string_view text, std::size_t columns, std::string_view indent) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    out += line.find_first_not_of(' ') == std::string_view::npos
               ? std::string("\n")
               : wrapped_line(line, columns, indent);
  }
  return out;
}

std::string fitted(std::string_view talk, std::size_t columns) {
  std::string out;
  while (!talk.empty()) {
    const std::size_t end = talk.find('\n');
    const std::string_view line = talk.substr(0, end);
    talk.remove_prefix(end == std::string_view::npos ? talk.size() : end + 1);
    const std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
    if (width(line) <= columns || line.substr(indent).starts_with("tocsin ")) {
      out += line;
      out += '\n';
    } else {
      out += wrapped_line(line.substr(indent), columns, line.substr(0, indent));
    }
  }
  return out;
}

}  // namespace ops::cli
