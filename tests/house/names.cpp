#include "tests/house/names.hpp"

#include <cctype>
#include <regex>

#include "tests/house/code_text.hpp"

namespace house {

namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

}  // namespace

std::vector<Enumerator> enumerators_of(std::string_view text, std::string_view name) {
  const std::string shape = shape_of(text);
  std::size_t at = shape.find("enum class " + std::string(name));
  if (at == std::string::npos) return {};
  at = shape.find('{', at);
  const std::size_t end = shape.find('}', at);
  if (end == std::string::npos) return {};
  std::vector<Enumerator> found;
  Enumerator next;
  std::string* word = &next.name;
  for (std::size_t i = at + 1; i <= end; ++i) {
    const char c = shape[i];
    if (is_word(c)) *word += c;
    if (c == '=') word = &next.number;
    if (c == ',' || i == end) {
      if (!next.name.empty()) found.push_back(next);
      next = {};
      word = &next.name;
    }
  }
  return found;
}

std::vector<std::string> constants_of(std::string_view text) {
  static const std::regex declaration("constexpr[^;={(]*[ \t](k[A-Z][A-Za-z0-9]*)[ \t]*[={]");
  const std::string shape = shape_of(text);
  std::vector<std::string> names;
  for (std::sregex_iterator match(shape.begin(), shape.end(), declaration), end; match != end;
       ++match) {
    names.push_back((*match)[1].str());
  }
  return names;
}

std::vector<std::string> defaults_of(std::string_view text, std::string_view name) {
  static const std::regex member("([a-z][a-z0-9_]*) = (?:[0-9]|std::chrono::[a-z]+\\{)");
  const std::string shape = shape_of(text);
  const std::string begin = "struct " + std::string(name) + " {";
  const std::size_t from = shape.find(begin);
  if (from == std::string::npos) return {};
  const std::string body = shape.substr(from, shape.find("\n};", from) - from);
  std::vector<std::string> found;
  for (std::sregex_iterator match(body.begin(), body.end(), member), end; match != end; ++match) {
    found.push_back(std::string(name) + "::" + (*match)[1].str());
  }
  return found;
}

bool speaks_of(std::string_view text, std::string_view word) {
  for (std::size_t at = text.find(word); at != std::string_view::npos;
       at = text.find(word, at + 1)) {
    const std::size_t behind = at + word.size();
    const bool free_before = at == 0 || !is_word(text[at - 1]);
    if (free_before && (behind == text.size() || !is_word(text[behind]))) return true;
  }
  return false;
}

bool names_value(std::string_view text, std::string_view type, std::string_view name) {
  if (speaks_of(text, std::string(type) + "::" + std::string(name))) return true;
  for (const char mark : {'"', '\'', '`'}) {
    if (text.find(mark + std::string(name) + mark) != std::string_view::npos) return true;
  }
  return false;
}

}  // namespace house
