#include "ops/cli/bars.hpp"

#include <doctest/doctest.h>

#include "ops/cli/reach.hpp"
#include "ops/cli/visible.hpp"

using namespace ops::cli;

namespace {

Reach some() {
  Reach reach{{3, 2, 1, 0}, {12, 5, 0, 0}, {{"sms", 600, 26, 1204, 2, 0, 1}}};
  reach.concerned = Concerned{{418, 300, 100, 16, 2}, true, {{"Camden", {31, 15, 13, 1, 2}}}, {}};
  reach.concerned->other_areas = {387, 285, 87, 15, 0};
  return reach;
}

}  // namespace

TEST_CASE("a goal is reached when everybody who was there has it and enough have said so") {
  Reach reach = some();
  CHECK_FALSE(reached({3, 12, {}, {}}, reach));  // some are being tried still
  reach.concerned->sums.trying = 0;
  CHECK(reached({3, 12, {}, {}}, reach));
  reach.concerned->planned = false;  // and there may be more
  CHECK_FALSE(reached({3, 12, {}, {}}, reach));
  reach.concerned->planned = true;
  CHECK_FALSE(reached({4, 12, {}, {}}, reach));
  CHECK_FALSE(reached({3, 13, {}, {}}, reach));
  CHECK(reached({3, 12, 1, {}}, reach));
  CHECK_FALSE(reached({3, 12, 2, {}}, reach));
  CHECK(reached({}, {}));
}

TEST_CASE("mails that a server has taken are waited for no longer than anything may come of it") {
  Reach reach{{3, 2, 1, 0}, {12, 5, 0, 0}, {{"sms", 0, 0, 300, 2, 0, 1}, {"email", 0, 100, 0}}};
  reach.concerned = Concerned{{418, 300, 100, 16, 2}, true, {}, {}};
  const Goal goal{3, 12, {}, {}};
  CHECK_FALSE(reached(goal, reach));
  CHECK(reached_but_for_mails(goal, reach));
  CHECK_FALSE(reached_but_for_mails({4, 12, {}, {}}, reach));
  CHECK_FALSE(reached_but_for_mails({3, 12, 2, {}}, reach));
  const auto but = [&](auto change) {
    Reach other = reach;
    change(other);
    return reached_but_for_mails(goal, other);
  };
  CHECK_FALSE(but([](Reach& one) { one.channels[1].owed = 1; }));          // is to be sent
  CHECK_FALSE(but([](Reach& one) { one.channels[0].sent = 1; }));          // a network says more
  CHECK_FALSE(but([](Reach& one) { one.concerned->sums.trying = 101; }));  // has had nothing yet
  CHECK_FALSE(but([](Reach& one) { one.concerned->planned = false; }));
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
  const std::string line = reach_line({4, 12, {}, {}}, some());
  CHECK(line.find("delivered 3 of 4 organisations, 12 of 12") == 0);
  CHECK(line.find("; SMS 1204 delivered, 626 waiting, 3 failed; ") != std::string::npos);
  CHECK(line.find("; reached 300 of 418: 100 waiting, 16 failed, 2 not contactable") !=
        std::string::npos);
}

TEST_CASE("every channel has a bar, and all whom it concerns have one, by area too") {
  const std::string text = bars_text({}, some(), 80);
  CHECK(text.find("  SMS              1204 of   1833  █████████████▏        626 waiting") !=
        std::string::npos);
  CHECK(text.find("  all reached       300 of    418  ") != std::string::npos);
  CHECK(text.find("100 waiting, 16 failed\n") != std::string::npos);
  CHECK(text.find("2 have nobody who may be told\n") != std::string::npos);
  const std::string groups = groups_text(some(), 80);
  CHECK(groups.find("  Camden             15 of     31  ") != std::string::npos);
  CHECK(groups.find("  others            285 of    387  ") != std::string::npos);
  CHECK(groups_text({}, 80) == "  Nobody who is not connected is told of this alert.\n");
}

TEST_CASE("counts are read as the engine gives them and nothing else is taken for counts") {
  const auto reach =
      parse_reach(R"({"organisations":{"connected":3,"displayed":2,"acknowledged":1,"answered":0},)"
                  R"("anonymous":{"connected":12,"displayed":5,"acknowledged":0,"answered":0},)"
                  R"("channels":{"sms":{"owed":600,"sent":26,"delivered":1204,"failed":2,)"
                  R"("replaced":0,"expired":1},"email":{"owed":0,"sent":0}},"concerned":{)"
                  R"("matched":418,"reached":300,"trying":100,"failed":16,"not_contactable":2,)"
                  R"("planned":true,"areas":[{"area":"E09000007","name":"Camden","matched":31,)"
                  R"("reached":15,"trying":13,"failed":1,"not_contactable":2}],"other_areas":)"
                  R"({"matched":387,"reached":285,"trying":87,"failed":15}}})");
  REQUIRE(reach.has_value());
  CHECK(*reach == some());
  const auto nobody =
      parse_reach(R"({"organisations":{},"anonymous":{},"channels":{},"concerned":null})");
  REQUIRE(nobody.has_value());
  CHECK_FALSE(nobody->concerned.has_value());
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
  CHECK_FALSE(run->others.has_value());
  CHECK_FALSE(parse_dry_run(R"({"seq":1})").has_value());
}

TEST_CASE("whom other ways could tell is said of all who are concerned, or of those looked at") {
  const auto others = [](const std::string& counts) {
    const auto run = parse_dry_run(R"({"reach":{},"concerned":)" + counts + "}");
    REQUIRE(run.has_value());
    return run->others ? others_text(*run->others) : "nobody";
  };
  CHECK(others(R"({"matched":1200,"looked_at":1000,"channels":{"sms":812,"email":540},)"
               R"("later":20,"not_contactable":40})") ==
        "1200 organisations are concerned, connected or not; of 1000 of them that were looked at "
        "940 could be told now by SMS, e-mail or webhook");
  CHECK(others(R"({"matched":1,"looked_at":1,"channels":{},"later":0,"not_contactable":1})") ==
        "1 organisation is concerned, connected or not; of these 0 could be told now by SMS, "
        "e-mail or webhook");
  CHECK(others("null") == "nobody");
  // What is no engine's answer is no reason to fall over.
  CHECK(others(R"({"looked_at":1,"later":9})").starts_with("0 organisations are concerned"));
}
