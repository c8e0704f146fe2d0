#include "connectors/sms/plain_text.hpp"

#include <doctest/doctest.h>

#include "connectors/sms/limits.hpp"

using namespace connectors::sms;

TEST_CASE("a text becomes one line of what can be seen") {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"a\nb\r\n\tc  d ", "a b c d"},
      {std::string("a\0b\x1B[31m\x7F", 9), "a b [31m"},
      {"a\u0085b\u00A0c\u2028d\u3000e", "a b c d e"},
      {"a\u202Eb\u2066c\u2069d\u200Fe\u061Cf", "abcdef"},
      {"a\u200Bb\uFEFFc\u00ADd\u2060e", "abcde"},
      {"a\U000E0041b", "ab"},
      {"a\xFFz\xC3", "az"},
      {"", ""},
      {" \n ", ""}};
  for (const auto& [text, line] : rows) CHECK(plain_line(text) == line);
}

TEST_CASE("no word is left that a telephone would make a link of") {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"See https://example.org/a?b for more.", "See ... for more."},
      {"See HTTP://EXAMPLE.ORG", "See ..."},
      {"www.example.org, now", "... now"},
      {"(www.example.org)", "..."},
      {"write to a.b@example.org.", "write to ..."},
      {"example.org/flood http://x.y", "..."},
      {"gov.uk?x=1", "..."},
      {"ask at gov.uk today", "ask at gov. uk today"},
      {"Leave now.Stay calm", "Leave now. Stay calm"},
      {"a.b.co.uk", "a.b. co. uk"},
      {"dŵr.cymru", "dŵr. cymru"},
      // what is none stays as it is
      {"at 10.30pm, No.10, 2.5 m, e.g. here", "at 10.30pm, No.10, 2.5 m, e.g. here"},
      {"Run... hide", "Run... hide"},
      {"@ 7 and/or 8", "@ 7 and/or 8"}};
  for (const auto& [text, line] : rows) {
    CAPTURE(text);
    CHECK(plain_line(text) == line);
  }
}

TEST_CASE("no more than kFieldMax characters of a text are looked at") {
  CHECK(plain_line(std::string(limits::kFieldMax, 'a')).size() == limits::kFieldMax);
  CHECK(plain_line(std::string(limits::kFieldMax + 1, 'a')).size() == limits::kFieldMax);
}

TEST_CASE("typographic marks become plain ones and letters stay") {
  CHECK(with_plain_marks("‘don’t’ “go” – stay — here… 2×3 • x") ==
        "'don't' \"go\" - stay - here... 2x3 - x");
  CHECK(with_plain_marks("dŵr ŷd tân é ç") == "dŵr ŷd tân é ç");
}

TEST_CASE("a text is shortened at words with dots that count") {
  CHECK(shortened("Knighton by the River", 21) == "Knighton by the River");
  CHECK(shortened("Knighton by the River", 20) == "Knighton by the...");
  CHECK(shortened("Knighton by the River", 18) == "Knighton by the...");
  CHECK(shortened("Knighton by the River", 17) == "Knighton by...");
  CHECK(shortened("Knighton, by the River", 13) == "Knighton...");
  CHECK(shortened("Llanfairpwllgwyngyll", 10) == "Llanfai...");
  CHECK(shortened("ŵŵŵŵŵŵŵŵŵŵ", 9) == "ŵŵŵŵŵŵ...");
  CHECK(shortened("abcdew\u0302wwwww", 9) == "abcde...");  // never before what combines
  CHECK(shortened("a b", 2) == "...");
}

TEST_CASE("the beginnings of a text are sentences first and never too short") {
  CHECK(beginnings("Move up. Turn off gas, light. Call 999.", 10) ==
        std::vector<std::string>{
            "Move up. Turn off gas, light.", "Move up. Turn off gas, light. Call...",
            "Move up. Turn off gas...", "Move up. Turn off...", "Move up. Turn..."});
  CHECK(beginnings("Move up. Go.", 8) == std::vector<std::string>{"Move up."});
  CHECK(beginnings("Move up. Go.", 9).empty());
  CHECK(beginnings("word", 1).empty());
  CHECK(beginnings("", 1).empty());
}
