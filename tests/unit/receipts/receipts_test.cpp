#include "engine/receipts.hpp"

#include <doctest/doctest.h>

#include "engine/limits.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/temp_dir.hpp"

using namespace engine;
using State = Receipt::State;

namespace {

constexpr Sequence kFirst{1}, kSecond{2};

struct World {
  World() { open(); }
  void open(ReceiptsOptions::Threads threads = ReceiptsOptions::Threads::none) {
    receipts.reset();
    ReceiptsOptions options;
    options.directory = folder.path() / "receipts";
    options.threads = threads;
    receipts = std::move(Receipts::open(options, clock).value());
  }
  void run() {
    while (receipts->run()) {
    }
  }
  ReachCounts reach(Sequence sequence) {
    std::optional<ReachCounts> counts;
    receipts->reach(sequence, [&](Result<ReachCounts> found) { counts = found.value(); });
    run();
    return counts.value();
  }
  Sequence position(std::string_view organisation) {
    std::optional<Sequence> position;
    receipts->position(organisation, [&](Result<Sequence> found) { position = found.value(); });
    run();
    return position.value();
  }
  bool take(Receipt receipt) {
    std::optional<bool> taken;
    receipts->take(std::move(receipt), [&](Result<void> done) { taken = done.has_value(); });
    run();
    return taken.value();
  }
  tests::ManualClock clock;
  tests::TempDir folder;
  std::unique_ptr<Receipts> receipts;
};

}  // namespace

TEST_CASE("organisations are counted once and anonymous readers as often as they say it") {
  World world;
  world.receipts->delivered({{kFirst, "", 15'000}, {kFirst, "acme", 3}, {kFirst, "other", 1}});
  world.receipts->delivered({{kFirst, "acme", 1}, {kSecond, "acme", 1}});
  for (int i = 0; i < 2; ++i) {
    world.receipts->take({kFirst, State::displayed, "", ""});
    world.receipts->take({kFirst, State::displayed, "", "acme"});
    world.receipts->take({kFirst, State::acknowledged, "we are safe", "acme"});
  }
  world.receipts->take({kFirst, State::acknowledged, "gone home", ""});
  const ReachCounts counts = world.reach(kFirst);
  CHECK(counts.organisations == ReachCount{2, 1, 1, 1});
  CHECK(counts.anonymous == ReachCount{15'000, 2, 1, 1});
  CHECK(world.reach(kSecond).organisations == ReachCount{1, 0, 0, 0});
  CHECK(world.reach(Sequence{3}) == ReachCounts{});
}

TEST_CASE("organisations stay counted once over batches and restarts") {
  World world;
  for (int i = 0; i < 3; ++i) {
    CHECK(world.take({kFirst, State::acknowledged, "yes", "acme"}));
    CHECK(world.take({kFirst, State::acknowledged, "no", "acme"}));
    CHECK(world.take({kFirst, State::displayed, "", ""}));
    world.open();
  }
  CHECK(world.reach(kFirst).organisations == ReachCount{0, 0, 1, 1});
  CHECK(world.reach(kFirst).anonymous == ReachCount{0, 3, 0, 0});
}

TEST_CASE("who settled how far only ever grows") {
  World world;
  world.receipts->settled(Sequence{7}, "acme");
  world.receipts->settled(Sequence{5}, "acme");
  CHECK(world.position("acme") == Sequence{7});
  CHECK(world.position("other") == Sequence::none);
  world.open();
  world.receipts->settled(Sequence{6}, "acme");
  CHECK(world.position("acme") == Sequence{7});
}

TEST_CASE("a thread of its own writes what nobody waits for and says yes to those who do") {
  World world;
  world.open(ReceiptsOptions::Threads::own);
  for (int i = 0; i < 1000; ++i) world.receipts->delivered({{kFirst, "", 1}});
  world.receipts->stop();
  world.open();
  CHECK(world.reach(kFirst).anonymous.connected == 1000);
}

TEST_CASE("beyond limits::kReceiptsWaiting counts are dropped and counted as such") {
  World world;
  for (std::size_t i = 0; i < limits::kReceiptsWaiting; ++i) {
    world.receipts->take({kFirst, State::displayed, "", ""});
  }
  CHECK(world.receipts->state().waiting == limits::kReceiptsWaiting);
  CHECK(world.receipts->state().dropped == 0);
  world.receipts->take({kFirst, State::displayed, "", ""});
  world.receipts->settled(kFirst, "acme");
  CHECK(world.receipts->state().dropped == 2);
  std::optional<bool> taken, told;
  world.receipts->take({kFirst, State::displayed, "", ""},
                       [&](Result<void> done) { taken = done.has_value(); });
  world.receipts->reach(kFirst, [&](Result<ReachCounts> found) { told = found.has_value(); });
  CHECK(taken == false);
  CHECK(told == false);
  // One run is one write of at most limits::kReceiptsBatch.
  CHECK(world.receipts->run());
  CHECK(world.receipts->state().waiting == limits::kReceiptsWaiting - limits::kReceiptsBatch);
  CHECK(world.reach(kFirst).anonymous.displayed == limits::kReceiptsWaiting);
}

TEST_CASE("what waits weighs at most limits::kReceiptsWaitingBytes") {
  World world;
  const std::string answer(1'000, 'a');
  std::size_t taken = 0;
  while (world.receipts->state().dropped == 0 && taken <= limits::kReceiptsWaiting) {
    world.receipts->take({kFirst, State::displayed, answer, ""});
    ++taken;
  }
  CHECK(taken * answer.size() <= limits::kReceiptsWaitingBytes + answer.size());
  CHECK(taken < limits::kReceiptsWaiting);
}

TEST_CASE("a thread of its own looks for work every limits::kReceiptsPause at least") {
  CHECK(limits::kReceiptsPause.count() > 0);  // or it would spin
  World world;
  world.open(ReceiptsOptions::Threads::own);
  world.receipts->stop();
  world.receipts->take({kFirst, State::displayed, "", ""});
  CHECK(world.receipts->state().dropped == 1);
}
