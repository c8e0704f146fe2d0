#pragma once
// The time of day in the United Kingdom: Greenwich Mean Time, and an hour more from the last Sunday
// of March to the last Sunday of October, each from 01:00 UTC on (the Summer Time Order 2002). One
// rule of our own: the standard library of Debian 12 has no time zones, and what a machine was set
// to must not decide when people are woken. Pure; any thread.
#include "engine/base/time.hpp"

namespace engine {

/// How far the clock on the wall is ahead of UTC: nothing or an hour.
Duration uk_offset(Time time);

/// Minutes since midnight on the clock on the wall, 0 to 1439.
int uk_minute_of_day(Time time);

/// What that clock and its calendar show.
struct UkTime {
  std::chrono::year_month_day date;
  std::chrono::weekday weekday;
  int hour = 0;
  int minute = 0;
};
UkTime uk_time(Time time);

}  // namespace engine
