#include "engine/delivery/words.hpp"

#include "engine/delivery/limits.hpp"

namespace engine::delivery {
namespace {

constexpr std::string_view kEllipsis = "…";
constexpr std::size_t kDigitsKept = 5;  // a reply's code has three to five

bool is_digit(char c) { return c >= '0' && c <= '9'; }
/// What people put between the digits of a number; a space only where it begins as numbers do,
/// since `550 5.1.1` is none.
bool joins_digits(char c, bool begins_as_number) {
  return c == '-' || c == '.' || c == '(' || c == ')' || c == '/' || (c == ' ' && begins_as_number);
}

bool names_an_address(std::string_view word) {
  return word.find('@') != std::string_view::npos || word.find("://") != std::string_view::npos;
}

/// Where the digits that begin at `at` end, with what joins them, and how many they are.
struct Run {
  std::size_t end = 0;
  std::size_t digits = 0;
};
Run digits_at(std::string_view text, std::size_t at) {
  const bool number = text[at] == '+' || text[at] == '0';
  Run run{at, 0};
  for (std::size_t i = at; i < text.size(); ++i) {
    const bool digit = is_digit(text[i]);
    if (!digit && !joins_digits(text[i], number) && !(i == at && text[i] == '+')) break;
    if (!digit) continue;
    ++run.digits;
    run.end = i + 1;
  }
  return run;
}

std::string without_numbers(std::string_view line) {
  std::string kept;
  for (std::size_t i = 0; i < line.size();) {
    const bool begins = is_digit(line[i]) || line[i] == '+';
    const Run run = begins ? digits_at(line, i) : Run{};
    if (run.digits > kDigitsKept) {
      kept += kEllipsis;
      i = run.end;
    } else if (run.digits > 0) {  // none within it is looked at again
      kept += line.substr(i, run.end - i);
      i = run.end;
    } else {
      kept += line[i++];
    }
  }
  return kept;
}

}  // namespace

std::string cut_to(std::string_view text, std::size_t octets) {
  if (text.size() <= octets) return std::string(text);
  while (octets > 0 && (static_cast<unsigned char>(text[octets]) & 0xc0U) == 0x80U) --octets;
  return std::string(text.substr(0, octets));
}

std::string kept_words(std::string_view said) {
  // Long before it is cut, so that nobody's words take long to look through.
  const std::string bounded = cut_to(said, 8 * limits::kWordsBytes);
  std::string kept, word;
  const auto end_word = [&] {
    if (word.empty()) return;
    if (!kept.empty()) kept += ' ';
    kept += names_an_address(word) ? kEllipsis : std::string_view(word);
    word.clear();
  };
  for (const char c : bounded) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet <= 0x20 || octet == 0x7f) {
      end_word();
    } else {
      word += c;
    }
  }
  end_word();
  return cut_to(without_numbers(kept), limits::kWordsBytes);
}

}  // namespace engine::delivery
