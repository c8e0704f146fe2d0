#pragma once
// What makes a measurement worthless ends the program with a sentence.
#include <fmt/format.h>

#include <cstdlib>
#include <string_view>

namespace bench {

template <class... Values>
[[noreturn]] void give_up(fmt::format_string<Values...> format, Values&&... values) {
  fmt::print(stderr, "herd: {}\n", fmt::format(format, std::forward<Values>(values)...));
  std::exit(2);
}

}  // namespace bench
