#include "engine/log/rate_window.hpp"

#include "tests/unit/log/log_fixture.hpp"

using namespace tests;
using engine::RateWindow;

namespace {

const engine::Time kNoon = time("2026-11-21T12:00:00Z");

RateWindow spent_at(std::initializer_list<std::chrono::minutes> minutes) {
  RateWindow window;
  std::uint64_t sequence = 0;
  for (const auto minute : minutes) window.add({kNoon + minute, Sequence{++sequence}});
  return window;
}

}  // namespace

TEST_CASE("There is room below the limit and a wait at it") {
  const RateWindow window = spent_at({0min, 10min, 20min});
  CHECK_FALSE(window.wait(4, kNoon + 20min).has_value());
  CHECK(window.wait(3, kNoon + 20min) == 40min);
  CHECK(window.wait(2, kNoon + 20min) == 50min);
  CHECK(window.wait(1, kNoon + 20min) == 60min);
  CHECK(window.wait(0, kNoon + 20min) == 60min);
}

TEST_CASE("What is an hour old no longer counts") {
  RateWindow window = spent_at({0min, 10min, 20min});
  CHECK(window.forget(kNoon + 60min - 1ms).dropped.empty());
  CHECK(window.forget(kNoon + 60min).dropped ==
        std::vector<engine::Spending>{{kNoon, Sequence{1}}});
  CHECK_FALSE(window.wait(3, kNoon + 60min).has_value());
  CHECK(window.forget(kNoon + 10h).dropped.size() == 2);
}

TEST_CASE("What lies an hour ahead was written by a wrong clock") {
  RateWindow window = spent_at({0min, 59min, 60min, 600min});
  const RateWindow::Tidied tidied = window.forget(kNoon);
  CHECK(tidied.dropped.size() == 3);
  CHECK(tidied.moved == std::vector<engine::Spending>{{kNoon, Sequence{2}}});
  CHECK(window.wait(2, kNoon) == 60min);
}

TEST_CASE("What lies ahead by less than an hour counts from now and no longer than an hour") {
  RateWindow window = spent_at({-10min, 20min, 59min});
  CHECK(window.wait(1, kNoon) == 119min);
  CHECK(window.forget(kNoon).moved.size() == 2);
  CHECK(window.wait(1, kNoon) == 60min);
  CHECK(window.wait(3, kNoon) == 50min);
  CHECK(window.forget(kNoon + 60min).dropped.size() == 3);
  CHECK_FALSE(window.wait(1, kNoon + 60min).has_value());
}

TEST_CASE("A clock that went back a little keeps the window in order") {
  const RateWindow window = spent_at({30min, 10min, 20min});
  CHECK(window.wait(3, kNoon + 30min) == 40min);
}
