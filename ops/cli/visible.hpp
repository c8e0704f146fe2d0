#pragma once
// Text from outside, made fit for a terminal: an alert must not move the cursor, change colours, or
// turn the reading direction of what stands beside it. Pure.
#include <string>
#include <string_view>

namespace ops::cli {

/// On one line: control characters, bidirectional overrides and octets that are not UTF-8 are
/// written out (`<U+202E>`, `<0xFF>`); line breaks and tabs become one space.
std::string visible(std::string_view text);

/// The same, but line breaks stay.
std::string visible_lines(std::string_view text);

/// JSON that is its own text's equal: what `visible` would write out stands as an escape.
std::string visible_json(std::string_view json);

/// How many columns a text takes, one a code point; our own colours take none.
std::size_t width(std::string_view text);

/// `text` in lines of at most `columns`, each after `indent`; words longer than a line stay whole.
/// Lines end with `\n`.
std::string wrapped(std::string_view text, std::size_t columns, std::string_view indent);

/// Talk for a window of so many columns: lines that are too long are wrapped under their own
/// indent. Indented commands stay whole, since people copy them.
std::string fitted(std::string_view talk, std::size_t columns);

}  // namespace ops::cli
