// Every story beside this file, played and compared. TOCSIN_REWRITE=1 writes what was heard into
// the stories instead; the difference is then read like any other change.
#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "engine/trust/signature.hpp"
#include "tests/scenarios/player.hpp"

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> stories() {
  std::vector<fs::path> files;
  for (const auto& entry :
       fs::directory_iterator(fs::path(TOCSIN_SOURCE_DIR) / "tests/scenarios/stories")) {
    if (entry.path().extension() == ".txt") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string read(const fs::path& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// The story with what was really heard in place of what is expected.
std::string play(const std::string& story) {
  tests::Player player;
  std::istringstream lines(story);
  std::string result;
  bool expecting = false;
  const auto end_block = [&] {
    if (expecting) result += player.heard();
    expecting = false;
  };
  for (std::string line; std::getline(lines, line);) {
    if (line == "----") {
      result += line + "\n";
      expecting = true;
    } else if (line.empty()) {
      end_block();
      result += "\n";
    } else if (!expecting) {
      result += line + "\n";
      if (!line.starts_with('#')) player.play(line);
    }
  }
  end_block();
  return result;
}

}  // namespace

TEST_CASE("every story goes as it is written") {
  REQUIRE(engine::trust::start_crypto());
  const auto files = stories();
  REQUIRE(files.size() >= 5);
  for (const auto& file : files) {
    CAPTURE(file.filename().string());
    const std::string written = read(file);
    const std::string played = play(written);
    if (::getenv("TOCSIN_REWRITE") != nullptr) {
      std::ofstream(file) << played;
    } else {
      CHECK(played == written);
      CHECK(written.find("----\n") != std::string::npos);
    }
  }
}
