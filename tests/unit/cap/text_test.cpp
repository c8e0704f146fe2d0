#include "engine/cap/text.hpp"

#include <doctest/doctest.h>

using namespace engine::cap;

TEST_CASE("blank is nothing but spaces of any kind") {
  for (const char* blank : {"", " ", "\t\r\n", "\u00A0", "\u3000\u2003", "\u200B\uFEFF"}) {
    CAPTURE(blank);
    CHECK(is_blank(blank));
  }
  CHECK_FALSE(is_blank(" a "));
  CHECK_FALSE(is_blank("\u00E9"));
}

TEST_CASE("controls and marks that turn the text are found") {
  CHECK_FALSE(find_control("line one\r\n\tline two, \u00E9\u20AC"));
  CHECK(find_control("a\x01") == U'\x01');
  CHECK(find_control("a\x7F") == U'\x7F');
  CHECK(find_control("a\u0085") == U'\u0085');
  CHECK_FALSE(find_bidi_control("\u05E9\u05DC\u05D5\u05DD \u200F"));
  CHECK(find_bidi_control("safe\u202Egnp.exe") == U'\u202E');
  CHECK(find_bidi_control("\u2066x") == U'\u2066');
  CHECK(find_bidi_control("\u2069") == U'\u2069');
}

TEST_CASE("markup is a tag or a character reference that would be shown as one") {
  for (const char* markup :
       {"<b>x", "x</b>", "<!-- x -->", "<?x?>", "Fish &amp; chips", "&#60;", "&#x3c;", "a<br/>"}) {
    CAPTURE(markup);
    CHECK(has_markup(markup));
  }
  for (const char* plain : {"wind < 50 mph", "a <3 b", "5 > 4", "Fish & chips", "R&D; more", "<",
                            "&", "AT&T", "x &#; y"}) {
    CAPTURE(plain);
    CHECK_FALSE(has_markup(plain));
  }
}

TEST_CASE("language tags are those of RFC 5646") {
  for (const char* good : {"en", "en-GB", "cy", "zh-Hant-TW", "es-419", "sl-rozaj-biske", "de-1996",
                           "zh-cmn-Hans-CN", "de-DE-u-co-phonebk", "x-drill", "en-a-bbb-x-a",
                           "i-klingon", "haw", "art-x-mine", "EN-gb", "abcde"}) {
    CAPTURE(good);
    CHECK(is_language_tag(good));
  }
  for (const char* bad :
       {"", "e", "en_GB", "en-", "-en", "en--GB", "english-language-tag", "en-GB-", "en-x", "x",
        "x-", "en-u", "en-GB-GB", "en GB", "i", "12", "en-abcdefghi", "i-klingon-x"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_language_tag(bad));
  }
}

TEST_CASE("names have no spaces and nothing that a reference or a page would trip over") {
  CHECK(is_name("urn:oid:2.49.0.0.104.0.1"));
  CHECK(is_name("https://example.org/"));
  for (const char* bad : {"", "a b", "a,b", "a<b", "a&b", "a\nb", "\ta"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_name(bad));
  }
}

TEST_CASE("a text is counted in the alphabet of telephones it needs") {
  const Length plain = length_of("caf\u00E9 at 5 @ $10\n");
  CHECK(plain.alphabet == "GSM-7");
  CHECK(plain.characters == 16);
  CHECK(plain.characters_max == 1395);
  CHECK(length_of("[5\u20AC]").characters == 7);  // three of the extension table
  const Length welsh = length_of("\u0175yl");
  CHECK(welsh.alphabet == "UCS-2");
  CHECK(welsh.characters == 3);
  CHECK(welsh.characters_max == 615);
  CHECK(length_of("\U0001F6A8").characters == 2);
  CHECK(length_of("`").alphabet == "UCS-2");
}

TEST_CASE("addresses that are not https are found in a text") {
  CHECK(find_plain_link("see http://example.org/x for more") == "http://example.org/x");
  CHECK(find_plain_link("FTP://example.org") == "FTP://example.org");
  CHECK(find_plain_link("https://a.org then http://b.org") == "http://b.org");
  for (const char* fine :
       {"", "https://example.org", "HTTPS://example.org", "see example.org", "://", "a :// b"}) {
    CAPTURE(fine);
    CHECK_FALSE(find_plain_link(fine).has_value());
  }
}

TEST_CASE("words are what stands between white space") {
  CHECK(split(" a\tb\r\nc ") == std::vector<std::string_view>{"a", "b", "c"});
  CHECK(split("  ").empty());
  CHECK(trim(" \n a b\t") == "a b");
  CHECK(trim(" ").empty());
}
