#include "engine/base/uk_time.hpp"

namespace engine {

namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hours;
using std::chrono::minutes;

Time change_in(std::chrono::year year, std::chrono::month month) {
  return std::chrono::sys_days{year / month / std::chrono::Sunday[std::chrono::last]} + hours{1};
}

}  // namespace

Duration uk_offset(Time time) {
  const auto year = std::chrono::year_month_day{floor<days>(time)}.year();
  const bool summer =
      time >= change_in(year, std::chrono::March) && time < change_in(year, std::chrono::October);
  return summer ? Duration{hours{1}} : Duration::zero();
}

int uk_minute_of_day(Time time) {
  const Time local = time + uk_offset(time);
  return static_cast<int>(floor<minutes>(local - floor<days>(local)).count());
}

UkTime uk_time(Time time) {
  const Time local = time + uk_offset(time);
  const auto day = floor<days>(local);
  const int minute = uk_minute_of_day(time);
  return {std::chrono::year_month_day{day}, std::chrono::weekday{day}, minute / 60, minute % 60};
}

}  // namespace engine
