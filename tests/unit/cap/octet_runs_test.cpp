// What is read eight octets at a time, held against the same asked octet by octet.
#include "engine/cap/octet_runs.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "engine/cap/text.hpp"
#include "engine/cap/utf8.hpp"

using namespace engine::cap;

namespace {

bool is_ascii(char c) { return c != '\0' && static_cast<unsigned char>(c) < 0x80; }
bool is_plain_octet(char c) {
  return (c >= ' ' && c <= '~') || c == '\t' || c == '\n' || c == '\r';
}
bool is_no_mark(char c) { return c != '<' && c != '&'; }

void compare(std::string_view text) {
  const auto plainly = [text](bool (*belongs)(char)) {
    const auto end = std::find_if_not(text.begin(), text.end(), belongs);
    return static_cast<std::size_t>(end - text.begin());
  };
  REQUIRE(ascii_run(text) == plainly(is_ascii));
  REQUIRE(plain_run(text) == plainly(is_plain_octet));
  REQUIRE(is_plain(text) == std::all_of(text.begin(), text.end(), is_plain_octet));
  REQUIRE(markless_run(text) == plainly(is_no_mark));
}

/// The texts that RFC 3629 section 4 spells, rule by rule; 0 where none begins here.
std::size_t spelled(std::string_view text) {
  struct Form {
    std::vector<std::pair<unsigned, unsigned>> octets;  // from and to
  };
  static const std::vector<Form> forms = {
      {{{0x00, 0x7F}}},
      {{{0xC2, 0xDF}, {0x80, 0xBF}}},
      {{{0xE0, 0xE0}, {0xA0, 0xBF}, {0x80, 0xBF}}},
      {{{0xE1, 0xEC}, {0x80, 0xBF}, {0x80, 0xBF}}},
      {{{0xED, 0xED}, {0x80, 0x9F}, {0x80, 0xBF}}},
      {{{0xEE, 0xEF}, {0x80, 0xBF}, {0x80, 0xBF}}},
      {{{0xF0, 0xF0}, {0x90, 0xBF}, {0x80, 0xBF}, {0x80, 0xBF}}},
      {{{0xF1, 0xF3}, {0x80, 0xBF}, {0x80, 0xBF}, {0x80, 0xBF}}},
      {{{0xF4, 0xF4}, {0x80, 0x8F}, {0x80, 0xBF}, {0x80, 0xBF}}}};
  for (const Form& form : forms) {
    if (text.size() < form.octets.size()) continue;
    const bool fits = std::equal(form.octets.begin(), form.octets.end(), text.begin(),
                                 [](const auto& range, char c) {
                                   const auto octet = static_cast<unsigned char>(c);
                                   return octet >= range.first && octet <= range.second;
                                 });
    if (fits) return form.octets.size();
  }
  return 0;
}

std::optional<std::size_t> plainly_not_utf8(std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t length = spelled(bytes.substr(at));
    if (length == 0 || bytes[at] == '\0') return at;
    at += length;
  }
  return std::nullopt;
}

template <class Predicate>
std::optional<char32_t> plainly_found(std::string_view text, Predicate wanted) {
  for (Utf8 scan(text); !scan.finished();) {
    const char32_t code = scan.next().code;
    if (wanted(code)) return code;
  }
  return std::nullopt;
}

void compare_utf8(std::string_view text) {
  const bool agree = first_not_utf8(text) == plainly_not_utf8(text) &&
                     find_control(text) == plainly_found(text, is_control) &&
                     find_bidi_control(text) == plainly_found(text, is_bidi_control);
  if (!agree) FAIL("they differ about ", text);
}

}  // namespace

TEST_CASE("runs end before every octet that ends them, at every place of every length") {
  for (std::size_t size = 0; size <= 80; ++size) {
    for (std::size_t place = 0; place < 8; ++place) {
      const std::string text(place + size, 'x');
      compare(std::string_view(text).substr(place));
    }
  }
  for (std::size_t at = 0; at < 40; ++at) {
    for (int octet = 0; octet < 256; ++octet) {
      std::string text(40, 'x');
      text[at] = static_cast<char>(octet);
      CAPTURE(octet);
      compare(text);
      compare(std::string_view(text).substr(at % 8));
    }
  }
}

TEST_CASE("runs end at the first of several octets that end them") {
  std::mt19937 chance(3);
  const std::string often = "ab <&\t\n~\x7F\x1F\x80\xFF" + std::string(1, '\0');
  for (int round = 0; round < 20'000; ++round) {
    std::string text(chance() % 30, 'x');
    for (char& c : text) {
      if (chance() % 4 == 0) c = often[chance() % often.size()];
    }
    compare(text);
  }
}

TEST_CASE("every octet and every two octets are UTF-8 or not as RFC 3629 spells it") {
  for (unsigned first = 0; first < 256; ++first) {
    for (unsigned second = 0; second < 256; ++second) {
      for (const std::string_view tail : {"\x80", "\xBF\x80"}) {
        for (const std::size_t before : {0U, 7U}) {
          std::string text(before, 'x');
          text += static_cast<char>(first);
          text += static_cast<char>(second);
          text += tail;
          CAPTURE(text);
          compare_utf8(text);
        }
      }
    }
  }
}

TEST_CASE("texts of many alphabets are judged as they are character by character") {
  std::mt19937 chance(4);
  const std::vector<std::string> parts = {"plain words of some length",
                                          "\u00E9",
                                          "\u20AC",
                                          "\U0001F6A8",
                                          "\n    ",
                                          "\u0085",
                                          "\x7F",
                                          "\u202E",
                                          "\u2066",
                                          "\u200F",
                                          "\xED\xA0\x80",
                                          "\xF4\x90",
                                          "\xC3",
                                          "\t",
                                          "\x01",
                                          "\u009F"};
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (std::size_t count = chance() % 6; count > 0; --count)
      text += parts[chance() % parts.size()];
    CAPTURE(text);
    compare_utf8(text);
  }
}
