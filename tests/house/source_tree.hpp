#pragma once
// The files of this repository as a person would list them: without what is built, fetched or made
// by running. One thread; read once.
#include <string>
#include <string_view>
#include <vector>

namespace house {

struct SourceFile {
  std::string path;  // from the top of the repository, with slashes
  std::string text;
};

/// Every text file below `root`, by path. Leaves out .git, build, data, node_modules, editors'
/// folders, and files that hold a zero byte.
std::vector<SourceFile> read_tree(std::string_view root);

/// This repository, read once.
const std::vector<SourceFile>& repository();

enum class Kind { cpp, script, markup, other };

/// cpp: .cpp, .hpp. script: JavaScript, CMake, and files that begin with `#!`. markup: HTML, CSS.
Kind kind_of(const SourceFile& file);

/// Other people's bytes: documents and vectors that tests read, and the standard's own schema.
bool is_foreign_data(std::string_view path);

std::vector<std::string_view> lines_of(std::string_view text);

/// How many characters a line of UTF-8 has.
std::size_t columns(std::string_view line);

/// One finding a line, for a test's message.
std::string joined(const std::vector<std::string>& findings);

}  // namespace house
