#include "engine/shard/gathering.hpp"

#include <doctest/doctest.h>

using engine::Gathering;
namespace limits = engine::limits;
using std::chrono::milliseconds;

namespace {
const Gathering::Instant kStart{};
}

TEST_CASE("a turn waits for what is under way, a quarter of what the last one took") {
  Gathering gathering;
  const milliseconds turn{40};
  gathering.turn_took(turn);
  const auto patience = turn / limits::kGatherShare;
  CHECK(gathering.wait(1, 1, kStart) == patience);
  CHECK(gathering.wait(2, 5, kStart + milliseconds{2}) == patience - milliseconds{2});
  CHECK(gathering.wait(3, 5, kStart + patience) == std::nullopt);
  // The next turn has patience of its own.
  CHECK(gathering.wait(1, 1, kStart + patience) == patience);
}

TEST_CASE("at rest, with nothing to hand out, or with kGatherEnough frames no turn waits") {
  Gathering gathering;
  gathering.turn_took(milliseconds{40});
  CHECK(gathering.wait(1, 0, kStart) == std::nullopt);
  CHECK(gathering.wait(0, 1, kStart) == std::nullopt);
  CHECK(gathering.wait(limits::kGatherEnough - 1, 1, kStart) != std::nullopt);
  CHECK(gathering.wait(limits::kGatherEnough, 1, kStart) == std::nullopt);
}

TEST_CASE("what was waited for is over at once when nothing is under way any more") {
  Gathering gathering;
  gathering.turn_took(milliseconds{40});
  REQUIRE(gathering.wait(1, 1, kStart));
  CHECK(gathering.wait(2, 0, kStart + milliseconds{1}) == std::nullopt);
}

TEST_CASE("however long turns take, none waits longer than kGatherMax") {
  Gathering gathering;
  gathering.turn_took(limits::kGatherMax * limits::kGatherShare * 100);
  CHECK(gathering.wait(1, 1, kStart) == limits::kGatherMax);
}

TEST_CASE("a short turn waits for nothing") {
  Gathering gathering;
  gathering.turn_took(limits::kGatherLeast * limits::kGatherShare);
  CHECK(gathering.wait(1, 1, kStart) == limits::kGatherLeast);
  Gathering shorter;
  CHECK(shorter.wait(1, 1, kStart) == std::nullopt);
  shorter.turn_took(limits::kGatherLeast * limits::kGatherShare - std::chrono::microseconds{8});
  CHECK(shorter.wait(1, 1, kStart) == std::nullopt);
}
