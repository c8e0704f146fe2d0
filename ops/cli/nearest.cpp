#include "ops/cli/nearest.hpp"

#include <algorithm>

namespace ops::cli {

std::size_t distance(std::string_view one, std::string_view other) {
  const std::size_t columns = other.size() + 1;
  std::vector<std::size_t> before(columns), last(columns), row(columns);
  for (std::size_t i = 0; i < columns; ++i) last[i] = i;
  for (std::size_t y = 1; y <= one.size(); ++y) {
    row[0] = y;
    for (std::size_t x = 1; x < columns; ++x) {
      const std::size_t changed = last[x - 1] + (one[y - 1] == other[x - 1] ? 0 : 1);
      row[x] = std::min({row[x - 1] + 1, last[x] + 1, changed});
      const bool swapped =
          y > 1 && x > 1 && one[y - 1] == other[x - 2] && one[y - 2] == other[x - 1];
      if (swapped) row[x] = std::min(row[x], before[x - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last.back();
}

std::string nearest(std::string_view typed, const std::vector<std::string>& words) {
  constexpr std::size_t kTypedMax = 64;  // nothing that long is a slip
  constexpr std::size_t kLettersASlip = 4;
  if (typed.empty() || typed.size() > kTypedMax) return {};
  const std::string* found = nullptr;
  std::size_t least = 2 + typed.size() / kLettersASlip;
  for (const auto& word : words) {
    const bool begins = typed.size() > 1 && word.starts_with(typed);
    const std::size_t far = begins ? 1 : distance(typed, word);
    if (far >= least) continue;
    least = far;
    found = &word;
  }
  return found == nullptr ? std::string() : *found;
}

}  // namespace ops::cli
