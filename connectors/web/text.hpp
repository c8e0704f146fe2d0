#pragma once
// Small things that the fields of HTTP are read with. Pure; any thread.
#include <algorithm>
#include <string>
#include <string_view>

namespace connectors::web {

/// Without the blanks and tabs at both ends.
inline std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// The part of `rest` up to `mark`, trimmed, which `rest` loses.
inline std::string_view cut(std::string_view& rest, char mark) {
  const auto at = std::min(rest.find(mark), rest.size());
  const std::string_view part = trimmed(rest.substr(0, at));
  rest.remove_prefix(std::min(at + 1, rest.size()));
  return part;
}

/// The same for a list whose items may hold quoted strings (RFC 9110 section 5.6.4): a mark in one
/// of those ends nothing.
inline std::string_view cut_outside_quotes(std::string_view& rest, char mark) {
  bool quoted = false;
  std::size_t at = 0;
  for (; at < rest.size() && (quoted || rest[at] != mark); ++at) {
    if (rest[at] == '"') quoted = !quoted;
    if (quoted && rest[at] == '\\' && at + 1 < rest.size()) ++at;
  }
  const std::string_view part = trimmed(rest.substr(0, at));
  rest.remove_prefix(std::min(at + 1, rest.size()));
  return part;
}

/// Of A to Z; other octets are what they were.
inline char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
inline std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = lower(c);
  return result;
}

}  // namespace connectors::web
