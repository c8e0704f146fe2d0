#include "connectors/sms/gsm_text.hpp"

#include <doctest/doctest.h>

#include <set>

#include "connectors/sms/limits.hpp"
#include "engine/base/bytes.hpp"
#include "engine/cap/text.hpp"

using namespace connectors::sms;
using engine::Bytes;

namespace {

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

Bytes octets_of(std::string_view text) {
  const auto parts = to_parts(text, 0);
  REQUIRE(parts);
  REQUIRE(parts->messages.size() == 1);
  return parts->messages[0];
}

/// What a telephone puts together of the parts.
std::string put_together(const TextParts& parts) {
  Bytes whole;
  for (const Bytes& message : parts.messages) {
    const auto data = split_user_data(message);
    REQUIRE(data);
    whole += data->text;
  }
  return to_utf8(static_cast<std::uint8_t>(parts.coding), whole).value();
}

/// Each part read by itself, as a telephone shows it that lacks the others.
std::vector<std::string> read_apart(const TextParts& parts) {
  std::vector<std::string> texts;
  for (const Bytes& message : parts.messages) {
    texts.push_back(
        to_utf8(static_cast<std::uint8_t>(parts.coding), split_user_data(message)->text).value());
  }
  return texts;
}

}  // namespace

TEST_CASE("characters of the GSM alphabet have the septets of 3GPP TS 23.038") {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"@", "00"},   {"£", "01"},   {"$", "02"},    {"Ç", "09"},   {"\n", "0a"},   {"Å", "0e"},
      {"Δ", "10"},   {"_", "11"},   {"Ξ", "1a"},    {"Æ", "1c"},   {"É", "1f"},    {" ", "20"},
      {"¤", "24"},   {"0", "30"},   {"¡", "40"},    {"A", "41"},   {"Z", "5a"},    {"§", "5f"},
      {"¿", "60"},   {"a", "61"},   {"ä", "7b"},    {"à", "7f"},   {"\f", "1b0a"}, {"^", "1b14"},
      {"{", "1b28"}, {"}", "1b29"}, {"\\", "1b2f"}, {"[", "1b3c"}, {"~", "1b3d"},  {"]", "1b3e"},
      {"|", "1b40"}, {"€", "1b65"}};
  for (const auto& [text, hex] : rows) {
    CAPTURE(text);
    CHECK(engine::to_hex(octets_of(text)) == hex);
    CHECK(to_utf8(0, engine::from_hex(hex).value()) == text);
  }
}

TEST_CASE("a character that is in neither table makes the whole text UCS-2") {
  CHECK(engine::to_hex(octets_of("dŵr")) == "006401750072");
  CHECK(engine::to_hex(octets_of("ŷ")) == "0177");
  CHECK(engine::to_hex(octets_of("😀")) == "d83dde00");
  CHECK(size_of("`").coding == Coding::ucs2);
  CHECK(size_of("\x1B").coding == Coding::ucs2);
  CHECK(size_of("ç").coding == Coding::ucs2);
}

TEST_CASE("what a text is sized as is what the judge of alerts sizes it as") {
  for (char32_t code = 1; code < 0x3000; ++code) {
    std::string text;
    append_utf8(text, code);
    const auto size = size_of(text);
    const auto judged = engine::cap::length_of(text);
    CAPTURE(static_cast<unsigned>(code));
    CHECK(size.units == judged.characters);
    CHECK((size.coding == Coding::gsm) == (judged.alphabet == "GSM-7"));
  }
}

TEST_CASE("a text takes one part up to 160 septets or 70 units and more of 153 or 67") {
  struct Row {
    std::string text;
    std::size_t units;
    std::size_t parts;
  };
  const std::vector<Row> rows = {{"", 0, 1},
                                 {repeated("a", 160), 160, 1},
                                 {repeated("a", 161), 161, 2},
                                 {repeated("a", 306), 306, 2},
                                 {repeated("a", 307), 307, 3},
                                 {repeated("€", 80), 160, 1},
                                 {repeated("€", 81), 162, 2},
                                 {repeated("ŵ", 70), 70, 1},
                                 {repeated("ŵ", 71), 71, 2},
                                 {repeated("ŵ", 134), 134, 2},
                                 {repeated("ŵ", 135), 135, 3},
                                 {repeated("😀", 35), 70, 1},
                                 {repeated("😀", 36), 72, 2}};
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(size_of(row.text).units == row.units);
    CHECK(size_of(row.text).parts == row.parts);
    CHECK(to_parts(row.text, 1)->messages.size() == row.parts);
  }
}

TEST_CASE("several parts begin with the header that puts them together") {
  const auto parts = to_parts(repeated("a", 161), 0xAB);
  REQUIRE(parts);
  CHECK(parts->esm_class == 0x40);
  REQUIRE(parts->messages.size() == 2);
  CHECK(engine::to_hex(parts->messages[0].substr(0, 6)) == "050003ab0201");
  CHECK(engine::to_hex(parts->messages[1].substr(0, 6)) == "050003ab0202");
  CHECK(parts->messages[0].size() == 6 + 153);
  CHECK(parts->messages[1].size() == 6 + 8);
  const auto second = split_user_data(parts->messages[1]);
  REQUIRE(second);
  REQUIRE(second->part);
  CHECK(second->part->reference == 0xAB);
  CHECK(second->part->parts == 2);
  CHECK(second->part->part == 2);
  CHECK(to_parts("a", 1)->esm_class == 0);
}

