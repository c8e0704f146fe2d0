#pragma once
// C++ as its shape alone: comments, texts and preprocessor lines blanked, every line break kept, so
// that braces and line numbers can be trusted. Pure.
#include <string>
#include <string_view>
#include <vector>

namespace house {

/// The code of `text` with everything that is not code replaced by spaces. What was a text keeps
/// its quotes and loses what stood between them.
std::string shape_of(std::string_view text);

/// The paths between quotes of `#include "..."`, and between angles of `#include <...>`.
struct Include {
  std::string path;
  bool quoted = false;
  int line = 0;
};
std::vector<Include> includes_of(std::string_view text);

}  // namespace house
