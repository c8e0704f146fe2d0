#pragma once
// What the requests of an organisation about itself need beside the engine. Any thread; each may be
// missing.
#include <functional>
#include <string_view>

#include "engine/base/result.hpp"
#include "engine/channel.hpp"
#include "engine/directory.hpp"

namespace connectors::web {

struct OwnParts {
  /// Whether codes can be sent by that way.
  std::function<bool(engine::Way)> sends_codes;
  /// Sends one; false where too many are on their way.
  std::function<void(engine::Way, engine::CodeMessage, engine::Done<bool>)> send_code;
  /// Erases it and everything of it, everywhere, as the operator does; waits for the disk.
  std::function<engine::Result<engine::Erased>(std::string_view)> erase;
};

}  // namespace connectors::web
