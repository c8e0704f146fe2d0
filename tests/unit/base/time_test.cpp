#include "engine/base/time.hpp"

#include <doctest/doctest.h>

#include <cstdio>
#include <ctime>
#include <random>

using namespace engine;

TEST_CASE("RFC 3339 times with Z or an offset are read") {
  CHECK(parse_time("1970-01-01T00:00:00Z") == Time{});
  CHECK(parse_time("1970-01-01T01:00:00+01:00") == Time{});
  CHECK(parse_time("1970-01-01T00:00:01.25Z") == Time{Duration{1250}});
  CHECK(parse_time("2024-02-29T00:00:00Z").has_value());
}

TEST_CASE("what is not a time is not read") {
  for (const auto* wrong :
       {"", "2026-11-21", "2026-11-21T12:00:00", "2026-11-21t12:00:00Z", "2026-02-30T00:00:00Z",
        "2026-11-21T24:00:00Z", "2026-11-21T12:60:00Z", "2026-11-21T12:00:00ZZ",
        "2026-11-21T12:00:00.Z", "2026-11-21T12:00:00+1:00", "+026-11-21T12:00:00Z"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_time(wrong));
  }
}

TEST_CASE("CAP wants a numeric offset and no fraction") {
  CHECK(parse_cap_time("1970-01-01T00:00:00-00:00") == Time{});
  CHECK(parse_cap_time("1969-12-31T16:00:00-08:00") == Time{});
  CHECK_FALSE(parse_cap_time("1970-01-01T00:00:00Z"));
  CHECK_FALSE(parse_cap_time("1970-01-01T00:00:00.5-00:00"));
}

TEST_CASE("times are written as JSON and as CAP want them") {
  const Time time = *parse_time("2026-11-21T19:30:05.007Z");
  CHECK(format_time(time) == "2026-11-21T19:30:05.007Z");
  CHECK(format_time(std::chrono::floor<std::chrono::seconds>(time)) == "2026-11-21T19:30:05Z");
  CHECK(format_cap_time(time) == "2026-11-21T19:30:05-00:00");
}

TEST_CASE("every time of years of four digits is written as the C library writes it") {
  const auto first = *parse_time("0000-01-01T00:00:00Z");
  const auto last = *parse_time("9999-12-31T23:59:59.999Z");
  std::mt19937_64 chance(5);
  std::uniform_int_distribution<std::int64_t> any(first.time_since_epoch().count(),
                                                  last.time_since_epoch().count());
  for (int round = 0; round < 20'000; ++round) {
    const Time time = round == 0 ? first : round == 1 ? last : Time{Duration{any(chance)}};
    const auto second = std::chrono::floor<std::chrono::seconds>(time);
    const std::time_t seconds = second.time_since_epoch().count();
    std::tm parts{};
    REQUIRE(gmtime_r(&seconds, &parts) != nullptr);
    char text[80];
    std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d", parts.tm_year + 1900,
                  parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
    char fraction[16] = "";
    const auto milliseconds = (time - second).count();
    if (milliseconds != 0) {
      std::snprintf(fraction, sizeof fraction, ".%03d", static_cast<int>(milliseconds));
    }
    REQUIRE(format_time(time) == std::string(text) + fraction + "Z");
    REQUIRE(format_cap_time(time) == std::string(text) + "-00:00");
  }
  using std::chrono::year;
  CHECK(format_time(std::chrono::sys_days{year{10'000} / 1 / 1}) == "10000-01-01T00:00:00Z");
  CHECK(format_time(std::chrono::sys_days{year{-1} / 1 / 1}) == "-001-01-01T00:00:00Z");
}

TEST_CASE("a time that could not be written again in four digits of a year is none") {
  for (const char* text : {"9999-12-31T23:59:59-00:01", "0000-01-01T00:00:00+00:01"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_time(text).has_value());
    CHECK_FALSE(parse_cap_time(text).has_value());
  }
  for (const char* text : {"9999-12-31T23:59:59-00:00", "0000-01-01T00:00:00-00:00"}) {
    CAPTURE(text);
    REQUIRE(parse_cap_time(text).has_value());
    CHECK(format_cap_time(*parse_cap_time(text)) == text);
  }
}
