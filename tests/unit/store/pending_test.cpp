#include "engine/store/pending.hpp"

#include <doctest/doctest.h>

#include <map>
#include <string>

using engine::Bytes;
using engine::Pending;
using engine::Table;

namespace {

constexpr Table kOne{0}, kOther{1};

std::string said(const Pending& pending, Table table, const Bytes& key) {
  const auto entry = pending.find(table, key);
  if (!entry) return "nothing";
  return entry->value ? "put " + Bytes(*entry->value) : "erased";
}

}  // namespace

TEST_CASE("What is said last of a key is what is found, and it is there once") {
  Pending pending;
  CHECK(said(pending, kOne, "a") == "nothing");
  pending.put(kOne, "a", "1");
  CHECK(said(pending, kOne, "a") == "put 1");
  pending.put(kOne, "a", "");
  CHECK(said(pending, kOne, "a") == "put ");
  pending.erase(kOne, "a");
  CHECK(said(pending, kOne, "a") == "erased");
  pending.put(kOne, "a", "3");
  CHECK(said(pending, kOne, "a") == "put 3");
  CHECK(pending.size() == 1);
}

TEST_CASE("The same key in two tables is two") {
  Pending pending;
  pending.put(kOne, "key", "one");
  CHECK(said(pending, kOther, "key") == "nothing");
  pending.erase(kOther, "key");
  CHECK(said(pending, kOne, "key") == "put one");
  CHECK(said(pending, kOther, "key") == "erased");
  CHECK(pending.size() == 2);
}

TEST_CASE("A key is not taken for one that begins as it does, nor a value for a key") {
  Pending pending;
  pending.put(kOne, "ab", "abc");
  CHECK(said(pending, kOne, "a") == "nothing");
  CHECK(said(pending, kOne, "abc") == "nothing");
  CHECK(said(pending, kOne, "") == "nothing");
  pending.put(kOne, Bytes("a\0", 2), "zero");
  CHECK(said(pending, kOne, "a") == "nothing");
  CHECK(said(pending, kOne, Bytes("a\0", 2)) == "put zero");
}

TEST_CASE("Thousands of keys, some put again and some erased, are all found and all listed") {
  Pending pending;
  std::map<Bytes, Bytes> expected;
  for (int i = 0; i < 5000; ++i) {
    const Bytes key = "key " + std::to_string(i % 3000);
    const Bytes value = std::to_string(i);
    if (i % 7 == 0) {
      pending.erase(kOne, key);
      expected[key] = "erased";
    } else {
      pending.put(kOne, key, value);
      expected[key] = "put " + value;
    }
  }
  REQUIRE(pending.size() == expected.size());
  for (const auto& [key, value] : expected) CHECK(said(pending, kOne, key) == value);
  for (std::size_t i = 0; i < pending.size(); ++i) {
    CHECK(said(pending, kOne, Bytes(pending[i].key)) == expected.at(Bytes(pending[i].key)));
  }
}
