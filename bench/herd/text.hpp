#pragma once
// Small things done to text.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

/// Without the escapes \r \n \t \\ \xNN.
std::string unescaped(std::string_view text);

std::string replaced(std::string text, std::string_view key, std::string_view value);

std::vector<std::string> split(std::string_view text, char at);

/// A number of 0 or more; ends the program where it is none.
double decimal(const std::string& text);

/// The digits at the front of `text`.
std::uint64_t leading_number(std::string_view text);

/// Where `part` begins in `whole`, as string_view::find says it, but as fast as the library can.
std::size_t found_in(std::string_view whole, std::string_view part);

/// The number or the text behind `key`, as in "key":12 and "key":"text"; 0 and empty without.
std::uint64_t number_behind(std::string_view text, std::string_view key);
std::string_view quoted_behind(std::string_view text, std::string_view key);

}  // namespace bench
