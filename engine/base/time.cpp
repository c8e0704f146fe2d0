#include "engine/base/time.hpp"

#include <fmt/format.h>

namespace engine {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// Reads from the front of a text; once something did not fit, everything after fails too.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool accept(char expected) {
    if (rest_.empty() || rest_.front() != expected) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char expected) { good_ = accept(expected) && good_; }

  int digits(std::size_t count) {
    if (rest_.size() < count) return fail();
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (rest_[i] < '0' || rest_[i] > '9') return fail();
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }

  /// The digits after a decimal point, as milliseconds; further ones are read and dropped.
  int fraction() {
    int value = 0;
    std::size_t count = 0;
    while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') {
      if (count < 3) value = value * 10 + (rest_.front() - '0');
      ++count;
      rest_.remove_prefix(1);
    }
    if (count == 0) return fail();
    for (; count < 3; ++count) value *= 10;
    return value;
  }

  int fail() {
    good_ = false;
    return 0;
  }
  bool good() const { return good_; }
  bool finished() const { return good_ && rest_.empty(); }
  char peek() const { return rest_.empty() ? '\0' : rest_.front(); }

 private:
  std::string_view rest_;
  bool good_ = true;
};

Time local_date_time(Scanner& scan) {
  const std::chrono::year year{scan.digits(4)};
  scan.expect('-');
  const std::chrono::month month{static_cast<unsigned>(scan.digits(2))};
  scan.expect('-');
  const std::chrono::day day{static_cast<unsigned>(scan.digits(2))};
  scan.expect('T');
  const int hour = scan.digits(2);
  scan.expect(':');
  const int minute = scan.digits(2);
  scan.expect(':');
  const int second = scan.digits(2);
  const std::chrono::year_month_day date{year, month, day};
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) scan.fail();
  if (!scan.good()) return {};
  return std::chrono::sys_days{date} + hours{hour} + minutes{minute} + seconds{second};
}

Duration numeric_offset(Scanner& scan) {
  const bool west = scan.peek() == '-';
  if (!scan.accept('-')) scan.expect('+');
  const int hour = scan.digits(2);
  scan.expect(':');
  const int minute = scan.digits(2);
  if (hour > 14 || minute > 59) scan.fail();
  const Duration offset = hours{hour} + minutes{minute};
  return west ? -offset : offset;
}

/// With its offset taken away the first or last day may lie in a year that cannot be written in
/// four digits, so that nobody could read what we write of it.
std::optional<Time> writable(Time time) {
  const int year{std::chrono::year_month_day{floor<days>(time)}.year()};
  return year < 0 || year > 9999 ? std::nullopt : std::optional(time);
}

}  // namespace

std::optional<Time> parse_time(std::string_view text) {
  Scanner scan(text);
  Time time = local_date_time(scan);
  if (scan.accept('.')) time += Duration{scan.fraction()};
  if (!scan.accept('Z')) time -= numeric_offset(scan);
  if (!scan.finished()) return std::nullopt;
  return writable(time);
}

std::optional<Time> parse_cap_time(std::string_view text) {
  Scanner scan(text);
  Time time = local_date_time(scan);
  time -= numeric_offset(scan);
  if (!scan.finished()) return std::nullopt;
  return writable(time);
}

namespace {

/// Writes `number` in `count` digits at `out`, zeros before it.
void put_digits(char* out, std::size_t count, std::int64_t number) {
  for (; count > 0; number /= 10) out[--count] = static_cast<char>('0' + number % 10);
}

std::string date_and_time(Time time) {
  const auto day = floor<days>(time);
  const std::chrono::year_month_day date{day};
  const auto second = floor<seconds>(time - day).count();
  const int year{date.year()};
  if (year < 0 || year > 9999) {  // nobody's alert: written for whoever looks into it
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", year,
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       second / 3600, second / 60 % 60, second % 60);
  }
  std::string text = "0000-00-00T00:00:00";
  put_digits(text.data(), 4, year);
  put_digits(text.data() + 5, 2, static_cast<unsigned>(date.month()));
  put_digits(text.data() + 8, 2, static_cast<unsigned>(date.day()));
  put_digits(text.data() + 11, 2, second / 3600);
  put_digits(text.data() + 14, 2, second / 60 % 60);
  put_digits(text.data() + 17, 2, second % 60);
  return text;
}

}  // namespace

std::string format_time(Time time) {
  const auto fraction = (time - floor<seconds>(time)).count();
  std::string text = date_and_time(time);
  if (fraction != 0) {
    text += ".000";
    put_digits(text.data() + text.size() - 3, 3, fraction);
  }
  return text += 'Z';
}

std::string format_cap_time(Time time) { return date_and_time(time) + "-00:00"; }

}  // namespace engine
