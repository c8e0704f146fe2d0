#include "ops/cli/visible.hpp"

#include <doctest/doctest.h>

using namespace ops::cli;

TEST_CASE("what acts on a terminal is written out instead of sent to it") {
  const std::pair<std::string, std::string> texts[] = {
      {"plain", "plain"},
      {"Tywydd garw: cadwch yn ddiogel \u2013 \U0001F30A",
       "Tywydd garw: cadwch yn ddiogel \u2013 \U0001F30A"},
      {"\x1b[2Jgone", "<U+001B>[2Jgone"},
      {"\x1b]0;title\x07", "<U+001B>]0;title<U+0007>"},
      {"back\b\b", "back<U+0008><U+0008>"},
      {"\xc2\x9b"
       "31m",
       "<U+009B>31m"},
      {"a\u202Eb\u2069c", "a<U+202E>b<U+2069>c"},
      {"mark\u200F", "mark<U+200F>"},
      {"zero\u200Bwidth", "zero<U+200B>width"},
      {"\uFEFFbom", "<U+FEFF>bom"},
      {"tag\U000E0041", "tag<U+E0041>"},
      {"\x7f", "<U+007F>"},
  };
  for (const auto& [from, to] : texts) CHECK(visible(from) == to);
}

TEST_CASE("octets that are not UTF-8 are written out one by one") {
  CHECK(visible("a\xff"
                "b") == "a<0xFF>b");
  CHECK(visible("\xc0\xaf") == "<0xC0><0xAF>");                      // an over-long slash
  CHECK(visible("\xed\xa0\x80") == "<0xED><0xA0><0x80>");            // half a surrogate pair
  CHECK(visible("\xf4\x90\x80\x80") == "<0xF4><0x90><0x80><0x80>");  // beyond Unicode
  CHECK(visible("cut \xe2\x82") == "cut <0xE2><0x82>");
}

TEST_CASE("line breaks are folded on one line and kept in a text") {
  CHECK(visible("one\r\n\ttwo\nthree") == "one two three");
  CHECK(visible_lines("one\r\ntwo\n\nthree\tfour") == "one\ntwo\n\nthree four");
  CHECK(visible_lines("over\rwrite") == "over<U+000D>write");
}

TEST_CASE("text is wrapped at words") {
  CHECK(wrapped("one two three", 9, "") == "one two\nthree\n");
  CHECK(wrapped("one two", 6, "  ") == "  one\n  two\n");
  CHECK(wrapped("incomprehensibilities", 5, "") == "incomprehensibilities\n");
  CHECK(wrapped("a\n\nb", 10, " ") == " a\n\n b\n");
  CHECK(wrapped("", 10, " ").empty());
}

TEST_CASE("columns are counted in characters and not in octets") {
  CHECK(width("ddiogel") == 7);
  CHECK(width("t\u00f4") == 2);
  CHECK(wrapped("t\u00f4 t\u00f4 t\u00f4", 5, "") == "t\u00f4 t\u00f4\nt\u00f4\n");
}

TEST_CASE("talk is fitted to the window but commands to copy stay whole") {
  CHECK(fitted("one two three\n", 9) == "one two\nthree\n");
  CHECK(fitted("  one two three", 9) == "  one two\n  three\n");
  CHECK(fitted("  tocsin alert send file\n", 9) == "  tocsin alert send file\n");
  CHECK(fitted("short\n\nlines\n", 9) == "short\n\nlines\n");
  CHECK(fitted("\x1b[1;31mone two\x1b[0m\n", 9) == "\x1b[1;31mone two\x1b[0m\n");
}

TEST_CASE("JSON means the same and acts on no terminal") {
  CHECK(visible_json("{\"a\":\"\xc2\x9b"
                     "2J \u202E \u00e9 \U000E0041\x7f\"}") ==
        "{\"a\":\"\\u009b2J \\u202e \u00e9 \\udb40\\udc41\\u007f\"}");
}
