#include "ops/cli/progress.hpp"

#include <doctest/doctest.h>

#include "ops/cli/reach.hpp"
#include "ops/cli/visible.hpp"

using namespace ops::cli;

namespace {

Reach some() { return {{3, 2, 1, 0}, {12, 5, 0, 0}, {{"sms", 1204, 626, 3}}}; }

}  // namespace

TEST_CASE("a goal is reached when everybody who was there has it and enough have said so") {
  Reach reach = some();
  CHECK_FALSE(reached({3, 12, {}, {}}, reach));  // SMS is still waiting
  reach.channels.front().waiting = 0;
  CHECK(reached({3, 12, {}, {}}, reach));
  CHECK_FALSE(reached({4, 12, {}, {}}, reach));
  CHECK_FALSE(reached({3, 13, {}, {}}, reach));
  CHECK(reached({3, 12, 1, {}}, reach));
  CHECK_FALSE(reached({3, 12, 2, {}}, reach));
  CHECK(reached({}, {}));
}

TEST_CASE("bars fit their window and tell organisations from anonymous readers") {
  for (const std::size_t columns : {64U, 80U, 100U}) {
    const std::string text = bars_text({4, 12, 2, {}}, some(), columns);
    for (std::size_t begin = 0; begin < text.size();) {
      const auto end = text.find('\n', begin);
      CHECK(width(text.substr(begin, end - begin)) <= columns);
      begin = end + 1;
    }
    CHECK(text.find("organisations       3 of      4") != std::string::npos);
    CHECK(text.find("1 waiting") != std::string::npos);
    CHECK(text.find("626 waiting, 3 failed") != std::string::npos);
    CHECK(text.find("(2 wanted)") != std::string::npos);
  }
  CHECK(bars_text({2, 0, {}, {}}, {{1, 0, 0, 0}, {}, {}}, 80).find("  ██████████          ") !=
        std::string::npos);
  CHECK(reach_line({4, 12, {}, {}}, some()).find("delivered 3 of 4 organisations, 12 of 12") == 0);
}

TEST_CASE("counts are read as the engine gives them and nothing else is taken for counts") {
  const auto reach =
      parse_reach(R"({"organisations":{"connected":3,"displayed":2,"acknowledged":1,"answered":0},)"
                  R"("anonymous":{"connected":12,"displayed":5,"acknowledged":0,"answered":0},)"
                  R"("channels":{"sms":{"delivered":1204,"waiting":626,"failed":3}}})");
  REQUIRE(reach.has_value());
  CHECK(*reach == some());
  CHECK_FALSE(parse_reach(R"({"organisations":{}})").has_value());
  CHECK_FALSE(parse_reach("[]").has_value());

  const auto run =
      parse_dry_run(R"({"id":"00","reach":{"stream":{"organisations":3,"anonymous":12}},)"
                    R"("missing":{"have":1,"need":2,"could":["Ben"]},)"
                    R"("warnings":[{"rule":"r","where":"w","message":"m"}],"repeat":null})");
  REQUIRE(run.has_value());
  CHECK(run->streams().organisations == 3);
  CHECK(run->streams().anonymous == 12);
  CHECK(run->missing->could == std::vector<std::string>{"Ben"});
  CHECK(run->warnings == std::vector<std::string>{"r at w: m"});
  CHECK_FALSE(run->repeat.has_value());
  CHECK_FALSE(parse_dry_run(R"({"seq":1})").has_value());
}
