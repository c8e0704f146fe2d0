#include "engine/base/bytes.hpp"

#include <doctest/doctest.h>

using namespace engine;

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
