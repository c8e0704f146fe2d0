#include "engine/base/bytes.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

using namespace engine;
using namespace std::string_view_literals;

TEST_CASE("hexadecimal is lower case and comes back") {
  CHECK(to_hex(std::string("\x00\xff\x1a", 3)) == "00ff1a");
  CHECK(from_hex("00ff1a") == std::string("\x00\xff\x1a", 3));
  for (const auto* wrong : {"0", "0g", "FF", " 00", "0x"}) CHECK_FALSE(from_hex(wrong));
}

TEST_CASE("base64 agrees with the vectors of RFC 4648") {
  const std::pair<std::string, std::string> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, coded] : vectors) {
    CHECK(to_base64(plain) == coded);
    CHECK(from_base64(coded) == plain);
  }
}

TEST_CASE("base64 takes one text for each value and no other") {
  for (const auto* wrong : {"Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zm 9v", "Zm9v\n", "Zm9-",
                            "====", "=", "Z===", "Zg==Zg==", "Zm8=Zm8="}) {
    CAPTURE(wrong);
    CHECK_FALSE(from_base64(wrong));
  }
}

TEST_CASE("every octet survives base64") {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  for (std::size_t n = 0; n <= all.size(); ++n) {
    CHECK(from_base64(to_base64(all.substr(0, n))) == all.substr(0, n));
  }
}

namespace {

/// RFC 4648 section 4, bit by bit, as slowly as it reads.
std::optional<std::string> plainly_decoded(std::string_view text) {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (text.size() % 4 != 0) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && text.ends_with('=')) text.remove_suffix(1), ++padding;
  std::vector<bool> bits;
  for (const char c : text) {
    const auto value = alphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    for (int bit = 5; bit >= 0; --bit) bits.push_back((value >> bit & 1U) != 0);
  }
  for (; bits.size() % 8 != 0; bits.pop_back()) {
    if (bits.back()) return std::nullopt;
  }
  std::string bytes;
  for (std::size_t i = 0; i < bits.size(); i += 8) {
    unsigned octet = 0;
    for (std::size_t bit = 0; bit < 8; ++bit) octet = octet << 1U | (bits[i + bit] ? 1U : 0U);
    bytes += static_cast<char>(octet);
  }
  return bytes;
}

std::string some_octets(std::size_t size, std::mt19937& chance) {
  std::string bytes;
  while (bytes.size() < size) bytes += static_cast<char>(chance());
  return bytes;
}

}  // namespace

TEST_CASE("base64 of any length at any place in memory comes back") {
  std::mt19937 chance(1);
  for (std::size_t size = 0; size <= 80; ++size) {
    for (std::size_t place = 0; place < 16; ++place) {
      const std::string bytes = some_octets(place + size, chance);
      const std::string plain = bytes.substr(place);
      const std::string coded = to_base64(std::string_view(bytes).substr(place));
      const std::string placed = std::string(place, '=') + coded;
      REQUIRE(plainly_decoded(coded) == plain);
      REQUIRE(from_base64(std::string_view(placed).substr(place)) == plain);
      std::string after = "so far";
      append_base64(after, plain);
      REQUIRE(after == "so far" + coded);
    }
  }
}

TEST_CASE("every single octet at every place of base64 is taken or refused as RFC 4648 has it") {
  for (const std::string good : {"Zm9vYmFyZm9vYmFyZm9v", "Zm9vYmFyZm9vYg==", "Zm9vYmFyZm9vYmE="}) {
    for (std::size_t place = 0; place < good.size(); ++place) {
      for (int octet = 0; octet < 256; ++octet) {
        std::string text = good;
        text[place] = static_cast<char>(octet);
        CAPTURE(text);
        REQUIRE(from_base64(text) == plainly_decoded(text));
      }
    }
  }
}

TEST_CASE("base64 cut off or lengthened at any place is taken or refused as RFC 4648 has it") {
  std::mt19937 chance(2);
  constexpr std::string_view often = "AQgwZz09+/=";
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (std::size_t size = chance() % 13; size > 0; --size) text += often[chance() % often.size()];
    CAPTURE(text);
    REQUIRE(from_base64(text) == plainly_decoded(text));
  }
}

TEST_CASE("every octet survives hexadecimal, behind what is there already") {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  CHECK(from_hex(to_hex(all)) == all);
  std::string after = "so far";
  append_hex(after, "\x00\xff\x1a"sv);
  CHECK(after == "so far00ff1a");
}
