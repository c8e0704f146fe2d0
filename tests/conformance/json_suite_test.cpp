// The strict JSON reader against JSONTestSuite (tests/data/jsontestsuite/SOURCES.md).
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include "engine/trust/strict_json.hpp"

using namespace engine;

namespace {

std::map<std::string, bool> answers() {
  std::map<std::string, bool> found;
  for (const auto& entry : std::filesystem::directory_iterator(
           TOCSIN_SOURCE_DIR "/tests/data/jsontestsuite/test_parsing")) {
    std::ifstream file(entry.path(), std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    found[entry.path().filename().string()] = trust::parse_strict_json(text.str()).has_value();
  }
  return found;
}

/// Duplicate keys are legal JSON and no strict JSON.
const std::set<std::string> kValidButAmbiguous = {"y_object_duplicated_key.json",
                                                  "y_object_duplicated_key_and_value.json"};

/// Of what RFC 8259 leaves open only these are taken: numbers whose nearest double is finite. Bad
/// Unicode, byte-order marks, other encodings and deep nesting are all refused.
const std::set<std::string> kOpenAndTaken = {
    "i_number_double_huge_neg_exp.json", "i_number_real_underflow.json",
    "i_number_too_big_neg_int.json", "i_number_too_big_pos_int.json",
    "i_number_very_big_negative_int.json"};

}  // namespace

TEST_CASE("JSONTestSuite is answered file by file as recorded") {
  std::map<char, int> count;
  for (const auto& row : answers()) {
    const auto& name = row.first;
    const auto& accepted = row.second;
    CAPTURE(name);
    ++count[name.front()];
    if (name.front() == 'y') CHECK(accepted == !kValidButAmbiguous.contains(name));
    if (name.front() == 'n') CHECK_FALSE(accepted);
    if (name.front() == 'i') CHECK(accepted == kOpenAndTaken.contains(name));
  }
  CHECK(count['y'] == 95);
  CHECK(count['n'] == 188);
  CHECK(count['i'] == 35);
}
