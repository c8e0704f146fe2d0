#pragma once
// What every command is given: the terminal, the flags common to all, and what time it is.
#include <optional>
#include <string>

#include "engine/base/time.hpp"
#include "ops/cli/terminal.hpp"

namespace ops::cli {

struct Session {
  Terminal* terminal = nullptr;
  std::string server = "http://127.0.0.1:8080";
  std::string trust_file;          // empty: none was given
  std::optional<engine::Time> at;  // a time set by hand, for tests and for asking "what if"

  engine::Time now() const { return at ? *at : engine::SystemClock{}.now(); }
};

}  // namespace ops::cli
