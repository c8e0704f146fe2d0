#pragma once
// What was typed and is no command of the table, told as every other trouble is: what is wrong, and
// what to type instead.
#include <string>
#include <vector>

#include "ops/cli/outcome.hpp"

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace ops::cli {

/// `words` are those behind the program's name.
Trouble usage_trouble(const CLI::App& app, const std::vector<std::string>& words,
                      const CLI::ParseError& error);

}  // namespace ops::cli
