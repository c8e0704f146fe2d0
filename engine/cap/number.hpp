#pragma once
// Decimal numbers as CAP writes coordinates: digits with an optional minus sign and fraction, no
// plus sign, no exponent. Pure; any thread.
#include <optional>
#include <string>
#include <string_view>

namespace engine::cap {

std::optional<double> parse_decimal(std::string_view text);

/// The shortest decimal that reads back as the same number; never with an exponent.
std::string format_decimal(double number);

}  // namespace engine::cap
