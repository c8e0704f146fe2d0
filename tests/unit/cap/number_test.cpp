#include "engine/cap/number.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace engine::cap;

TEST_CASE("coordinates are decimal numbers and nothing else") {
  CHECK(parse_decimal("51.5") == 51.5);
  CHECK(parse_decimal("-0.25") == -0.25);
  CHECK(parse_decimal("7") == 7.0);
  CHECK(parse_decimal("5.") == 5.0);
  CHECK(parse_decimal("-.5") == -0.5);
  for (const char* wrong : {"", "-", ".", "-.", "+5", "1e3", "0x10", "inf", "nan", "1,5", "1.2.3",
                            " 1", "1 ", "--1", "1-", "5N"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_decimal(wrong).has_value());
  }
  CHECK_FALSE(parse_decimal(std::string(65, '1')).has_value());
}

TEST_CASE("minus zero is zero") { CHECK_FALSE(std::signbit(*parse_decimal("-0.0"))); }

TEST_CASE("numbers are written so that they read back the same and without an exponent") {
  for (const double number : {0.0, 51.5, -0.1, 1e-7, 15.0825820000001, 179.99999999999997, 1e20}) {
    const std::string text = format_decimal(number);
    CAPTURE(text);
    CHECK(text.find('e') == std::string::npos);
    CHECK(parse_decimal(text) == number);
  }
  CHECK(format_decimal(51.5) == "51.5");
  CHECK(format_decimal(1e-7) == "0.0000001");
}
