#include "engine/cap/findings.hpp"

#include <doctest/doctest.h>

using namespace engine::cap;

TEST_CASE("what is shown of a document cannot play tricks on a terminal") {
  CHECK(printable("plain \u00E9\u20AC") == "plain \u00E9\u20AC");
  CHECK(printable("a\nb\tc") == "a b c");
  CHECK(printable("\x1B[31mred") == "U+001B[31mred");
  CHECK(printable("abc\u202Edef") == "abcU+202Edef");
  CHECK(printable("\xFF") == "\uFFFD");
  CHECK(printable("abcdef", 3) == "abc...");
  CHECK(printable("\u20AC\u20AC\u20AC", 3) == "\u20AC\u20AC\u20AC");
}

TEST_CASE("a message says what was seen and ends in what to do") {
  Findings findings(10);
  findings.error(Rule::doctype, 3, "The document has a DOCTYPE");
  const Judgement judgement = std::move(findings).judgement();
  REQUIRE(judgement.errors.size() == 1);
  CHECK(judgement.errors[0].rule == "doctype");
  CHECK(judgement.errors[0].where == "line 3");
  CHECK(judgement.errors[0].line == 3);
  CHECK(judgement.errors[0].message ==
        "The document has a DOCTYPE: remove the whole <!DOCTYPE ...>.");
}

TEST_CASE("the same fault at the same place is told once") {
  Findings findings(10);
  findings.error(Rule::time_format, 3, "first");
  findings.error(Rule::time_format, 3, "second");
  findings.error(Rule::time_format, 4, "third");
  CHECK(std::move(findings).judgement().errors.size() == 2);
}

TEST_CASE("faults beyond the bound are counted and not listed") {
  Findings findings(2);
  for (int line = 1; line <= 7; ++line) findings.error(Rule::markup, line, "There is markup");
  const Judgement judgement = std::move(findings).judgement();
  REQUIRE(judgement.errors.size() == 3);
  CHECK(judgement.errors[2].rule == "more_faults");
  CHECK(judgement.errors[2].message.starts_with("5 more were found"));
}

TEST_CASE("a document with faults is refused even if none is to be listed") {
  Findings findings(0);
  CHECK_FALSE(findings.any_error());
  findings.error(Rule::markup, 1, "There is markup");
  CHECK(findings.any_error());
}

TEST_CASE("every rule has a name of its own and says what to do") {
  for (const RuleText& rule : all_rules()) {
    CAPTURE(rule.name);
    CHECK_FALSE(rule.remedy.empty());
    CHECK(rule.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") ==
          std::string_view::npos);
    int same = 0;
    for (const RuleText& other : all_rules()) same += other.name == rule.name ? 1 : 0;
    CHECK(same == 1);
  }
}
