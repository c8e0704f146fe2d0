// By which names receipts find their message: ids that a centre writes in two ways, and messages
// that were given up before they were answered.
#include <doctest/doctest.h>

#include "connectors/sms/id_habit.hpp"
#include "connectors/sms/late_answers.hpp"

using namespace connectors::sms;
using Names = std::vector<std::string>;

TEST_CASE("every form of an id is looked for until a receipt shows which it is") {
  IdHabit habit;
  CHECK(habit.answered("5F3A") == Names{"5f3a", "24378"});
  CHECK(habit.answered("0010") == Names{"10", "16", "a"});
  habit.reported("24378");
  CHECK(habit.habit() == SameId::hex_to_dec);
  CHECK(habit.answered("5F3B") == Names{"24379"});
  CHECK(habit.answered("10") == Names{"16"});
  CHECK(habit.answered("no number") == Names{"no number"});
}

TEST_CASE("no message takes a name that is the text of another one before the form is known") {
  IdHabit habit;
  CHECK(habit.answered("100") == Names{"100", "256", "64"});
  CHECK(habit.answered("256") == Names{"256", "598"});  // 0x100, and not "100"
  CHECK(habit.answered("64") == Names{"64", "40"});     // 0x64 is 100
  CHECK(habit.answered("7") == Names{"7"});
}

TEST_CASE("a centre that reports ids as it answered them, and one that turns them round") {
  IdHabit as_text;
  (void)as_text.answered("7F");
  as_text.reported("007f");
  CHECK(as_text.habit() == SameId::as_text);
  CHECK(as_text.answered("16") == Names{"16"});
  IdHabit to_hex;
  (void)to_hex.answered("1234");
  to_hex.reported("4D2");
  CHECK(to_hex.habit() == SameId::dec_to_hex);
  CHECK(to_hex.answered("255") == Names{"ff"});
}

TEST_CASE(
    "a receipt that could be of two messages teaches nothing and a clearer one teaches anew") {
  IdHabit habit;
  (void)habit.answered("10");
  (void)habit.answered("16");
  habit.reported("16");  // of the second, or of the first that was hexadecimal
  CHECK(habit.habit() == SameId::no);
  habit.reported("77");  // of nobody
  CHECK(habit.habit() == SameId::no);
  (void)habit.answered("f0");
  habit.reported("240");
  CHECK(habit.habit() == SameId::hex_to_dec);
  (void)habit.answered("abc");
  habit.reported("abc");
  CHECK(habit.habit() == SameId::as_text);
}

TEST_CASE("no more than kIdsRemembered ids are held against a receipt") {
  IdHabit habit;
  (void)habit.answered("ffffffff");
  for (std::size_t i = 1; i < limits::kIdsRemembered; ++i) {
    (void)habit.answered("x" + std::to_string(i));
  }
  IdHabit one_more = habit;
  habit.reported("4294967295");
  CHECK(habit.habit() == SameId::hex_to_dec);
  (void)one_more.answered("y");
  one_more.reported("4294967295");
  CHECK(one_more.habit() == SameId::no);
}

TEST_CASE("a message answered after it was given up is known by the names of its receipts") {
  LateAnswers late;
  engine::DeliveryId whose{};
  whose[0] = 7;
  CHECK_FALSE(late.named("main", "5f"));
  late.answered(8, "main", {"5f"});  // nobody gave that up
  CHECK_FALSE(late.named("main", "5f"));
  late.uncertain(8, whose);
  late.answered(8, "main", {"5f", "95"});
  CHECK(late.named("main", "5f") == whose);
  CHECK(late.named("main", "95") == whose);
  CHECK_FALSE(late.named("other", "5f"));
}

TEST_CASE("kLateKept messages given up are known and of one more the oldest is forgotten") {
  LateAnswers late;
  for (std::uint64_t token = 1; token <= limits::kLateKept + 1; ++token) late.uncertain(token, {});
  late.answered(1, "main", {"first"});
  late.answered(2, "main", {"second"});
  CHECK_FALSE(late.named("main", "first"));
  CHECK(late.named("main", "second"));
  for (std::uint64_t i = 0; i < limits::kLateKept; ++i) {
    late.uncertain(9000 + i, {});
    late.answered(9000 + i, "main", {std::to_string(i)});
  }
  CHECK_FALSE(late.named("main", "second"));
  CHECK(late.named("main", "0"));
}
