#include "tests/house/source_tree.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace house;

TEST_CASE("the repository is read, and what is built is left out") {
  const auto& files = repository();
  const auto has = [&](std::string_view path) {
    return std::any_of(files.begin(), files.end(),
                       [&](const SourceFile& file) { return file.path == path; });
  };
  CHECK(has("CMakeLists.txt"));
  CHECK(has("engine/refusal.hpp"));
  CHECK(has("tests/house/source_tree_test.cpp"));
  for (const SourceFile& file : files) {
    CAPTURE(file.path);
    CHECK_FALSE(file.path.starts_with("build/"));
    CHECK_FALSE(file.path.starts_with(".git/"));
    CHECK(file.path.find("node_modules") == std::string::npos);
  }
}

TEST_CASE("files are told apart by what they are") {
  CHECK(kind_of({"engine/a.cpp", ""}) == Kind::cpp);
  CHECK(kind_of({"ops/up", "#!/usr/bin/env bash\n"}) == Kind::script);
  CHECK(kind_of({"tests/integration/a.mjs", ""}) == Kind::script);
  CHECK(kind_of({"connectors/dashboard/index.html", ""}) == Kind::markup);
  CHECK(kind_of({"README.md", ""}) == Kind::other);
  CHECK(is_foreign_data("tests/data/cap/valid/a.xml"));
  CHECK_FALSE(is_foreign_data("tests/unit/cap/judge_test.cpp"));
}

TEST_CASE("columns are characters and not octets") {
  CHECK(columns("abc") == 3);
  CHECK(columns("\xC3\xA9t\xC3\xA9") == 3);
  CHECK(lines_of("a\nb").size() == 2);
  CHECK(lines_of("a\nb\n").size() == 2);
}
