#include "engine/shard/page_line.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "tests/unit/shard/shard_world.hpp"

using namespace engine;
using tests::ShardWorld;

namespace {

/// Takes so many frames and remembers the others as long as anybody has them.
class Forgetful final : public Outlet {
 public:
  explicit Forgetful(std::size_t frames) : room(frames) {}

  std::size_t offer(std::span<const Wire> frames) override {
    const std::size_t now = std::min(room, frames.size());
    room -= now;
    taken += now;
    for (const Wire& frame : frames.subspan(now)) not_taken.emplace_back(frame);
    return now;
  }
  bool waiting() const override { return room == 0; }
  void close(CloseReason reason, std::string_view) override { closed = code(reason); }

  std::size_t room;
  std::size_t taken = 0;
  int closed = 0;
  std::vector<std::weak_ptr<const std::string>> not_taken;
};

}  // namespace

TEST_CASE("kPagesAtOnce are on their way and not one more until one has come") {
  PageLine line;
  for (std::uint64_t id = 1; id <= limits::kPagesAtOnce + 2; ++id) line.ask(id);
  for (std::uint64_t id = 1; id <= limits::kPagesAtOnce; ++id) CHECK(line.next() == id);
  CHECK_FALSE(line.next());
  line.arrived();
  CHECK(line.next() == limits::kPagesAtOnce + 1);
  CHECK_FALSE(line.next());
}

TEST_CASE("while full sockets hold kHeldBytes nobody reads a page") {
  PageLine line;
  line.ask(1);
  line.ask(2);
  line.hold(limits::kHeldBytes - 1);
  CHECK(line.next() == 1);
  line.hold(1);
  CHECK_FALSE(line.next());
  line.release(1);
  CHECK(line.next() == 2);
}

TEST_CASE("of a page that a socket does not take nothing stays in memory") {
  ShardWorld world;
  for (int i = 0; i < 10; ++i) world.append();
  Forgetful outlet(3);  // hello and two alerts
  world.join(outlet, FromActive{});
  REQUIRE(outlet.not_taken.size() == 8);
  for (const auto& frame : outlet.not_taken) CHECK(frame.expired());
}

TEST_CASE("what full sockets hold is bounded and the next readers' turn comes when one leaves") {
  ShardWorld world;
  const std::size_t payload = limits::kHeldBytes / 8;  // a frame of it is a third larger
  world.append(payload);
  world.append(payload);
  constexpr std::size_t kHolding = 6;
  std::vector<std::unique_ptr<Forgetful>> outlets;
  std::vector<std::uint64_t> ids;
  for (std::size_t i = 0; i < kHolding + limits::kPagesAtOnce + 3; ++i) {
    outlets.push_back(std::make_unique<Forgetful>(2));  // hello and the first alert, and it is full
    ids.push_back(world.join(*outlets.back(), FromActive{}));
  }
  const auto served = [&outlets] {
    return std::ranges::count_if(outlets, [](const auto& one) { return one->taken == 2; });
  };
  CHECK(served() == kHolding);
  world.shard->leave(ids[0]);
  world.run();
  CHECK(served() == kHolding + limits::kPagesAtOnce);  // those who were asked for at once
  for (const auto& outlet : outlets) outlet->room = 100;
  for (const auto id : ids) world.shard->writable(id);
  world.run();
  for (std::size_t i = 1; i < outlets.size(); ++i) {
    CHECK(outlets[i]->taken == 4);  // hello, two alerts, live
  }
}

TEST_CASE("who takes nothing of what others wait for is closed after kHeldStalledMax") {
  for (const bool others_wait : {false, true}) {
    CAPTURE(others_wait);
    ShardWorld world;
    for (int i = 0; i < 2; ++i) world.append(limits::kHeldBytes / 8);
    constexpr std::size_t kHolding = 6;
    std::vector<std::unique_ptr<Forgetful>> holding;
    std::vector<std::uint64_t> ids;
    for (std::size_t i = 0; i < kHolding; ++i) {
      holding.push_back(std::make_unique<Forgetful>(2));  // hello and the first alert
      ids.push_back(world.join(*holding.back(), FromActive{}));
    }
    const std::size_t many = others_wait ? kHolding : 0;
    std::vector<std::unique_ptr<Forgetful>> others;
    for (std::size_t i = 0; i < many; ++i) {
      others.push_back(std::make_unique<Forgetful>(i == 0 ? 100 : 2));
      ids.push_back(world.join(*others.back(), FromActive{}));
      REQUIRE(others.back()->taken == 1);  // hello
    }
    for (int i = 0; i < limits::kHeldStalledMax.count(); ++i) world.shard->tick();
    CHECK(holding.front()->closed == 0);
    world.shard->progressed(ids[1]);
    world.shard->tick();
    world.run();
    CHECK(holding.front()->closed == (others_wait ? 4408 : 0));
    CHECK(holding[1]->closed == 0);  // this one takes something now and then
    if (!others_wait) {
      world.stop();
      continue;
    }
    CHECK(others.front()->taken == 4);  // hello, two alerts, live
    for (const auto& other : others) CHECK(other->taken >= 2);
    // What those keep who are being closed is bounded by the same.
    Forgetful late(2);
    world.join(late, FromActive{});
    for (int i = 0; i < 2 * limits::kHeldStalledMax.count(); ++i) world.shard->tick();
    world.run();
    CHECK(late.taken == 1);
    for (std::size_t i = 0; i < kHolding; ++i) world.shard->leave(ids[i]);
    world.run();
    CHECK(late.taken == 2);
    world.stop();
  }
}

TEST_CASE("a socket that took little is offered little and never less than kPageBytesLeast") {
  ShardWorld world;
  const std::size_t payload = limits::kPageBytesLeast / 4;
  for (int i = 0; i < 40; ++i) world.append(payload);
  Forgetful outlet(2);  // hello and one alert
  const auto id = world.join(outlet, FromActive{});
  CHECK(outlet.not_taken.size() == 39);
  outlet.not_taken.clear();
  world.shard->writable(id);
  world.run();
  CHECK(outlet.not_taken.size() == 4);
}
