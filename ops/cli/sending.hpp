#pragma once
// Handing an envelope to the engine, for send and cancel.
#include <cstdint>
#include <string>

#include "engine/bulletin.hpp"
#include "ops/cli/commands.hpp"

namespace ops::cli {

/// Where the engine says the bulletin stands.
struct Sent {
  std::uint64_t sequence = 0;
  std::string epoch, id, at;
  bool repeat = false;
};

Outcome<Sent> send_envelope(Session& session, const engine::Envelope& envelope);

void show_sent(Session& session, const Sent& sent, Form form);

}  // namespace ops::cli
