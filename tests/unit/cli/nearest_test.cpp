// Which word was meant.
#include "ops/cli/nearest.hpp"

#include <doctest/doctest.h>

using namespace ops::cli;

TEST_CASE("a letter left out, put in, changed or swapped is one slip") {
  CHECK(distance("list", "list") == 0);
  for (const char* typed : {"lst", "liist", "lisk", "lsit"}) {
    CAPTURE(typed);
    CHECK(distance(typed, "list") == 1);
    CHECK(distance("list", typed) == 1);
  }
  CHECK(distance("", "send") == 4);
  CHECK(distance("abc", "xyz") == 3);
}

TEST_CASE("what is near is named and what is no slip is not") {
  const std::vector<std::string> verbs = {"check", "draft", "send", "cancel", "list", "show"};
  CHECK(nearest("cancle", verbs) == "cancel");
  CHECK(nearest("canc", verbs) == "cancel");  // where it begins
  CHECK(nearest("lst", verbs) == "list");
  CHECK(nearest("sned", verbs) == "send");
  CHECK(nearest("withdraw", verbs).empty());
  CHECK(nearest("x", verbs).empty());
  CHECK(nearest("", verbs).empty());
  CHECK(nearest("send", {}).empty());
  CHECK(nearest(std::string(100'000, 'a'), verbs).empty());
}
