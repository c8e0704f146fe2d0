#pragma once
// What may stand next on a command line. Everything is read from the command table itself, so a new
// command is completed the day it is added.
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace ops::cli {

/// What the shell is to offer. A candidate "@files" stands for the names of files.
inline constexpr const char* kFiles = "@files";

/// `words` are those after `tocsin`; the last one is being typed and may be empty.
std::vector<std::string> candidates_of(const CLI::App& app, const std::vector<std::string>& words);

}  // namespace ops::cli
