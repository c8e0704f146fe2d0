#include "engine/cap/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "engine/cap/octet_runs.hpp"
#include "engine/cap/utf8.hpp"

namespace engine::cap {
namespace {

constexpr std::string_view kSpaces = " \t\r\n";

constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool same_letters(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

/// The word that a text begins with, which may be nothing.
std::string_view first_word(std::string_view text) {
  const auto end = std::find_if(text.begin(), text.end(), is_xml_space);
  return text.substr(0, static_cast<std::size_t>(end - text.begin()));
}

bool is_space(char32_t code) {
  return code == ' ' || (code >= '\t' && code <= '\r') || code == 0x85 || code == 0xA0 ||
         code == 0x1680 || (code >= 0x2000 && code <= 0x200F) || code == 0x2028 || code == 0x2029 ||
         code == 0x202F || (code >= 0x205F && code <= 0x2064) || code == 0x3000 || code == 0xFEFF;
}

/// The first character that is wanted; none of those that `plain_run` passes over is.
template <class Predicate>
std::optional<char32_t> find_hidden(std::string_view text, Predicate wanted) {
  for (;;) {
    text.remove_prefix(plain_run(text));
    if (text.empty()) return std::nullopt;
    Utf8 scan(text);
    const Utf8::Character character = scan.next();
    if (wanted(character.code)) return character.code;
    text.remove_prefix(character.bytes.size());
  }
}

// `&amp;`, `&#60;`, `&#x3c;`: what is left in a text that was escaped twice.
bool is_character_reference(std::string_view text) {
  const std::size_t end = text.substr(0, 11).find(';');  // no further: texts may be long
  if (end == std::string_view::npos) return false;
  const std::string_view name = text.substr(1, end - 1);
  if (name.size() > 1 && name[0] == '#') {
    const char first = name[1];
    return is_digit(first) || ((first == 'x' || first == 'X') && name.size() > 2);
  }
  constexpr std::string_view kNames[] = {"amp", "lt", "gt", "quot", "apos", "nbsp"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

// 3GPP TS 23.038, section 6.2.1, beyond the letters, digits and marks that it shares with ASCII.
constexpr std::u32string_view kGsmBeyondAscii = U"£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà";
constexpr std::u32string_view kGsmExtension = U"\f^{}\\[~]|€";

constexpr std::size_t looked_up_septets(char32_t code) {
  if (kGsmExtension.find(code) != std::u32string_view::npos) return 2;
  if (code == '\n' || code == '\r') return 1;
  if (code >= 0x20 && code <= 0x7E) return code == '`' ? 0 : 1;
  return kGsmBeyondAscii.find(code) != std::u32string_view::npos ? 1 : 0;
}

constexpr std::array<std::uint8_t, 128> ascii_septets() {
  std::array<std::uint8_t, 128> table{};
  for (std::size_t i = 0; i < table.size(); ++i) {
    table[i] = static_cast<std::uint8_t>(looked_up_septets(static_cast<char32_t>(i)));
  }
  return table;
}
constexpr auto kAsciiSeptets = ascii_septets();

/// How many septets a character takes in the GSM alphabet; 0 if it is not in it.
std::size_t septets(char32_t code) {
  return code < kAsciiSeptets.size() ? kAsciiSeptets[code] : looked_up_septets(code);
}

/// The parts of a language tag between its hyphens.
class Subtags {
 public:
  explicit Subtags(std::string_view tag) : rest_(tag) { cut(); }

  std::string_view now() const { return now_; }
  bool finished() const { return finished_; }
  void skip() { cut(); }

  bool alpha(std::size_t min, std::size_t max) const {
    return sized(min, max) && std::all_of(now_.begin(), now_.end(), is_letter);
  }
  bool alphanumeric(std::size_t min, std::size_t max) const {
    return sized(min, max) && std::all_of(now_.begin(), now_.end(),
                                          [](char c) { return is_letter(c) || is_digit(c); });
  }
  bool digits(std::size_t count) const {
    return sized(count, count) && std::all_of(now_.begin(), now_.end(), is_digit);
  }

 private:
  bool sized(std::size_t min, std::size_t max) const {
    return !finished_ && now_.size() >= min && now_.size() <= max;
  }
  void cut() {
    if (last_) {
      finished_ = true;
      now_ = {};
      return;
    }
    const std::size_t hyphen = rest_.find('-');
    now_ = rest_.substr(0, hyphen);
    last_ = hyphen == std::string_view::npos;
    if (!last_) rest_.remove_prefix(hyphen + 1);
  }

  std::string_view rest_;
  std::string_view now_;
  bool last_ = false;
  bool finished_ = false;
};

/// `x-` and what follows, to the end.
bool private_use(Subtags& tags) {
  tags.skip();
  if (tags.finished()) return false;
  for (; !tags.finished(); tags.skip()) {
    if (!tags.alphanumeric(1, 8)) return false;
  }
  return true;
}

/// The variants, extensions and private part after language, script and region.
bool rest_of_tag(Subtags& tags) {
  while (tags.alphanumeric(5, 8) || (tags.alphanumeric(4, 4) && is_digit(tags.now()[0]))) {
    tags.skip();
  }
  while (tags.alphanumeric(1, 1) && !same_letters(tags.now(), "x")) {
    tags.skip();
    if (!tags.alphanumeric(2, 8)) return false;
    while (tags.alphanumeric(2, 8)) tags.skip();
  }
  if (tags.finished()) return true;
  return same_letters(tags.now(), "x") && private_use(tags);
}

}  // namespace

bool is_control(char32_t code) {
  if (code == '\t' || code == '\n' || code == '\r') return false;
  return code < 0x20 || (code >= 0x7F && code <= 0x9F);
}

bool is_bidi_control(char32_t code) {
  return (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

bool is_plain(std::string_view text) { return plain_run(text) == text.size(); }

std::optional<char32_t> find_control(std::string_view text) {
  return find_hidden(text, is_control);
}

std::optional<char32_t> find_bidi_control(std::string_view text) {
  return find_hidden(text, is_bidi_control);
}

bool is_blank(std::string_view text) {
  for (Utf8 scan(text); !scan.finished();) {
    if (!is_space(scan.next().code)) return false;
  }
  return true;
}

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kSpaces);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpaces) - first + 1);
}

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> words;
  for (;;) {
    const std::size_t first = text.find_first_not_of(kSpaces);
    if (first == std::string_view::npos) return words;
    text.remove_prefix(first);
    words.push_back(first_word(text));
    text.remove_prefix(words.back().size());
  }
}

std::vector<std::string> addresses_in(std::string_view text) {
  std::vector<std::string> names;
  for (;;) {
    const std::size_t begin = text.find_first_not_of(kSpaces);
    if (begin == std::string_view::npos) return names;
    text.remove_prefix(begin);
    const bool quoted = text.front() == '"';
    if (quoted) text.remove_prefix(1);
    const std::size_t end = quoted ? text.find('"') : text.find_first_of(kSpaces);
    if (end != 0) names.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + (quoted ? 1 : 0));
  }
}

