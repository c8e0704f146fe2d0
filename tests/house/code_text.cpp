#include "tests/house/code_text.hpp"

#include <cctype>
#include <regex>

#include "tests/house/source_tree.hpp"

namespace house {

namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// Walks a source text once, writing its shape.
class Blanker {
 public:
  explicit Blanker(std::string_view text) : text_(text) { shape_.reserve(text.size()); }

  std::string run() {
    while (at_ < text_.size()) step();
    return std::move(shape_);
  }

 private:
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  void keep() { shape_ += text_[at_++]; }
  void blank() {
    shape_ += text_[at_] == '\n' ? '\n' : ' ';
    ++at_;
  }
  void blank_until(std::size_t end) {
    while (at_ < end && at_ < text_.size()) blank();
  }
  std::size_t after(std::string_view mark, std::size_t from) const {
    const std::size_t found = text_.find(mark, from);
    return found == std::string_view::npos ? text_.size() : found + mark.size();
  }

  void step() {
    if (peek() == '/' && peek(1) == '/') return blank_line();
    if (peek() == '/' && peek(1) == '*') return blank_until(after("*/", at_ + 2));
    if (peek() == '#' && only_spaces_before()) return blank_line();
    if (peek() == 'R' && peek(1) == '"' && ends_no_word_before('R')) return raw_text();
    if (peek() == '"') return quoted('"');
    if (peek() == '\'' && !separates_digits()) return quoted('\'');
    keep();
  }

  /// A comment or a directive: to the end of the line, and on over lines that end in `\`.
  void blank_line() {
    while (at_ < text_.size() && peek() != '\n') {
      if (peek() == '\\' && peek(1) == '\n') blank();
      blank();
    }
  }

  bool only_spaces_before() const {
    for (std::size_t i = shape_.size(); i > 0 && shape_[i - 1] != '\n'; --i) {
      if (shape_[i - 1] != ' ' && shape_[i - 1] != '\t') return false;
    }
    return true;
  }

  /// R"( may have a prefix (u8R, LR), but the R of a longer word is not one.
  bool ends_no_word_before(char) const {
    std::size_t begin = at_;
    while (begin > 0 && is_word(text_[begin - 1])) --begin;
    const std::string_view prefix = text_.substr(begin, at_ - begin);
    return prefix.empty() || prefix == "u8" || prefix == "u" || prefix == "U" || prefix == "L";
  }

  void raw_text() {
    const std::size_t open = text_.find('(', at_);
    if (open == std::string_view::npos) return keep();
    const std::string closing = ")" + std::string(text_.substr(at_ + 2, open - at_ - 2)) + "\"";
    const std::size_t end = after(closing, open);
    blank();
    keep();
    blank_until(end - 1);
    if (at_ < text_.size()) keep();
  }

  void quoted(char mark) {
    keep();
    while (at_ < text_.size() && peek() != mark && peek() != '\n') {
      if (peek() == '\\') blank();
      if (at_ < text_.size()) blank();
    }
    if (peek() == mark) keep();
  }

  /// 1'000 and 0xFF'FF: an apostrophe inside a number.
  bool separates_digits() const {
    if (at_ == 0 || !std::isxdigit(static_cast<unsigned char>(text_[at_ - 1]))) return false;
    std::size_t begin = at_;
    while (begin > 0 && (is_word(text_[begin - 1]) || text_[begin - 1] == '\'')) --begin;
    return std::isdigit(static_cast<unsigned char>(text_[begin])) != 0;
  }

  std::string_view text_;
  std::string shape_;
  std::size_t at_ = 0;
};

}  // namespace

std::string shape_of(std::string_view text) { return Blanker(text).run(); }

std::vector<Include> includes_of(std::string_view text) {
  static const std::regex directive("^[ \t]*#[ \t]*include[ \t]*([<\"])([^>\"]+)[>\"].*");
  std::vector<Include> found;
  int number = 0;
  for (std::string_view line : lines_of(text)) {
    ++number;
    std::smatch match;
    const std::string copy(line);
    if (std::regex_match(copy, match, directive)) {
      found.push_back({match[2].str(), match[1].str() == "\"", number});
    }
  }
  return found;
}

}  // namespace house
