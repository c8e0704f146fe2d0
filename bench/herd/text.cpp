#include "bench/herd/text.hpp"

#include <charconv>
#include <cstdlib>
#include <cstring>

#include "bench/herd/fault.hpp"

namespace bench {

std::string unescaped(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      plain += text[i];
      continue;
    }
    const char letter = text[++i];
    unsigned octet = 0;
    const std::string_view digits = text.substr(i + 1, 2);
    if (letter == 'x' && digits.size() == 2 &&
        std::from_chars(digits.data(), digits.data() + 2, octet, 16).ptr == digits.data() + 2) {
      plain += static_cast<char>(octet);
      i += 2;
    } else {
      plain += letter == 'r' ? '\r' : letter == 'n' ? '\n' : letter == 't' ? '\t' : letter;
    }
  }
  return plain;
}

std::string replaced(std::string text, std::string_view key, std::string_view value) {
  for (std::size_t at = text.find(key); at != std::string::npos;
       at = text.find(key, at + value.size())) {
    text.replace(at, key.size(), value);
  }
  return text;
}

std::vector<std::string> split(std::string_view text, char at) {
  std::vector<std::string> parts;
  for (std::size_t end = 0; end != std::string_view::npos;) {
    end = text.find(at);
    parts.emplace_back(text.substr(0, end));
    if (end != std::string_view::npos) text.remove_prefix(end + 1);
  }
  return parts;
}

double decimal(const std::string& text) {
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !(number >= 0)) give_up("no number: {}", text);
  return number;
}

std::uint64_t leading_number(std::string_view text) {
  std::uint64_t number = 0;
  for (const char digit : text) {
    if (digit < '0' || digit > '9') break;
    number = number * 10 + static_cast<std::uint64_t>(digit - '0');
  }
  return number;
}

std::size_t found_in(std::string_view whole, std::string_view part) {
  const void* const at = memmem(whole.data(), whole.size(), part.data(), part.size());
  if (at == nullptr) return std::string_view::npos;
  return static_cast<std::size_t>(static_cast<const char*>(at) - whole.data());
}

std::uint64_t number_behind(std::string_view text, std::string_view key) {
  const std::size_t at = found_in(text, key);
  return at == std::string_view::npos ? 0 : leading_number(text.substr(at + key.size()));
}

std::string_view quoted_behind(std::string_view text, std::string_view key) {
  const std::size_t at = found_in(text, key);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + key.size());
  if (!text.starts_with('"')) return {};
  text.remove_prefix(1);
  return text.substr(0, text.find('"'));
}

}  // namespace bench
