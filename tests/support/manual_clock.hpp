#pragma once
// A clock that moves only when the test moves it.
#include <atomic>

#include "engine/base/ensure.hpp"
#include "engine/base/time.hpp"

namespace tests {

class ManualClock final : public engine::Clock {
 public:
  explicit ManualClock(std::string_view start = "2026-11-21T12:00:00Z") {
    const auto time = engine::parse_time(start);
    ENSURE(time.has_value());
    now_ = time->time_since_epoch().count();
  }
  engine::Time now() const noexcept override { return engine::Time{engine::Duration{now_.load()}}; }
  void advance(engine::Duration by) { now_ += by.count(); }
  void set(engine::Time time) { now_ = time.time_since_epoch().count(); }

 private:
  std::atomic<std::int64_t> now_;
};

}  // namespace tests
