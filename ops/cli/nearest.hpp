#pragma once
// Which of the words there are somebody may have meant. Pure.
#include <string>
#include <string_view>
#include <vector>

namespace ops::cli {

/// How many letters have to be put in, left out, changed or swapped with the next one.
std::size_t distance(std::string_view one, std::string_view other);

/// The nearest one to what was typed; the first of equals, and none where it is no slip: more than
/// a letter, and one more for each four, unless it is where a word begins.
std::string nearest(std::string_view typed, const std::vector<std::string>& words);

}  // namespace ops::cli
