#include "connectors/sms/plain_text.hpp"

#include <algorithm>
#include <utility>

#include "connectors/sms/gsm_text.hpp"
#include "connectors/sms/limits.hpp"
#include "engine/cap/text.hpp"
#include "engine/cap/utf8.hpp"

namespace connectors::sms {
namespace {

using engine::cap::Utf8;

constexpr std::string_view kDots = "...";
constexpr std::string_view kEndsNothing = " ,;:-(";

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr bool is_foreign(char c) { return (static_cast<unsigned char>(c) & 0x80U) != 0; }
/// A letter or a digit, also of other alphabets.
constexpr bool is_word(char c) { return is_digit(c) || is_letter(c) || is_foreign(c); }

bool is_space(char32_t code) {
  return code == ' ' || code == 0xA0 || code == 0x1680 || (code >= 0x2000 && code <= 0x200A) ||
         code == 0x2028 || code == 0x2029 || code == 0x202F || code == 0x205F || code == 0x3000;
}

/// Without width, or there to change how others read.
bool is_hidden(char32_t code) {
  return code == 0xAD || code == 0x61C || code == 0x180E || (code >= 0x200B && code <= 0x200F) ||
         (code >= 0x2060 && code <= 0x206F) || code == 0xFEFF ||
         (code >= 0xFFF9 && code <= 0xFFFF) || (code >= 0xE0000 && code <= 0xE0FFF) ||
         engine::cap::is_bidi_control(code);
}

std::string visible_line(std::string_view text) {
  std::string line;
  std::size_t left = limits::kFieldMax;
  bool space = false;
  for (Utf8 scan(text); !scan.finished() && left > 0; --left) {
    const auto [code, bytes] = scan.next();
    if (is_hidden(code)) continue;
    if (is_space(code) || code < 0x20 || (code >= 0x7F && code < 0xA0)) {
      space = !line.empty();
      continue;
    }
    if (std::exchange(space, false)) line += ' ';
    line += bytes;
  }
  return line;
}

/// Whether letters, at least two, follow the full stop at `at`, and something of a word is before
/// it: what telephones take for a name of the web.
bool names_a_host(std::string_view word, std::size_t at) {
  if (word[at] != '.' || at == 0 || !is_word(word[at - 1])) return false;
  std::size_t letters = 0;
  while (at + 1 + letters < word.size() && is_word(word[at + 1 + letters]) &&
         !is_digit(word[at + 1 + letters])) {
    ++letters;
  }
  return letters >= 2;
}

bool is_link(std::string_view word) {
  std::string lower(word);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (lower.find("://") != std::string::npos || lower.find("www.") != std::string::npos) {
    return true;
  }
  for (std::size_t at = 0; at < word.size(); ++at) {
    if (word[at] == '@' && at > 0 && at + 1 < word.size() && is_word(word[at - 1]) &&
        is_word(word[at + 1])) {
      return true;
    }
    if (names_a_host(word, at) && word.find_first_of("/?#", at) != std::string_view::npos) {
      return true;
    }
  }
  return false;
}

void append_word(std::string& line, std::string_view word) {
  if (is_link(word)) {
    if (line == kDots || line.ends_with(" ...")) return;
    word = kDots;
  }
  if (!line.empty()) line += ' ';
  for (std::size_t at = 0; at < word.size(); ++at) {
    line += word[at];
    if (names_a_host(word, at)) line += ' ';
  }
}

/// Where the longest beginning of at most `room` characters ends, never before what combines.
std::size_t place_to_cut(std::string_view text, std::size_t room) {
  std::size_t end = 0;
  std::size_t characters = 0;
  for (Utf8 scan(text); !scan.finished() && characters <= room; ++characters) {
    const auto [code, bytes] = scan.next();
    if (!combines(code)) end = static_cast<std::size_t>(bytes.data() - text.data());
  }
  return end;
}

std::string with_dots(std::string_view text) {
  while (!text.empty() && kEndsNothing.find(text.back()) != std::string_view::npos) {
    text.remove_suffix(1);
  }
  std::string out(text);
  if (!out.ends_with(kDots)) out += kDots;
  return out;
}

bool ends_sentence(std::string_view text, std::size_t space) {
  const char before = text[space - 1];
  return (before == '.' || before == '!' || before == '?') &&
         !text.substr(0, space).ends_with(kDots);
}

}  // namespace

std::string plain_line(std::string_view text) {
  const std::string visible = visible_line(text);
  std::string line;
  for (std::string_view rest = visible; !rest.empty();) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    append_word(line, rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return line;
}

std::string with_plain_marks(std::string_view text) {
  static constexpr std::pair<char32_t, std::string_view> kMarks[] = {
      {U'‘', "'"},  {U'’', "'"},  {U'‚', "'"},   {U'‛', "'"},  {U'′', "'"},  {U'´', "'"},
      {U'`', "'"},  {U'“', "\""}, {U'”', "\""},  {U'„', "\""}, {U'″', "\""}, {U'«', "\""},
      {U'»', "\""}, {U'‐', "-"},  {U'‑', "-"},   {U'‒', "-"},  {U'–', "-"},  {U'—', "-"},
      {U'―', "-"},  {U'−', "-"},  {U'…', "..."}, {U'•', "-"},  {U'·', "-"},  {U'×', "x"}};
  std::string plain;
  for (Utf8 scan(text); !scan.finished();) {
    const auto character = scan.next();
    const auto found = std::find_if(std::begin(kMarks), std::end(kMarks),
                                    [&](const auto& mark) { return mark.first == character.code; });
    plain += found != std::end(kMarks) ? found->second : character.bytes;
  }
  return plain;
}

std::string shortened(std::string_view text, std::size_t length_max) {
  if (length_in_characters(text) <= length_max) return std::string(text);
  const std::size_t room = length_max - std::min(length_max, kDots.size());
  const std::size_t end = place_to_cut(text, room);
  const std::size_t space = text.substr(0, end + 1).rfind(' ');
  return with_dots(text.substr(0, space == std::string_view::npos || space == 0 ? end : space));
}

std::vector<std::string> beginnings(std::string_view text, std::size_t length_min) {
  std::vector<std::string> sentences;
  std::vector<std::string> words;
  for (std::size_t at = text.rfind(' '); at != std::string_view::npos && at > 0;
       at = text.rfind(' ', at - 1)) {
    const std::string_view beginning = text.substr(0, at);
    if (length_in_characters(beginning) < length_min) break;
    if (ends_sentence(text, at)) {
      sentences.emplace_back(beginning);
    } else {
      words.push_back(with_dots(beginning));
    }
  }
  sentences.insert(sentences.end(), words.begin(), words.end());
  return sentences;
}

std::size_t length_in_characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

}  // namespace connectors::sms
