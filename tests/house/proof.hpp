#pragma once
// tests/PROOF.md read as the table it is: names, and the cases that are said to show them. Pure.
#include <string>
#include <string_view>
#include <vector>

namespace house {

struct Shown {
  std::string path;   // below tests/
  std::string title;  // of a case in it
  bool operator==(const Shown&) const = default;
};

struct ProofRow {
  std::string section;  // the heading above it
  std::string name;
  std::vector<Shown> by;      // of its second cell
  std::vector<Shown> beside;  // of its third: what is not refused
};

/// The rows of every table whose first cell is a name in backquotes.
std::vector<ProofRow> proof_rows(std::string_view markdown);

/// The titles of the cases of a test file: TEST_CASE of C++, `test` of Node and
/// the `rule` that some suites make of it.
std::vector<std::string> case_titles(std::string_view source);

}  // namespace house
