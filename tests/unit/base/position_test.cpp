#include "engine/position.hpp"

#include <doctest/doctest.h>

using namespace engine;

TEST_CASE("a position is written and read back") {
  const Position position{"0123456789abcdef", Sequence{42}};
  CHECK(position.text() == "0123456789abcdef:42");
  CHECK(Position::parse(position.text()) == position);
}

TEST_CASE("what is not a position is not read") {
  for (const auto* wrong :
       {"", "42", "0", ":1", "0123456789abcdef:", "0123456789abcdeF:1", "0123456789abcdef:-1",
        "0123456789abcdef:01", "0123456789abcdef:1 ", "0123456789abcdef:99999999999999999999"}) {
    CAPTURE(wrong);
    CHECK_FALSE(Position::parse(wrong));
  }
}
