#include "engine/delivery/retry.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace engine;
using namespace engine::delivery;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

constexpr Time kNow{seconds{1'800'000'000}};
constexpr Outcome kLater{Fate::later, false, std::nullopt, {}};

DeliveryId id_of(unsigned number) {
  DeliveryId id{};
  for (std::size_t i = 0; i < 4; ++i) id[i] = static_cast<std::uint8_t>(number >> (8 * i));
  return id;
}

std::optional<Duration> wait(unsigned attempts, Duration left, const Outcome& outcome = kLater,
                             unsigned number = 1) {
  const auto next = next_attempt(id_of(number), attempts, kNow, kNow + left, outcome);
  return next ? std::optional(*next - kNow) : std::nullopt;
}

Outcome asking_for(Duration time) { return {Fate::later, false, time, {}}; }

}  // namespace

TEST_CASE("a delivery is tried again after 15 s, 30 s, 1, 2, 5, 10 min and an eighth at most") {
  const Duration steps[] = {seconds{15}, seconds{30}, minutes{1},  minutes{2},
                            minutes{5},  minutes{10}, minutes{10}, minutes{10},
                            minutes{10}, minutes{10}, minutes{30}, minutes{30}};
  for (unsigned attempts = 1; attempts <= std::size(steps); ++attempts) {
    CAPTURE(attempts);
    const Duration step = steps[attempts - 1];
    for (unsigned number = 0; number < 200; ++number) {
      const auto waited = wait(attempts, hours{100}, kLater, number);
      REQUIRE(waited);
      CHECK(*waited >= step);
      CHECK(*waited < step + step / 8);
    }
  }
}

TEST_CASE("the same attempt at the same delivery always waits as long, others are spread") {
  std::set<Duration> first, second;
  for (unsigned number = 0; number < 1000; ++number) {
    first.insert(*wait(6, hours{100}, kLater, number));
    second.insert(*wait(6, hours{100}, kLater, number));
  }
  CHECK(first == second);
  CHECK(first.size() > 950);  // of 75,000 moments
  CHECK(*wait(7, hours{100}) != *wait(8, hours{100}));
  CHECK(*first.begin() < minutes{10} + seconds{2});
  CHECK(*first.rbegin() > minutes{10} + seconds{73});
}

TEST_CASE("what was sent or cannot be is not tried again") {
  CHECK_FALSE(wait(1, hours{1}, {Fate::sent, false, std::nullopt, {}}));
  CHECK_FALSE(wait(1, hours{1}, {Fate::permanent, false, std::nullopt, {}}));
  CHECK_FALSE(wait(1, hours{1}, {Fate::permanent, true, seconds{5}, "550 5.1.1"}));
}

TEST_CASE("kAttempts are made and not one more") {
  CHECK(wait(kAttempts - 1, hours{100}));
  CHECK_FALSE(wait(kAttempts, hours{100}));
  CHECK_FALSE(wait(kAttempts + 1, hours{100}));
}

TEST_CASE("all attempts together take about a day") {
  Duration all{};
  for (unsigned attempts = 1; attempts < kAttempts; ++attempts) {
    all += *wait(attempts, hours{1000});
  }
  CHECK(all > hours{23});
  CHECK(all < hours{27});
}

TEST_CASE("nothing is tried when an alert has expired or later") {
  CHECK_FALSE(wait(1, Duration{0}));
  CHECK_FALSE(wait(1, Duration{-1}));
  for (unsigned attempts = 0; attempts < kAttempts; ++attempts) {
    for (int left_s = 1; left_s < 3000; left_s += 7) {
      const auto waited = wait(attempts, seconds{left_s});
      if (waited) CHECK(*waited < seconds{left_s});
    }
  }
}

TEST_CASE("where a whole wait does not fit half of what is left is waited, down to kShortestWait") {
  CHECK(wait(6, minutes{9}) == minutes{4} + seconds{30});
  CHECK(wait(6, 2 * kShortestWait) == kShortestWait);
  CHECK_FALSE(wait(6, 2 * kShortestWait - Duration{2}));
  const Duration whole = *wait(6, hours{1});
  CHECK(wait(6, whole + Duration{1}) == whole);  // a wait that ends just before the end fits
  CHECK(wait(6, whole) == whole / 2);
}

TEST_CASE("a wait that the other side asked for is kept and never cut short") {
  const auto asked = *wait(1, hours{1}, asking_for(minutes{20}));
  CHECK(asked >= minutes{20});
  CHECK(asked < minutes{20} + seconds{150});
  CHECK(*wait(6, hours{1}, asking_for(seconds{1})) >= minutes{10});  // ours is longer
  CHECK(*wait(6, hours{1}, asking_for(seconds{-5})) >= minutes{10});
  CHECK(wait(1, minutes{20} + Duration{1}, asking_for(minutes{20})) == minutes{20});
  CHECK_FALSE(wait(1, minutes{20}, asking_for(minutes{20})));
}

TEST_CASE("a turn that was put off comes after its wait and an eighth at most, before the end") {
  for (unsigned number = 0; number < 100; ++number) {
    const auto turn = next_turn(id_of(number), 3, kNow, kNow + hours{1}, seconds{8});
    REQUIRE(turn);
    CHECK(*turn >= kNow + seconds{8});
    CHECK(*turn < kNow + seconds{9});
  }
  CHECK_FALSE(next_turn(id_of(1), 0, kNow, kNow + seconds{8}, seconds{8}));
}
