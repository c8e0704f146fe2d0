#pragma once
// What a reader may say on its stream or by POST /v1/receipts (schemas/stream.md). No I/O.
#include <string>
#include <string_view>

#include "engine/base/result.hpp"
#include "engine/position.hpp"
#include "engine/receipts.hpp"

namespace connectors::web {

struct ClientMessage {
  enum class Kind { ack, receipt } kind = Kind::ack;
  engine::Sequence sequence = engine::Sequence::none;
  enum class State { displayed, acknowledged } state = State::displayed;
  std::string answer;
};

/// {"type":"ack","seq"} or {"type":"receipt","seq","state","answer"?}; `seq` at most `head`.
engine::Result<ClientMessage> parse_client_message(std::string_view text, engine::Sequence head);

/// What a receipt says, still of nobody.
engine::Receipt receipt_of(const ClientMessage& message);

}  // namespace connectors::web
