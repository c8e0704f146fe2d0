#include "tests/house/proof.hpp"

#include <regex>

#include "tests/house/source_tree.hpp"

namespace house {
namespace {

/// Literals that stand beside each other are one, and what is escaped is what is meant.
std::string literal(const std::string& source) {
  std::string text;
  bool inside = false;
  for (std::size_t i = 0; i < source.size(); ++i) {
    if (source[i] == '\\' && i + 1 < source.size()) {
      text += source[++i];
    } else if (source[i] == '"') {
      inside = !inside;
    } else if (inside) {
      text += source[i];
    }
  }
  return text;
}

void add_cpp(const std::string& source, std::vector<std::string>& titles) {
  static const std::regex begin(R"(TEST_CASE\()");
  for (std::sregex_iterator found(source.begin(), source.end(), begin), end; found != end;
       ++found) {
    const auto from = static_cast<std::size_t>(found->position() + found->length());
    const auto until = source.find(") {", from);
    if (until != std::string::npos) titles.push_back(literal(source.substr(from, until - from)));
  }
}

void add_node(const std::string& source, std::vector<std::string>& titles) {
  static const std::regex begin(R"(\b(?:test|rule)\(\s*(['"`]))");
  for (std::sregex_iterator found(source.begin(), source.end(), begin), end; found != end;
       ++found) {
    const char mark = (*found)[1].str().front();
    std::string title;
    for (auto i = static_cast<std::size_t>(found->position() + found->length());
         i < source.size() && source[i] != mark; ++i) {
      if (source[i] == '\\') ++i;
      if (i < source.size()) title += source[i];
    }
    titles.push_back(std::move(title));
  }
}

}  // namespace

std::vector<ProofRow> proof_rows(std::string_view markdown) {
  static const std::regex name("^\\| `([^`]+)` \\|");
  static const std::regex shown("`([^`]+)` \"([^\"]+)\"");
  std::vector<ProofRow> rows;
  std::string section;
  for (const std::string_view each : lines_of(markdown)) {
    const std::string line(each);
    if (line.starts_with("## ")) section = line.substr(3);
    std::smatch first;
    if (!std::regex_search(line, first, name)) continue;
    ProofRow row{section, first[1].str(), {}, {}};
    const std::size_t third = line.find(" | ", first.position() + first.length());
    for (std::sregex_iterator found(line.begin(), line.end(), shown), end; found != end; ++found) {
      auto& cell = static_cast<std::size_t>(found->position()) < third ? row.by : row.beside;
      cell.push_back({(*found)[1].str(), (*found)[2].str()});
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<std::string> case_titles(std::string_view source) {
  const std::string text(source);
  std::vector<std::string> titles;
  add_cpp(text, titles);
  add_node(text, titles);
  return titles;
}

}  // namespace house
