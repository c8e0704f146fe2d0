#include "engine/cap/utf8.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace engine::cap;
using namespace std::string_view_literals;

TEST_CASE("what is UTF-8 is taken for it") {
  for (const auto good : {""sv, "plain"sv, "\xC3\xA9t\xC3\xA9"sv, "\xE2\x82\xAC"sv,
                          "\xF0\x9F\x9A\xA8"sv, "\xEF\xBB\xBF<a/>"sv, "\xF4\x8F\xBF\xBF"sv}) {
    CAPTURE(good);
    CHECK_FALSE(first_not_utf8(good).has_value());
  }
}

TEST_CASE("what is not UTF-8 is found where it stands") {
  struct Case {
    std::string_view bytes;
    std::size_t at;
  };
  for (const Case& each : std::vector<Case>{
           {"ab\xFF"sv, 2},            // never a byte of UTF-8
           {"a\x80"sv, 1},             // a continuation of nothing
           {"\xC3"sv, 0},              // cut off
           {"\xC0\xAF"sv, 0},          // an overlong slash
           {"\xE0\x80\xAF"sv, 0},      // another
           {"\xED\xA0\x80"sv, 0},      // half of a surrogate pair
           {"\xF4\x90\x80\x80"sv, 0},  // beyond U+10FFFF
           {"\xFF\xFE<\0"sv, 0},       // UTF-16
           {"ab\0c"sv, 2},             // NUL
       }) {
    CAPTURE(each.bytes);
    CHECK(first_not_utf8(each.bytes) == each.at);
  }
}

TEST_CASE("characters come one by one with their bytes") {
  std::string bytes;
  std::u32string codes;
  for (Utf8 scan("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x9A\xA8\xFF!"); !scan.finished();) {
    const auto character = scan.next();
    bytes += character.bytes;
    codes += character.code;
  }
  CHECK(codes == U"a\u00E9\u20AC\U0001F6A8\uFFFD!");
  CHECK(bytes == "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x9A\xA8\xFF!");
}
