#include "engine/trust/files.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "tests/unit/trust/temp_dir.hpp"
#include "tests/unit/trust/trust_fixture.hpp"

using namespace engine;
using namespace tests;

TEST_CASE("a file is created once and replaced whole") {
  const TempDir folder;
  const auto file = folder / "a";
  const std::string bytes("\0\xff\n", 3);
  CHECK(fault(trust::create_file(file, bytes, 0640)) == "");
  CHECK(contents(file) == bytes);
  CHECK(trust::read_file(file, 3)->bytes == bytes);
  CHECK((trust::read_file(file, 3)->mode & 07777) == 0640);
  CHECK(mentions(fault(trust::create_file(file, "other", 0600)), "File exists"));
  CHECK(fault(trust::replace_file(file, "other", 0600)) == "");
  CHECK(contents(file) == "other");
  CHECK((trust::read_file(file, 5)->mode & 07777) == 0600);
}

TEST_CASE("what cannot be read says why") {
  const TempDir folder;
  put(folder / "a", "1234");
  CHECK(trust::read_file(folder / "a", 4).has_value());
  CHECK(mentions(fault(trust::read_file(folder / "a", 3)), "has 4 octets, more than the 3"));
  CHECK(mentions(fault(trust::read_file(folder / "b", 3)), "No such file"));
  CHECK(mentions(fault(trust::read_file(folder.path(), 3)), "no regular file"));
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  CHECK(mentions(fault(trust::read_file(folder / "pipe", 3)), "no regular file"));
}

TEST_CASE(
    "a secret is its owner's alone, is one line of at most kSecretFileBytes, and is not told") {
  const TempDir folder;
  const auto file = folder / "password";
  const auto read = [&file](const std::string& text, mode_t mode = 0600) {
    put(file, text);
    ::chmod(file.c_str(), mode);
    return trust::read_secret(file);
  };
  CHECK(mentions(fault(trust::read_secret(file)), "No such file"));
  for (const char* line_end : {"", "\n", "\r\n", "\n\n"}) {
    CHECK(read(std::string(" a b ") + line_end).value() == " a b ");
  }
  for (const mode_t open : {0640, 0604, 0610, 0602}) {
    const auto refused = read("word\n", open);
    CHECK(mentions(fault(refused), "chmod 600"));
    CHECK_FALSE(mentions(fault(refused), "word\n"));
    CHECK_FALSE(trust::read_private(file, 10).has_value());
  }
  CHECK(mentions(fault(read("")), "holds no secret"));
  CHECK(mentions(fault(read("\r\n")), "holds no secret"));
  CHECK(mentions(fault(read(std::string("a\0b", 3))), "holds no secret"));
  CHECK(read(std::string(trust::kSecretFileBytes, 'a')).has_value());
  CHECK_FALSE(read(std::string(trust::kSecretFileBytes + 1, 'a')).has_value());
}

TEST_CASE("what cannot be written leaves nothing behind") {
  const TempDir folder;
  CHECK(mentions(fault(trust::create_file(folder / "none/a", "x", 0600)), "Cannot create"));
  std::filesystem::create_directories(folder / "a/b");
  CHECK(mentions(fault(trust::replace_file(folder / "a", "x", 0600)), "Cannot replace"));
  CHECK_FALSE(std::filesystem::exists(folder / "a.new"));
}

TEST_CASE("a link that waits where the new file is written is not followed") {
  const TempDir folder;
  put(folder / "precious", "keep");
  std::filesystem::create_symlink(folder / "precious", folder / "a.new");
  CHECK(mentions(fault(trust::replace_file(folder / "a", "x", 0600)), "Cannot create"));
  CHECK(contents(folder / "precious") == "keep");
}
