// Words that do not belong into what is finished, and paths that belong to somebody's machine. They
// are put together here from halves, so that this file does not hold them.
#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>

#include "tests/house/source_tree.hpp"

using namespace house;

namespace {

enum class Match { whole_word, anywhere };
enum class Case { exact, any };

struct Banned {
  std::string word;
  Match match;
  Case letters;
};

std::string both(const char* first, const char* second) { return std::string(first) + second; }

const std::vector<Banned>& banned() {
  static const std::vector<Banned> words = {
      {both("TO", "DO"), Match::whole_word, Case::exact},
      {both("FIX", "ME"), Match::whole_word, Case::exact},
      {both("XX", "X"), Match::whole_word, Case::exact},
      {both("HA", "CK"), Match::whole_word, Case::exact},
      {both("not ", "implemented"), Match::anywhere, Case::any},
      {both("not yet ", "implemented"), Match::anywhere, Case::any},
      {both("for ", "now"), Match::whole_word, Case::any},
      {both("coming ", "soon"), Match::anywhere, Case::any},
      {both("lorem ", "ipsum"), Match::anywhere, Case::any},
      {both("/wo", "rk/"), Match::anywhere, Case::exact},
      {both("/ro", "ot/"), Match::anywhere, Case::exact},
      {both("/ho", "me/"), Match::anywhere, Case::exact},
      {both("../", "shared"), Match::anywhere, Case::exact},
      {both("<<<<", "<<< "), Match::anywhere, Case::exact},
      {both(">>>>", ">>> "), Match::anywhere, Case::exact},
  };
  return words;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

bool is_word(std::string_view text, std::size_t at) {
  return at < text.size() &&
         (std::isalnum(static_cast<unsigned char>(text[at])) != 0 || text[at] == '_');
}

bool holds(std::string_view line, const Banned& ban) {
  const std::string text = ban.letters == Case::any ? lower(line) : std::string(line);
  for (std::size_t at = text.find(ban.word); at != std::string::npos;
       at = text.find(ban.word, at + 1)) {
    if (ban.match == Match::anywhere) return true;
    if ((at == 0 || !is_word(text, at - 1)) && !is_word(text, at + ban.word.size())) return true;
  }
  return false;
}

std::vector<std::string> banned_words(const SourceFile& file) {
  std::vector<std::string> found;
  if (is_foreign_data(file.path)) return found;
  int number = 0;
  for (std::string_view line : lines_of(file.text)) {
    ++number;
    for (const Banned& ban : banned()) {
      if (!holds(line, ban)) continue;
      found.push_back(file.path + ":" + std::to_string(number) + ": \"" + ban.word + "\"");
    }
  }
  return found;
}

}  // namespace

TEST_CASE("nothing that is not finished and nobody's own paths are written down") {
  std::vector<std::string> found;
  for (const SourceFile& file : repository()) {
    for (std::string& one : banned_words(file)) found.push_back(std::move(one));
  }
  CHECK_MESSAGE(found.empty(), joined(found));
}

TEST_CASE("a banned word is found as a word and in the case it is banned in") {
  CHECK(banned_words({"a.md", both("// TO", "DO: later")}).size() == 1);
  CHECK(banned_words({"a.md", both("good ", both("for ", "now").c_str())}).size() == 1);
  CHECK(banned_words({"a.md", both("Not ", "Implemented")}).size() == 1);
  CHECK(banned_words({"a.md", both("cd /wo", "rk/main")}).size() == 1);
  CHECK(banned_words({"a.md", both("MAS", "TODON and for nowhere")}).empty());
  CHECK(banned_words({"a.md", both("ha", "ck and to") + "do"}).empty());
  CHECK(banned_words({"tests/data/a.xml", both("TO", "DO")}).empty());
}

TEST_CASE("a list of fetched packages names no host") {
  std::vector<std::string> found;
  for (const SourceFile& file : repository()) {
    if (!file.path.ends_with("package-lock.json")) continue;
    if (file.text.find("\"resolved\"") != std::string::npos) found.push_back(file.path);
  }
  CHECK_MESSAGE(found.empty(), joined(found));
}
