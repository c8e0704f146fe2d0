#include "connectors/email/mime.hpp"

#include <algorithm>

#include "engine/base/ensure.hpp"
#include "engine/cap/text.hpp"
#include "engine/cap/utf8.hpp"

namespace connectors::email {

using engine::cap::Utf8;

namespace {

constexpr std::string_view kCrlf = "\r\n";
constexpr std::string_view kReplacement = "\xef\xbf\xbd";
constexpr std::size_t kEncodedLine = 76;  // RFC 2045, section 6.7, and RFC 2047, section 2
constexpr std::string_view kWordBegins = "=?UTF-8?B?";
constexpr std::string_view kWordEnds = "?=";
// What of a text fits into one encoded word of 75 characters behind a name of a field.
constexpr std::size_t kWordOctets = 39;

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < '\x7f'; });
}

/// Line and paragraph separators end a line too.
bool ends_line(char32_t code) { return code == '\n' || code == 0x2028 || code == 0x2029; }

bool is_hidden(char32_t code) {
  return engine::cap::is_control(code) || engine::cap::is_bidi_control(code) || code == 0x200E ||
         code == 0x200F || code == 0x061C || code == 0xFFFE || code == 0xFFFF || code == 0xFEFF;
}

/// `=?UTF-8?B?…?=` words, separated by spaces, none with half a character.
std::string encoded_words(std::string_view text) {
  std::string words, piece;
  const auto finish = [&] {
    if (!words.empty()) words += ' ';
    words += kWordBegins;
    words += engine::to_base64(piece);
    words += kWordEnds;
    piece.clear();
  };
  for (Utf8 rest(text); !rest.finished();) {
    const auto character = rest.next();
    if (piece.size() + character.bytes.size() > kWordOctets) finish();
    piece += character.bytes;
  }
  finish();
  return words;
}

/// Folds before a space wherever a line would become too long.
std::string folded(std::string_view name, std::string_view value) {
  std::string field(name);
  field += ':';
  std::size_t column = field.size();
  while (!value.empty()) {
    const std::size_t space = value.find(' ', 1);
    const std::string_view word = value.substr(0, space);
    if (column + word.size() > kLineShould && word.starts_with(' ')) {
      field += kCrlf;
      column = 0;
    }
    field += word;
    column += word.size();
    value.remove_prefix(word.size());
  }
  field += kCrlf;
  return field;
}

std::string hex(unsigned char octet) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  return {'=', kDigits[octet >> 4U], kDigits[octet & 15U]};
}

}  // namespace

std::string clean_text(std::string_view text) {
  std::string clean;
  for (Utf8 rest(text); !rest.finished();) {
    const auto character = rest.next();
    if (character.code == '\r') {
      Utf8 behind = rest;
      if (behind.finished() || behind.next().code != '\n') clean += '\n';
    } else if (ends_line(character.code)) {
      clean += '\n';
    } else if (is_hidden(character.code) && character.code != '\t') {
      clean += kReplacement;
    } else if (character.code == 0xFFFD) {
      clean += kReplacement;
    } else {
      clean += character.bytes;
    }
  }
  return clean;
}

std::string clean_line(std::string_view text) {
  const std::string clean = clean_text(text);
  std::string line;
  std::size_t characters = 0;
  bool space = false;
  for (Utf8 rest(clean); !rest.finished();) {
    const auto character = rest.next();
    if (character.code == ' ' || character.code == '\n' || character.code == '\t') {
      space = !line.empty();
      continue;
    }
    if (characters + (space ? 1 : 0) >= kHeaderCharacters) return line + "\xe2\x80\xa6";
    if (space) line += ' ';
    characters += space ? 2 : 1;
    space = false;
    line += character.bytes;
  }
  return line;
}

std::string unstructured(std::string_view name, std::string_view text) {
  const std::string line = clean_line(text);
  const bool plain = is_ascii(line) && line.find("=?") == std::string::npos;
  return folded(name, " " + (plain ? line : encoded_words(line)));
}

std::string structured(std::string_view name, std::string_view value) {
  ENSURE(is_ascii(value));
  return folded(name, " " + std::string(value));
}

std::string display_name(std::string_view text) {
  const std::string line = clean_line(text);
  if (!is_ascii(line) || line.find("=?") != std::string::npos) return encoded_words(line);
  std::string quoted = "\"";
  for (const char c : line) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

std::string quoted_printable(std::string_view text) {
  std::string out;
  std::size_t column = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') {
      out += kCrlf;
      column = 0;
      continue;
    }
    const bool at_end = i + 1 == text.size() || text[i + 1] == '\n';
    const bool space = c == ' ' || c == '\t';
    const bool plain = space ? !at_end : c > ' ' && c < '\x7f' && c != '=';
    // A dot alone on a line, and "From " at its beginning, are what servers on the way alter.
    const bool altered = column == 0 && (c == '.' || c == 'F');
    const std::string piece =
        plain && !altered ? std::string(1, c) : hex(static_cast<unsigned char>(c));
    if (column + piece.size() > kEncodedLine - 1) {
      out += "=\r\n";
      column = 0;
    }
    out += piece;
    column += piece.size();
  }
  if (column > 0) out += kCrlf;
  return out;
}

std::string base64_lines(engine::BytesView bytes) {
  const std::string text = engine::to_base64(bytes);
  std::string lines;
  lines.reserve(text.size() + text.size() / kEncodedLine * kCrlf.size() + kCrlf.size());
  for (std::size_t at = 0; at < text.size(); at += kEncodedLine) {
    lines += std::string_view(text).substr(at, kEncodedLine);
    lines += kCrlf;
  }
  return lines;
}

std::string html(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace connectors::email
