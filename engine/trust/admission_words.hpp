#pragma once
// How refusals quote what they saw: short, in quotation marks, whatever a stranger wrote. Any
// thread.
#include <string>
#include <string_view>
#include <vector>

#include "engine/bulletin.hpp"

namespace engine {

/// The text in quotation marks, at most some eighty bytes of it, cut between characters.
inline std::string quoted(std::string_view text) {
  constexpr std::size_t length_max = 80;
  if (text.size() <= length_max) return '"' + std::string(text) + '"';
  std::size_t end = length_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80) --end;
  return '"' + std::string(text.substr(0, end)) + "...\"";
}

/// "a, b and c"; of many the first eight, and how many more.
inline std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t names_max = 8;
  const std::size_t shown = names.size() > names_max ? names_max : names.size();
  std::string text;
  for (std::size_t i = 0; i < shown; ++i) {
    const bool last = i + 1 == names.size();
    if (i > 0) text += last ? " and " : ", ";
    text += names[i];
  }
  if (shown < names.size()) text += " and " + std::to_string(names.size() - shown) + " more";
  return text;
}

inline std::string name_of(const KeyId& keyid) { return to_hex(view(keyid)); }

}  // namespace engine
