#pragma once
// A code as one short text: who sends it, the code, how long it counts, and what to do for whoever
// did not ask for it. Pure; any thread.
//
//   exercise-gb: your code is 123456. It counts for 10 minutes. If you did not ask for it, ignore
//   this message.
#include <string>

#include "engine/channel.hpp"

namespace connectors::sms {

/// One part, whatever the system is called; Welsh for "cy", English for others.
std::string code_text(const engine::CodeMessage& message, engine::Time now);

}  // namespace connectors::sms
