#pragma once
// A bulletin as messages: the document's octets as they were signed, and in headers what a receiver
// needs to check and to place them (schemas/subjects.md). Pure; any thread.
#include <string>
#include <string_view>
#include <vector>

#include "engine/log.hpp"
#include "engine/subject.hpp"

namespace connectors::nats {

struct Header {
  std::string name, value;
  bool operator==(const Header&) const = default;
};
using Headers = std::vector<Header>;

inline constexpr std::string_view kMessageId = "Nats-Msg-Id";
inline constexpr std::string_view kSequence = "Tocsin-Seq";
inline constexpr std::string_view kEpoch = "Tocsin-Epoch";
inline constexpr std::string_view kSignature = "Tocsin-Signature";
inline constexpr std::string_view kStatus = "Tocsin-Status";
inline constexpr std::string_view kContentType = "Content-Type";

/// Those of all messages of a record but the first, which names the message.
Headers headers_of(const engine::Record& record, const engine::Epoch& epoch,
                   std::string_view system);

/// What names a message: the bulletin's id; of a copy `<id>.<area or organisation>`.
std::string message_id(const engine::BulletinId& id);
std::string message_id(const engine::BulletinId& id, const engine::Subjects::Copy& copy);

/// The answer to somebody who sent an alert: the status that HTTP would have, headers and body.
struct Reply {
  Headers headers;
  std::string body;
};
Reply reply_to(const engine::AppendAnswer& answer, const engine::Epoch& epoch);

}  // namespace connectors::nats
