#include "engine/cap/number.hpp"

#include <algorithm>
#include <charconv>

namespace engine::cap {
namespace {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::optional<double> parse_decimal(std::string_view text) {
  std::string_view digits = text;
  if (digits.starts_with('-')) digits.remove_prefix(1);
  const auto points = std::count(digits.begin(), digits.end(), '.');
  const auto others =
      std::count_if(digits.begin(), digits.end(), [](char c) { return !is_digit(c) && c != '.'; });
  const bool sensible = digits.size() <= 64 && others == 0 && points <= 1;
  if (!sensible || static_cast<std::size_t>(points) == digits.size()) return std::nullopt;
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number == 0 ? 0.0 : number;  // -0 is 0
}

std::string format_decimal(double number) {
  char digits[400];  // the smallest double has 325 places after the point
  const auto [end, error] =
      std::to_chars(std::begin(digits), std::end(digits), number, std::chars_format::fixed);
  if (error != std::errc{}) return "0";
  return {digits, end};
}

}  // namespace engine::cap
