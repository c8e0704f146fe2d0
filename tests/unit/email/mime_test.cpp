#include "connectors/email/mime.hpp"

#include <doctest/doctest.h>

#include "tests/support/letter.hpp"

using namespace connectors::email;
using tests::from_quoted_printable;

namespace {

/// Every line short and of ASCII, CRLF alone.
bool well_formed(const std::string& text, std::size_t longest) {
  std::size_t column = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && text.substr(i, 2) == "\r\n") {
      ++i;
      column = 0;
      continue;
    }
    if ((text[i] < ' ' && text[i] != '\t') || text[i] >= '\x7f') return false;
    if (++column > longest) return false;
  }
  return column == 0;
}

}  // namespace

TEST_CASE("a text is cleaned of what is not seen, and its lines end in one way") {
  CHECK(clean_text("a\r\nb\rc\nd\xe2\x80\xa8 e\xe2\x80\xa9"
                   "f") == "a\nb\nc\nd\n e\nf");
  CHECK(clean_text("tab\tstays") == "tab\tstays");
  CHECK(clean_text("\x1b[2J\x7f\xff\xc3") == "\xef\xbf\xbd[2J\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
  CHECK(clean_text("\xe2\x80\xae"
                   "drow") ==
        "\xef\xbf\xbd"
        "drow");
  CHECK(clean_text(std::string_view("a\0b", 3)) ==
        "a\xef\xbf\xbd"
        "b");
  CHECK(clean_text("\xc2\x85") == "\xef\xbf\xbd");
  CHECK(clean_text("Ll\xc5\xb7n \xf0\x9f\x8c\x8a") == "Ll\xc5\xb7n \xf0\x9f\x8c\x8a");
}

TEST_CASE("a line has no line ends and single spaces and kHeaderCharacters at most") {
  CHECK(clean_line("  a\r\n\tb  c ") == "a b c");
  CHECK(clean_line("") == "");
  const std::string most(kHeaderCharacters, 'a');
  CHECK(clean_line(most) == most);
  CHECK(clean_line(most + " ") == most);
  CHECK(clean_line(most + "a") == most + "\xe2\x80\xa6");
  CHECK(clean_line(most.substr(1) + " a") == most.substr(1) + "\xe2\x80\xa6");
  CHECK(clean_line(most.substr(2) + " a") == most.substr(2) + " a");
}

TEST_CASE("a header's text is itself where it is ASCII and encoded words where it is not") {
  CHECK(unstructured("Subject", "Flood") == "Subject: Flood\r\n");
  CHECK(unstructured("Subject", "") == "Subject: \r\n");
  CHECK(unstructured("Subject", "Ll\xc5\xb7n") == "Subject: =?UTF-8?B?TGzFt24=?=\r\n");
  CHECK(unstructured("Subject", "=?x?=") == "Subject: =?UTF-8?B?PT94Pz0=?=\r\n");
  CHECK(unstructured("Subject", "a\r\nBcc: b@example.org") == "Subject: a Bcc: b@example.org\r\n");
}

TEST_CASE("no line of a header is longer than 78 where it has spaces and never than 998") {
  std::string words;
  for (int i = 0; i < 60; ++i) words += "word" + std::to_string(i) + " ";
  CHECK(well_formed(unstructured("Subject", words), kLineShould));
  CHECK(well_formed(unstructured("Subject", std::string(5000, 'x')), kLineMax));
  std::string waves;
  for (int i = 0; i < 5000; ++i) waves += "\xf0\x9f\x8c\x8a";
  const std::string field = unstructured("Subject", waves);
  CHECK(well_formed(field, kLineShould));
  CHECK(field.find("\r\n =?UTF-8?B?") != std::string::npos);
  CHECK(field.size() < 2500);
}

TEST_CASE("encoded words never hold half a character") {
  const std::string field = unstructured(
      "Subject", std::string(90, 'a') + std::string("\xc3\xa4") + "\xe2\x82\xac\xf0\x9f\x8c\x8a");
  std::string all;
  for (std::size_t at = field.find("=?UTF-8?B?"); at != std::string::npos;
       at = field.find("=?UTF-8?B?", at + 1)) {
    const std::size_t end = field.find("?=", at + 10);
    CHECK(end + 2 - at <= 75);
    const auto octets = engine::from_base64(field.substr(at + 10, end - at - 10));
    REQUIRE(octets);
    CHECK(clean_text(*octets) == *octets);
    all += *octets;
  }
  CHECK(all == std::string(90, 'a') + "\xc3\xa4\xe2\x82\xac\xf0\x9f\x8c\x8a");
}

TEST_CASE("a name before an address cannot end what it stands in") {
  CHECK(display_name("Tocsin") == "\"Tocsin\"");
  CHECK(display_name("a \"b\" \\ <c@d>") == "\"a \\\"b\\\" \\\\ <c@d>\"");
  CHECK(display_name("a\r\nX: y") == "\"a X: y\"");
  CHECK(display_name("\xc3\xa4") == "=?UTF-8?B?w6Q=?=");
}

TEST_CASE("quoted-printable says what was meant in lines of 76 characters") {
  std::string every;
  for (int i = 32; i < 127; ++i) every += static_cast<char>(i);
  for (const std::string& text :
       {std::string("a\n"), std::string("\n\n\n"), every + "\n", std::string(75, 'a') + "\n",
        std::string(76, 'a') + "\n", std::string(77, 'a') + "\n", std::string(1000, '=') + "\n",
        std::string("end \nend\t\n \n"), std::string(".\n..\nFrom here\n.hidden\n"),
        std::string(200, ' ') + "\n", std::string("\xc5\xb7\xf0\x9f\x8c\x8a\n"),
        std::string(74, 'a') + "\xc5\xb7\n", std::string("--=_mixed\n")}) {
    CAPTURE(text);
    const std::string encoded = quoted_printable(text);
    CHECK(well_formed(encoded, 76));
    CHECK(from_quoted_printable(encoded) == text);
    CHECK(encoded.find("\r\n.") == std::string::npos);
    CHECK(encoded.find("=_") == std::string::npos);
    CHECK(encoded.find(" \r\n") == std::string::npos);
  }
  CHECK(quoted_printable(std::string(75, 'a') + "\n") == std::string(75, 'a') + "\r\n");
  CHECK(quoted_printable("no end") == "no end\r\n");
  CHECK(quoted_printable("") == "");
}

TEST_CASE("base64 stands in lines of 76 characters") {
  CHECK(base64_lines("") == "");
  CHECK(base64_lines(std::string(57, '\0')) == std::string(76, 'A') + "\r\n");
  CHECK(base64_lines(std::string(58, '\0')) == std::string(76, 'A') + "\r\nAA==\r\n");
}

TEST_CASE("nothing of a text is taken for HTML") {
  CHECK(html("<a href=\"x\" class='y'>&amp;</a>") ==
        "&lt;a href=&quot;x&quot; class=&#39;y&#39;&gt;&amp;amp;&lt;/a&gt;");
}
