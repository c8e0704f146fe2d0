#include "engine/directory/shelf.hpp"

#include <doctest/doctest.h>

using engine::Shelf;

TEST_CASE("a copy of a shelf changes without its original") {
  Shelf<int> first;
  for (int i = 0; i < 1000; ++i) first.set(std::to_string(i), i);
  Shelf<int> second = first.copy();
  second.set("7", 70);
  second.erase("8");
  second.set("new", 1);
  CHECK(*first.find("7") == 7);
  CHECK(*first.find("8") == 8);
  CHECK(first.find("new") == nullptr);
  CHECK(first.size() == 1000);
  CHECK(*second.find("7") == 70);
  CHECK(second.find("8") == nullptr);
  CHECK(second.size() == 1000);
  int sum = 0;
  first.each([&](const std::string&, int value) { sum += value; });
  CHECK(sum == 999 * 500);
}

TEST_CASE("a shelf that was copied and changed again does not reach into the copy") {
  Shelf<int> first;
  first.set("a", 1);
  Shelf<int> second = first.copy();
  second.set("a", 2);
  Shelf<int> third = second.copy();
  third.set("a", 3);
  CHECK(*first.find("a") == 1);
  CHECK(*second.find("a") == 2);
  CHECK(*third.find("a") == 3);
}
