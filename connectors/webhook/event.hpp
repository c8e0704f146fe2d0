#pragma once
// What is said over a webhook: the event that is sent (schemas/webhook.md), and what a receiver's
// answer to it may say. Pure; any thread.
#include <optional>
#include <string>
#include <string_view>

#include "engine/channel.hpp"

namespace connectors::webhook {

/// The body: the same octets for every attempt, so that a receiver may compare them.
std::string event_of(const engine::Attempt& attempt);

/// `{"state":"displayed"|"acknowledged","answer":"…"}`, whatever stands beside them; nothing where
/// the answer says nothing of the kind. An answer that is too long is no receipt.
std::optional<engine::Attempted::Said> said_in(std::string_view body);

}  // namespace connectors::webhook
