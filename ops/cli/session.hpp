#pragma once
// What every command is given: the terminal, the flags common to all, and what time it is.
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/base/time.hpp"
#include "ops/cli/terminal.hpp"

namespace ops::cli {

struct Session {
  Terminal* terminal = nullptr;
  std::string server = "http://127.0.0.1:8080";
  bool server_named = false;       // by a flag, the environment or a context
  std::string trust_file;          // empty: none was given
  std::vector<std::string> roots;  // key ids the trust document has to be signed by; may be empty
  std::string token_file;          // empty: reads as anybody may
  std::string ca_file;             // of https; empty: the authorities this machine believes
  std::string context;             // the name of the context these came from; may be empty
  std::optional<engine::Time> at;  // a time set by hand, for tests and for asking "what if"

  std::set<std::string> expiries_said;  // each is said once, however often its document is read

  engine::Time now() const { return at ? *at : engine::SystemClock{}.now(); }
};

}  // namespace ops::cli
