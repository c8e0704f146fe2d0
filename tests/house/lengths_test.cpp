// How long things may be: a file 600 lines, a function 60, a line 100 columns.
#include <doctest/doctest.h>

#include "tests/house/function_lengths.hpp"
#include "tests/house/source_tree.hpp"

using namespace house;

namespace {

constexpr std::size_t kFileLinesMax = 600;
constexpr int kFunctionLinesMax = 60;
constexpr std::size_t kColumnsMax = 100;

std::vector<std::string> long_files(const std::vector<SourceFile>& files) {
  std::vector<std::string> found;
  for (const SourceFile& file : files) {
    if (kind_of(file) == Kind::other || is_foreign_data(file.path)) continue;
    const std::size_t lines = lines_of(file.text).size();
    if (lines > kFileLinesMax) found.push_back(file.path + ": " + std::to_string(lines) + " lines");
  }
  return found;
}

std::vector<std::string> long_functions(const std::vector<SourceFile>& files) {
  std::vector<std::string> found;
  for (const SourceFile& file : files) {
    if (kind_of(file) != Kind::cpp) continue;
    const auto functions = functions_of(file.text);
    if (!functions) {
      found.push_back(file.path + ": its braces do not balance outside of #if and #else");
      continue;
    }
    for (const Function& function : *functions) {
      if (function.lines <= kFunctionLinesMax) continue;
      found.push_back(file.path + ":" + std::to_string(function.line) + ": " + function.name +
                      " has " + std::to_string(function.lines) + " lines");
    }
  }
  return found;
}

std::vector<std::string> long_lines(const std::vector<SourceFile>& files) {
  std::vector<std::string> found;
  for (const SourceFile& file : files) {
    if (kind_of(file) == Kind::other || is_foreign_data(file.path)) continue;
    int number = 0;
    for (std::string_view line : lines_of(file.text)) {
      ++number;
      if (columns(line) <= kColumnsMax) continue;
      found.push_back(file.path + ":" + std::to_string(number) + ": " +
                      std::to_string(columns(line)) + " columns");
    }
  }
  return found;
}

}  // namespace

TEST_CASE("no file is longer than 600 lines") {
  const auto found = long_files(repository());
  CHECK_MESSAGE(found.empty(), joined(found));
}

TEST_CASE("no function is longer than 60 lines") {
  const auto found = long_functions(repository());
  CHECK_MESSAGE(found.empty(), joined(found));
}

TEST_CASE("no line is wider than 100 columns") {
  const auto found = long_lines(repository());
  CHECK_MESSAGE(found.empty(), joined(found));
}

TEST_CASE("a length one above its limit is found and the limit itself is not") {
  const auto file_of = [](std::size_t lines) {
    std::string text;
    for (std::size_t i = 0; i < lines; ++i) text += "\n";
    return std::vector<SourceFile>{{"engine/a.cpp", text}};
  };
  CHECK(long_files(file_of(600)).empty());
  CHECK(long_files(file_of(601)).size() == 1);

  const auto function_of = [](int lines) {
    return std::vector<SourceFile>{
        {"engine/a.cpp",
         "void f() {" + std::string(static_cast<std::size_t>(lines - 1), '\n') + "}"}};
  };
  CHECK(long_functions(function_of(60)).empty());
  CHECK(long_functions(function_of(61)).size() == 1);

  CHECK(long_lines({{"ops/up", "#!/bin/bash\n" + std::string(100, 'x')}}).empty());
  CHECK(long_lines({{"ops/up", "#!/bin/bash\n" + std::string(101, 'x')}}).size() == 1);
  CHECK(long_lines({{"README.md", std::string(101, 'x')}}).empty());
}
