#include "engine/store/store.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>

using engine::Bytes;
using engine::BytesView;
using engine::Durability;
using engine::Store;
using engine::StoreOptions;
using engine::Table;

namespace {

constexpr Table kOne{0}, kOther{1};
constexpr const char* kNames[] = {"default", "other"};

std::unique_ptr<Store> in_memory() {
  return Store::open(StoreOptions{.directory = "/store",
                                  .tables = kNames,
                                  .medium = StoreOptions::Medium::memory})
      .value();
}

template <class Readable>
std::string got(const Readable& readable, Table table, BytesView key) {
  const auto value = readable.get(table, key).value();
  return value ? "'" + *value + "'" : "nothing";
}

}  // namespace

TEST_CASE("A change reads what it is about to do, and nobody else does before it is done") {
  const auto store = in_memory();
  auto first = store->change();
  CHECK(first.empty());
  first.put(kOne, "kept", "1");
  first.put(kOne, "erased", "1");
  first.put(kOne, "changed", "1");
  CHECK_FALSE(first.empty());
  CHECK(got(first, kOne, "kept") == "'1'");
  CHECK(got(*store, kOne, "kept") == "nothing");
  REQUIRE(store->commit(std::move(first), Durability::synced) == Store::Commit::done);

  auto second = store->change();
  CHECK(second.empty());
  second.erase(kOne, "erased");
  second.put(kOne, "changed", "2");
  second.put(kOne, "changed", "3");
  second.put(kOne, "brief", "1");
  second.erase(kOne, "brief");
  CHECK(got(second, kOne, "kept") == "'1'");
  CHECK(got(second, kOne, "erased") == "nothing");
  CHECK(got(second, kOne, "changed") == "'3'");
  CHECK(got(second, kOne, "brief") == "nothing");
  CHECK(got(second, kOther, "kept") == "nothing");
  CHECK(got(*store, kOne, "erased") == "'1'");
  CHECK(got(*store, kOne, "changed") == "'1'");
  REQUIRE(store->commit(std::move(second), Durability::synced) == Store::Commit::done);

  for (const auto& [key, value] : {std::pair{"kept", "'1'"},
                                   {"erased", "nothing"},
                                   {"changed", "'3'"},
                                   {"brief", "nothing"}}) {
    CHECK(got(*store, kOne, key) == value);
    CHECK(got(store->unchanged(), kOne, key) == value);
  }
}

TEST_CASE("What is erased and put again in one change is there") {
  const auto store = in_memory();
  auto change = store->change();
  change.put(kOther, "key", "before");
  change.erase(kOther, "key");
  change.put(kOther, "key", "after");
  REQUIRE(store->commit(std::move(change), Durability::synced) == Store::Commit::done);
  CHECK(got(*store, kOther, "key") == "'after'");
}
