#include "tests/house/function_lengths.hpp"

#include <algorithm>
#include <cctype>

#include "tests/house/code_text.hpp"

namespace house {

namespace {

enum class Brace { scope, function, other };

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

std::string trimmed(std::string_view text) {
  std::string out;
  for (char c : text) {
    const char plain = std::isspace(static_cast<unsigned char>(c)) != 0 ? ' ' : c;
    if (plain != ' ' || (!out.empty() && out.back() != ' ')) out += plain;
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

bool starts_with_word(std::string_view head, std::string_view word) {
  return head.starts_with(word) && (head.size() == word.size() || !is_word(head[word.size()]));
}

/// Where the bracket that opens at `from` is closed.
std::size_t closing(std::string_view text, std::size_t from, char open, char close) {
  int depth = 0;
  for (std::size_t i = from; i < text.size(); ++i) {
    if (text[i] == open) ++depth;
    if (text[i] == close && --depth == 0) return i;
  }
  return std::string_view::npos;
}

/// Takes `template <...>` and `[[...]]` off the front of a head.
std::string bare_head(std::string head) {
  for (;;) {
    head = trimmed(head);
    std::size_t end = std::string::npos;
    if (starts_with_word(head, "template")) end = closing(head, 0, '<', '>');
    if (head.starts_with("[[")) end = closing(head, 0, '[', ']');
    if (end == std::string::npos) return head;
    head.erase(0, end + 1);
  }
}

/// The characters of a head outside of every bracket. `operator=` and its kin lose their sign.
std::string outer(std::string_view head) {
  std::string out;
  int depth = 0;
  for (std::size_t i = 0; i < head.size(); ++i) {
    const char c = head[i];
    if (head.substr(i).starts_with("operator")) {
      const std::size_t parameters = head.find('(', i);
      const bool call = head.substr(i + 8).starts_with("()");
      out += "operator";
      i = call ? i + 9 : std::min(parameters, head.size()) - 1;
      continue;
    }
    if (c == '(' || c == '[')
      out += depth++ == 0 ? c : ' ';
    else if (c == ')' || c == ']')
      out += --depth == 0 ? c : ' ';
    else if (depth == 0)
      out += c;
  }
  return out;
}

bool opens_scope(std::string_view head, std::string_view outside) {
  for (const char* word : {"namespace", "inline namespace", "extern \"\""}) {
    if (head == word || starts_with_word(head, word)) return outside.find('(') == std::string::npos;
  }
  for (const char* word : {"class", "struct", "union", "enum"}) {
    // A type, unless the head is that of a function which names its result in full.
    if (starts_with_word(head, word)) {
      return outside.find('(') == std::string::npos || head.find("alignas") != std::string::npos;
    }
  }
  return head.empty();
}

Brace classify(const std::string& head) {
  const std::string bare = bare_head(head);
  const std::string outside = outer(bare);
  if (opens_scope(bare, outside)) return Brace::scope;
  const std::size_t equals = outside.find('=');
  if (equals != std::string::npos) {
    const std::string value = trimmed(std::string_view(outside).substr(equals + 1));
    return value.starts_with('[') ? Brace::function : Brace::other;
  }
  const std::size_t parameters = outside.find('(');
  if (parameters == std::string::npos) return Brace::other;
  // `Name::Name(int a) : member_{a} {`: after a colon, a brace behind a name begins a member.
  const std::size_t colon = outside.find(':', outside.find(')', parameters));
  const bool in_members = colon != std::string::npos && outside[colon + 1] != ':';
  if (in_members && (is_word(bare.back()) || bare.back() == '>')) return Brace::other;
  return Brace::function;
}

/// Reads a shape from brace to brace.
class Reader {
 public:
  explicit Reader(std::string shape) : shape_(std::move(shape)) {}

  std::optional<std::vector<Function>> run() {
    for (at_ = 0; at_ < shape_.size(); ++at_) {
      const char c = shape_[at_];
      if (c == '\n') ++line_;
      if (c == '(') ++parentheses_;
      if (c == ')') --parentheses_;
      if (c == '{') {
        if (!open()) return std::nullopt;
      } else if (c == '}') {
        if (scopes_ == 0) return std::nullopt;
        --scopes_;
        begin_head();
      } else if (c == ';' && parentheses_ == 0) {
        begin_head();
      } else {
        add(c);
      }
    }
    if (scopes_ != 0) return std::nullopt;
    return std::move(functions_);
  }

 private:
  void begin_head() { head_.clear(); }

  void add(char c) {
    const bool blank = std::isspace(static_cast<unsigned char>(c)) != 0;
    if (head_.empty() && blank) return;
    if (head_.empty()) head_line_ = line_;
    head_ += c;
    for (const char* label : {"public:", "private:", "protected:"}) {
      if (head_ == label) return begin_head();
    }
  }

  bool open() {
    const Brace brace = parentheses_ > 0 ? Brace::other : classify(head_);
    if (brace == Brace::scope) {
      ++scopes_;
      begin_head();
      return true;
    }
    const std::size_t end = closing(shape_, at_, '{', '}');
    if (end == std::string::npos) return false;
    const auto breaks = std::count(shape_.begin() + static_cast<std::ptrdiff_t>(at_),
                                   shape_.begin() + static_cast<std::ptrdiff_t>(end), '\n');
    line_ += static_cast<int>(breaks);
    at_ = end;
    if (brace == Brace::function) {
      const std::string head = bare_head(head_);
      functions_.push_back(
          {trimmed(head.substr(0, head.find('('))), head_line_, line_ - head_line_ + 1});
      begin_head();
    } else {
      head_ += "{}";  // part of a declaration that goes on
    }
    return true;
  }

  std::string shape_;
  std::size_t at_ = 0;
  int line_ = 1, head_line_ = 1, parentheses_ = 0, scopes_ = 0;
  std::string head_;
  std::vector<Function> functions_;
};

}  // namespace

std::optional<std::vector<Function>> functions_of(std::string_view text) {
  return Reader(shape_of(text)).run();
}

}  // namespace house