bool has_markup(std::string_view text) {
  for (std::size_t at = 0; (at += markless_run(text.substr(at))) < text.size(); ++at) {
    const std::string_view rest = text.substr(at);
    if (rest[0] == '&' && is_character_reference(rest)) return true;
    if (rest[0] != '<' || rest.size() < 2) continue;
    if (is_letter(rest[1]) || rest[1] == '/' || rest[1] == '!' || rest[1] == '?') return true;
  }
  return false;
}

bool is_language_tag(std::string_view text) {
  Subtags tags(text);
  if (same_letters(tags.now(), "x")) return private_use(tags);
  if (same_letters(tags.now(), "i")) {  // the old irregular ones: i-klingon
    tags.skip();
    return tags.alphanumeric(3, 8) && (tags.skip(), tags.finished());
  }
  if (!tags.alpha(2, 8)) return false;
  const bool extensible = tags.now().size() <= 3;
  tags.skip();
  for (int i = 0; i < 3 && extensible && tags.alpha(3, 3); ++i) tags.skip();
  if (tags.alpha(4, 4)) tags.skip();                    // script
  if (tags.alpha(2, 2) || tags.digits(3)) tags.skip();  // region
  return rest_of_tag(tags);
}

bool is_name(std::string_view text) {
  return !text.empty() && std::none_of(text.begin(), text.end(), [](char c) {
    return is_xml_space(c) || c == ',' || c == '<' || c == '&';
  });
}

Length length_of(std::string_view text) {
  std::size_t gsm = 0;
  std::size_t ucs2 = 0;
  bool fits = true;
  for (Utf8 scan(text); !scan.finished();) {
    const char32_t code = scan.next().code;
    const std::size_t count = septets(code);
    fits = fits && count > 0;
    gsm += count;
    ucs2 += code >= 0x10000 ? 2 : 1;
  }
  if (fits) return {gsm, 1395, "GSM-7"};
  return {ucs2, 615, "UCS-2"};
}

std::optional<std::string_view> find_plain_link(std::string_view text) {
  for (std::size_t at = 0; (at = text.find("://", at)) != std::string_view::npos; at += 3) {
    std::size_t begin = at;
    while (begin > 0 && (is_letter(text[begin - 1]) || is_digit(text[begin - 1]))) --begin;
    if (begin == at || same_letters(text.substr(begin, at - begin), "https")) continue;
    const std::size_t end = text.find_first_of(kSpaces, at);
    return text.substr(begin, end == std::string_view::npos ? end : end - begin);
  }
  return std::nullopt;
}

}  // namespace engine::cap
