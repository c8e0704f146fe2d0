#pragma once
// How long each function of a C++ source is, told from its braces. A function here is the outermost
// body with a parameter list: a free function, a member defined in its class, a test case, a lambda
// that is given a name at namespace scope. What is nested in it counts as its lines. Pure.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace house {

struct Function {
  std::string name;  // the head up to its parameters, on one line
  int line = 0;      // where the head begins
  int lines = 0;     // from there to the closing brace, both included
};

/// Nothing when the braces do not balance: then no length would be true.
std::optional<std::vector<Function>> functions_of(std::string_view text);

}  // namespace house
