#include "connectors/web/api.hpp"

#include <doctest/doctest.h>

using namespace connectors::web;
using engine::Position;
using engine::Sequence;

TEST_CASE("a stream begins at a position or the beginning or with what is active") {
  const auto beginning = parse_start("0");
  REQUIRE(beginning);
  CHECK(std::get<Position>(*beginning).sequence == Sequence::none);
  CHECK(std::holds_alternative<engine::FromActive>(*parse_start("active")));
  const auto position = parse_start("0123456789abcdef:7");
  REQUIRE(position);
  CHECK(std::get<Position>(*position) == Position{"0123456789abcdef", Sequence{7}});
}

TEST_CASE("what is none of these begins nothing") {
  for (const auto* wrong : {"", "1", "7", "00", "Active", "0123456789abcdef", ":1", "-1"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_start(wrong));
  }
}
