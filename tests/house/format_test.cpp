// One form for all C++: what clang-format makes of it. Where clang-format is not installed this
// says so and passes; shell scripts are read by the shell that runs them.
#include <doctest/doctest.h>

#include <array>
#include <cstdio>

#include "tests/house/source_tree.hpp"

using namespace house;

namespace {

struct Ran {
  int status = 0;
  std::string output;
};

Ran run(const std::string& command) {
  Ran ran;
  FILE* pipe = popen(("cd '" TOCSIN_SOURCE_DIR "' && " + command + " 2>&1").c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::array<char, 4096> piece{};
  for (std::size_t n = 0; (n = fread(piece.data(), 1, piece.size(), pipe)) > 0;) {
    ran.output.append(piece.data(), n);
  }
  ran.status = pclose(pipe);
  return ran;
}

}  // namespace

TEST_CASE("C++ has the form of clang-format") {
  if (run("command -v clang-format").status != 0) {
    MESSAGE("clang-format is not installed: the form was not checked");
    return;
  }
  std::string paths;
  for (const SourceFile& file : repository()) {
    if (kind_of(file) == Kind::cpp && !is_foreign_data(file.path)) paths += " '" + file.path + "'";
  }
  const Ran ran = run("clang-format --dry-run --Werror --ferror-limit=1" + paths);
  std::string found;
  for (std::string_view line : lines_of(ran.output)) {
    const std::size_t end = line.find(": error:");
    if (end != std::string_view::npos) found += "\n  " + std::string(line.substr(0, end));
  }
  CHECK_MESSAGE(ran.status == 0, "run clang-format -i on:", found);
}

TEST_CASE("shell scripts can be read by bash") {
  for (const SourceFile& file : repository()) {
    const std::string_view first = lines_of(file.text).empty() ? "" : lines_of(file.text).front();
    if (!file.path.ends_with(".sh") && first.find("bash") == std::string_view::npos) continue;
    if (!file.path.ends_with(".sh") && !first.starts_with("#!")) continue;
    CAPTURE(file.path);
    const Ran ran = run("bash -n '" + file.path + "'");
    CHECK_MESSAGE(ran.status == 0, ran.output);
  }
}

TEST_CASE("a step of ops/test ends at the first command of it that fails") {
  const Ran ran =
      run("bash -euo pipefail -c '"
          "root=$PWD; source ops/lib/say.sh; source ops/lib/parts.sh\n"
          "part_house() { false; say went on in a part; }\n"
          "build_dev() { false; say went on in a build; }\n"
          "build_release() { :; }\n"
          "part_integration() { :; }\n"
          "part_browser() { [[ $(false; echo went on) ]]; }\n"
          "since=$EPOCHREALTIME\n"
          "for part in house unit integration browser; do run_part $part; done\n"
          "summary $since'");
  CAPTURE(ran.output);
  CHECK(ran.status != 0);
  CHECK(ran.output.find("went on in") == std::string::npos);
  CHECK(ran.output.find("3 passed, 3 failed") != std::string::npos);
}
