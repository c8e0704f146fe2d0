#include "engine/base/uk_time.hpp"

#include <doctest/doctest.h>

using namespace engine;

namespace {

Time at(std::string_view text) { return parse_time(text).value(); }

}  // namespace

TEST_CASE("the clock in the United Kingdom is an hour ahead in summer and not in winter") {
  struct Row {
    const char* time;
    int minute;
  };
  // The changes of 2026 and 2027 as the government lists them: 29 March and 25 October, 28 March
  // and 31 October.
  for (const Row& row : {Row{"2026-01-15T12:00:00Z", 12 * 60},
                         {"2026-03-29T00:59:59.999Z", 59},
                         {"2026-03-29T01:00:00Z", 2 * 60},
                         {"2026-07-15T12:00:00Z", 13 * 60},
                         {"2026-07-15T23:30:00Z", 30},
                         {"2026-10-25T00:59:59.999Z", 60 + 59},
                         {"2026-10-25T01:00:00Z", 60},
                         {"2027-03-28T00:59:59.999Z", 59},
                         {"2027-03-28T01:00:00Z", 2 * 60},
                         {"2027-10-31T00:59:59.999Z", 60 + 59},
                         {"2027-10-31T01:00:00Z", 60}}) {
    CAPTURE(row.time);
    CHECK(uk_minute_of_day(at(row.time)) == row.minute);
  }
}

TEST_CASE("the date in the United Kingdom is the one on its own calendar") {
  using namespace std::chrono;
  const UkTime time = uk_time(at("2026-06-30T23:05:00Z"));
  CHECK(time.date == 2026y / July / 1);
  CHECK(time.weekday == Wednesday);
  CHECK(time.hour == 0);
  CHECK(time.minute == 5);
  CHECK(uk_time(at("2026-12-31T23:59:59Z")).date == 2026y / December / 31);
}
