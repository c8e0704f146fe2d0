#include "connectors/sms/routing.hpp"

#include <doctest/doctest.h>

#include <map>

#include "connectors/sms/reconnect.hpp"

using namespace connectors::sms;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr GatewayNow kFree{true, false, 10}, kFull{true, false, 0}, kResting{true, true, 0},
    kDown{false, false, 0};

/// How many of so many messages each gateway got.
std::map<std::size_t, int> shared_out(Routing& routing, const std::vector<GatewayNow>& now,
                                      int messages) {
  std::map<std::size_t, int> got;
  for (int i = 0; i < messages; ++i) {
    const auto next = routing.next(now);
    REQUIRE(next.has_value());
    ++got[*next];
  }
  return got;
}

}  // namespace

TEST_CASE("messages are shared out by weight and evenly") {
  Routing routing({3, 1});
  std::string order;
  for (int i = 0; i < 8; ++i) order += std::to_string(*routing.next({{kFree, kFree}}));
  CHECK(order == "00100010");
}

TEST_CASE("one that is full or rests or is down leaves its turns to the others") {
  for (const GatewayNow& other : {kFull, kResting, kDown}) {
    Routing routing({3, 1, 1});
    CHECK(shared_out(routing, {other, kFree, kFree}, 10) ==
          std::map<std::size_t, int>{{1, 5}, {2, 5}});
    CHECK(routing.room({{other, kFree, kFree}}) == 20);
    // It comes back to its share, not to what it missed.
    auto got = shared_out(routing, {kFree, kFree, kFree}, 50);
    CHECK(got[0] == 30);
  }
}

TEST_CASE(
    "where none has room nothing is chosen, and a message that must go waits at one that is up") {
  Routing routing({2, 1, 1});
  CHECK_FALSE(routing.next({{kFull, kDown, kResting}}));
  CHECK(routing.room({{kFull, kDown, kResting}}) == 0);
  CHECK(routing.any({{kFull, kDown, kResting}}) == 0);
  CHECK(routing.any({{kResting, kDown, kFull}}) == 2);
  CHECK(routing.any({{kDown, kDown, kResting}}) == 2);
  CHECK_FALSE(routing.any({{kDown, kDown, kDown}}));
}

TEST_CASE("a gateway of weight 0 stands by until every other one is down or rests") {
  Routing routing({1, 0});
  CHECK(shared_out(routing, {kFree, kFree}, 5) == std::map<std::size_t, int>{{0, 5}});
  CHECK_FALSE(routing.next({{kFull, kFree}}));
  CHECK(routing.room({{kFull, kFree}}) == 0);
  CHECK(routing.next({{kDown, kFree}}) == 1);
  CHECK(routing.next({{kResting, kFree}}) == 1);
  CHECK(routing.room({{kResting, kFree}}) == 10);
  CHECK(routing.next({{kFree, kFree}}) == 0);
}

TEST_CASE(
    "a gateway is called again from kReconnectFirst on, up to kReconnectMax, never all at once") {
  const Times times;
  Reconnect slow(times), fast(times);
  Times::Span expected = limits::kReconnectFirst;
  for (int i = 0; i < 10; ++i) {
    CHECK(slow.wait({}, 1) == expected);
    CHECK(fast.wait({}, 0) == expected / 2);
    expected = std::min<Times::Span>(expected * 2, limits::kReconnectMax);
  }
  CHECK(expected == limits::kReconnectMax);
  // A session that ends soon after it began is no reason to be quick.
  CHECK(slow.wait(limits::kReconnectMax, 1) == limits::kReconnectMax);
  CHECK(slow.wait(limits::kReconnectMax + milliseconds(1), 1) == limits::kReconnectFirst);
}
