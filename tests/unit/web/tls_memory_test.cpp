#include "connectors/web/tls_memory.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <cstring>
#include <set>
#include <vector>

using connectors::web::TlsMemory;

namespace {

constexpr std::size_t kRoom = 1UL << 20;
constexpr std::size_t kSession = 7608;  // what OpenSSL takes for one

}  // namespace

TEST_CASE("blocks of a session's sizes lie in the range, aligned, and do not overlap") {
  TlsMemory memory(kRoom);
  std::vector<std::pair<unsigned char*, std::size_t>> all;
  for (const std::size_t size : {160UL, 184UL, 928UL, 960UL, kSession, 8192UL, 161UL, 184UL}) {
    auto* const block = static_cast<unsigned char*>(memory.take(size));
    REQUIRE(block != nullptr);
    CHECK(memory.holds(block));
    CHECK(reinterpret_cast<std::uintptr_t>(block) % alignof(std::max_align_t) == 0);
    std::memset(block, static_cast<int>(all.size()) + 1, size);
    all.emplace_back(block, size);
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t at = 0; at < all[i].second; ++at) REQUIRE(all[i].first[at] == i + 1);
    memory.give(all[i].first);
  }
}

TEST_CASE("what is given back is taken again before anything new") {
  TlsMemory memory(kRoom);
  std::set<void*> first;
  for (int i = 0; i < 50; ++i) first.insert(memory.take(kSession));
  CHECK(first.size() == 50);
  for (void* block : first) memory.give(block);
  std::set<void*> second;
  for (int i = 0; i < 50; ++i) second.insert(memory.take(kSession));
  CHECK(second == first);
  for (void* block : second) memory.give(block);
}

TEST_CASE("what is smaller or larger, and what has no room left, is malloc's") {
  TlsMemory memory(kRoom);
  for (const std::size_t size : {1UL, 159UL, 8193UL, 16'584UL}) {
    void* const block = memory.take(size);
    REQUIRE(block != nullptr);
    CHECK_FALSE(memory.holds(block));
    memory.give(block);
  }
  std::vector<void*> all;
  do all.push_back(memory.take(kSession));
  while (memory.holds(all.back()));
  REQUIRE(all.back() != nullptr);
  CHECK(all.size() > kRoom / 8192);
  std::memset(all.back(), 1, kSession);
  for (void* block : all) memory.give(block);
  memory.give(nullptr);
}

TEST_CASE("the largest buffer for a record that was given back is taken again") {
  TlsMemory memory(kRoom);
  void* const kept = memory.take(8193);  // by whoever ran on this thread before
  void* const first = memory.take(16'584);
  void* const second = memory.take(9'000);
  memory.give(second);
  memory.give(first);
  CHECK(memory.take(16'000) == first);
  void* const large = memory.take(100'000);
  memory.give(large);
  memory.give(first);
  CHECK(memory.take(9'000) == first);
  memory.give(first);
  void* const larger = memory.take(20'000);
  CHECK(larger != first);
  memory.give(larger);
  CHECK(memory.take(16'584) == larger);
  memory.give(larger);
  memory.give(kept);
}

TEST_CASE("a block keeps what is in it when its size changes, wherever it lies before and after") {
  TlsMemory memory(kRoom);
  auto* block = static_cast<char*>(memory.resize(nullptr, 100));
  std::memcpy(block, "what it says", 13);
  for (const std::size_t size : {200UL, 300UL, 8000UL, 20'000UL, 180UL, 4000UL, 20UL}) {
    block = static_cast<char*>(memory.resize(block, size));
    REQUIRE(block != nullptr);
    CHECK(std::strcmp(block, "what it says") == 0);
    std::memset(block + 13, 'x', size - 13);
  }
  CHECK(memory.resize(block, 0) == nullptr);
  block = static_cast<char*>(memory.take(500));
  std::memset(block, 'y', 500);
  block = static_cast<char*>(memory.resize(block, 9000));
  CHECK_FALSE(memory.holds(block));
  CHECK(std::string_view(block, 500) == std::string(500, 'y'));
  memory.give(block);
}

TEST_CASE("without a range of addresses all is malloc's") {
  TlsMemory memory(std::size_t{1} << 62);
  void* const block = memory.take(kSession);
  REQUIRE(block != nullptr);
  CHECK_FALSE(memory.holds(block));
  memory.give(block);
}