TEST_CASE("no part ends within an escape or a surrogate pair") {
  for (std::size_t before = 140; before < 160; ++before) {
    const std::string text = repeated("a", before) + repeated("€", 20);
    const auto parts = to_parts(text, 1);
    REQUIRE(parts);
    CHECK(put_together(*parts) == text);
    for (const auto& part : read_apart(*parts)) CHECK(part.find("\xEF\xBF\xBD") == part.npos);
    for (const auto& message : parts->messages) {
      CHECK(message.size() <= 159);
      CHECK(message.back() != 0x1B);
    }
  }
  for (std::size_t before = 60; before < 70; ++before) {
    const std::string text = repeated("ŵ", before) + repeated("😀", 20);
    const auto parts = to_parts(text, 1);
    REQUIRE(parts);
    CHECK(put_together(*parts) == text);
    for (const auto& part : read_apart(*parts)) CHECK(part.find("\xEF\xBF\xBD") == part.npos);
    for (const auto& message : parts->messages) CHECK(message.size() <= 140);
  }
}

TEST_CASE("no part begins with a mark that combines with what is before it") {
  const std::string text = repeated("w", 66) + "w\u0302" + repeated("y", 10);
  const auto apart = read_apart(*to_parts(text, 1));
  REQUIRE(apart.size() == 2);
  CHECK(apart[0] == repeated("w", 66));
  CHECK(apart[1] == "w\u0302" + repeated("y", 10));
  // A sequence that fills more than a part has to be cut all the same.
  const std::string endless = "w" + repeated("\u0302", 100);
  CHECK(put_together(*to_parts(endless, 1)) == endless);
}

TEST_CASE("a text of kPartsMax parts is taken and one of a character more is not") {
  static_assert(limits::kPartsMax == 6);
  CHECK(to_parts(repeated("a", 6 * 153), 1)->messages.size() == limits::kPartsMax);
  CHECK_FALSE(to_parts(repeated("a", 6 * 153 + 1), 1));
  CHECK(to_parts(repeated("ŵ", 6 * 67), 1)->messages.size() == limits::kPartsMax);
  CHECK_FALSE(to_parts(repeated("ŵ", 6 * 67 + 1), 1));
  CHECK(size_of(repeated("ŵ", 6 * 67 + 1)).parts == 7);
}

TEST_CASE("every text that fits is read back as it was") {
  for (char32_t code = 1; code < 0x11000; code += 7) {
    if (code >= 0xD800 && code < 0xE000) continue;
    std::string text = "a";
    append_utf8(text, code);
    const auto parts = to_parts(text, 1);
    REQUIRE(parts);
    CHECK(to_utf8(static_cast<std::uint8_t>(parts->coding), parts->messages[0]) == text);
  }
}

TEST_CASE("octets of a reply are read by their data coding") {
  struct Row {
    std::uint8_t coding;
    std::string hex;
    std::optional<std::string> text;
  };
  const std::vector<Row> rows = {{0, "312053414645", "1 SAFE"},
                                 {1, "312053414645", "1 SAFE"},
                                 {3, "e9e8a3", "éè£"},
                                 {8, "003100200053004100460045", "1 SAFE"},
                                 {8, "d83dde00", "😀"},
                                 {0x10, "00", "@"},  // flash
                                 {0x13, "00", "@"},
                                 {0x18, "0177", "ŷ"},
                                 {0xF1, "00", "@"},
                                 {0, "", ""},
                                 // broken: what has no meaning is said to have none
                                 {0, "41ff42", "A\uFFFDB"},
                                 {0, "411b", "A\uFFFD"},
                                 {0, "1b1b41", " A"},
                                 {0, "1b41", "A"},
                                 {0, "1bff", "\uFFFD"},
                                 {1, "4180", "A\uFFFD"},
                                 {8, "d83d", "\uFFFD"},
                                 {8, "de00", "\uFFFD"},
                                 {8, "d83d0041", "\uFFFDA"},
                                 {8, "d83dd83dde00", "\uFFFD😀"},
                                 {8, "004100", "A\uFFFD"},
                                 {8, "00", "\uFFFD"},
                                 // codings that say nothing of characters, or of others
                                 {2, "41", std::nullopt},
                                 {4, "41", std::nullopt},
                                 {5, "41", std::nullopt},
                                 {0x14, "41", std::nullopt},
                                 {0xF4, "41", std::nullopt},
                                 {0xFF, "41", std::nullopt}};
  for (const Row& row : rows) {
    CAPTURE(row.hex);
    CAPTURE(static_cast<int>(row.coding));
    CHECK(to_utf8(row.coding, engine::from_hex(row.hex).value()) == row.text);
  }
}

TEST_CASE("a user data header is read as far as it is one") {
  const auto part_in = [](const char* hex) {
    const Bytes octets = engine::from_hex(hex).value();
    const auto data = split_user_data(octets);
    return data && data->part
               ? std::to_string(data->part->reference) + " " + std::to_string(data->part->part) +
                     "/" + std::to_string(data->part->parts)
               : std::string(data ? "no part" : "broken");
  };
  CHECK(part_in("050003ab020141") == "171 1/2");
  CHECK(part_in("060804ab0c020241") == "43788 2/2");
  CHECK(part_in("0a0504158200000003070201") == "broken");
  CHECK(part_in("0b05041582000000030702014142") == "7 1/2");  // ports before it
  CHECK(part_in("0041") == "no part");
  CHECK(part_in("050003ab0200") == "no part");  // parts count from 1
  CHECK(part_in("050003ab0203") == "no part");
  CHECK(part_in("05000300") == "broken");
  CHECK(part_in("0300ff00") == "broken");
  CHECK(part_in("0100") == "broken");
  CHECK_FALSE(split_user_data(""));
  CHECK(split_user_data(engine::from_hex("050003ab020141").value())->text == "A");
}
