#pragma once
// Wall-clock time, its text forms, and the only way to ask what time it is.
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace engine {

/// Milliseconds since 1970-01-01T00:00:00Z, as POSIX counts them.
using Time = std::chrono::sys_time<std::chrono::milliseconds>;
using Duration = std::chrono::milliseconds;

/// RFC 3339 with `Z` or a numeric offset, fractions of a second down to milliseconds; the calendar
/// is checked (no 30 February). Upper-case `T` and `Z` only. In UTC the year has four digits too.
std::optional<Time> parse_time(std::string_view text);

/// CAP 1.2's dateTime: `YYYY-MM-DDThh:mm:ss` and a numeric offset, nothing else (section 3.3.2).
std::optional<Time> parse_cap_time(std::string_view text);

/// `2026-11-21T19:30:00.125Z`; the fraction only where there is one.
std::string format_time(Time time);

/// `2026-11-21T19:30:00-00:00`, as CAP writes UTC; fractions are cut off.
std::string format_cap_time(Time time);

/// What time it is. Tests bring their own (tests/support/manual_clock.hpp).
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time now() const noexcept = 0;
};

class SystemClock final : public Clock {
 public:
  Time now() const noexcept override {
    return std::chrono::floor<Duration>(std::chrono::system_clock::now());
  }
};

}  // namespace engine
