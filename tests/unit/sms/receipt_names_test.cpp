// By which names receipts find their message: ids that a centre writes in two ways, and messages
// that were given up before they were answered.
#include <doctest/doctest.h>

#include "connectors/sms/id_habit.hpp"
#include "connectors/sms/late_answers.hpp"

using namespace connectors::sms;
using Names = std::vector<std::string>;

TEST_CASE("every form of an id is looked for until a receipt shows which it is") {
  IdHabit habit;
  CHECK(habit.answered("005F3A") == "5f3a");
  CHECK(habit.reported("77") == Names{"77", "119", "4d"});  // of nobody that is remembered
  CHECK(habit.habit() == SameId::no);
  CHECK(habit.reported("24378") == Names{"5f3a"});
  CHECK(habit.habit() == SameId::hex_to_dec);
  CHECK(habit.reported("16") == Names{"10"});  // and never "16"
  CHECK(habit.reported("no number") == Names{"no number"});
}

TEST_CASE("before the form is known the text of a message is that message's alone") {
  IdHabit habit;
  (void)habit.answered("100");
  (void)habit.answered("256");  // 0x100, and not "100"
  CHECK(habit.reported("256") == Names{"256"});
  CHECK(habit.habit() == SameId::no);
  CHECK(habit.reported("7") == Names{"7"});
}

TEST_CASE("a centre that reports ids as it answered them, and one that turns them round") {
  IdHabit as_text;
  (void)as_text.answered("7F");
  CHECK(as_text.reported("007f") == Names{"7f"});
  CHECK(as_text.habit() == SameId::as_text);
  CHECK(as_text.reported("16") == Names{"16"});
  IdHabit to_hex;
  (void)to_hex.answered("1234");
  CHECK(to_hex.reported("4D2") == Names{"1234"});
  CHECK(to_hex.habit() == SameId::dec_to_hex);
  CHECK(to_hex.reported("ff") == Names{"255"});
}

TEST_CASE(
    "a receipt that could be of two messages teaches nothing and a clearer one teaches anew") {
  IdHabit habit;
  (void)habit.answered("10");
  (void)habit.answered("16");
  (void)habit.reported("16");  // of the second, or of the first that was hexadecimal
  CHECK(habit.habit() == SameId::no);
  (void)habit.answered("f0");
  (void)habit.reported("240");
  CHECK(habit.habit() == SameId::hex_to_dec);
  (void)habit.answered("abc");
  CHECK(habit.reported("abc") == Names{"abc"});
  CHECK(habit.habit() == SameId::as_text);
}

TEST_CASE("no more than kIdsRemembered ids are held against a receipt") {
  IdHabit habit;
  (void)habit.answered("ffffffff");
  for (std::size_t i = 1; i < limits::kIdsRemembered; ++i) {
    (void)habit.answered("x" + std::to_string(i));
  }
  IdHabit one_more = habit;
  (void)habit.reported("4294967295");
  CHECK(habit.habit() == SameId::hex_to_dec);
  (void)one_more.answered("y");
  (void)one_more.reported("4294967295");
  CHECK(one_more.habit() == SameId::no);
}

TEST_CASE("a message answered after it was given up is known by the names of its receipts") {
  LateAnswers late;
  engine::DeliveryId whose{};
  whose[0] = 7;
  CHECK_FALSE(late.named("main", {"5f"}));
  late.answered(8, "main", "5f");  // nobody gave that up
  CHECK_FALSE(late.named("main", {"5f"}));
  late.uncertain(8, whose);
  late.answered(8, "main", "5f");
  CHECK(late.named("main", {"5f"}) == whose);
  CHECK(late.named("main", {"95", "5f"}) == whose);
  CHECK_FALSE(late.named("other", {"5f"}));
  late.uncertain(9, whose);
  late.answered(9, "main", "");  // no receipt will name it
  CHECK_FALSE(late.named("main", {""}));
}

TEST_CASE("kLateKept messages given up are known and of one more the oldest is forgotten") {
  LateAnswers late;
  for (std::uint64_t token = 1; token <= limits::kLateKept + 1; ++token) late.uncertain(token, {});
  late.answered(1, "main", "first");
  late.answered(2, "main", "second");
  CHECK_FALSE(late.named("main", {"first"}));
  CHECK(late.named("main", {"second"}));
  for (std::uint64_t i = 0; i < limits::kLateKept; ++i) {
    late.uncertain(9000 + i, {});
    late.answered(9000 + i, "main", std::to_string(i));
  }
  CHECK_FALSE(late.named("main", {"second"}));
  CHECK(late.named("main", {"0"}));
}
