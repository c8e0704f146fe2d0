#include "connectors/nats/message.hpp"

#include <fmt/format.h>

#include "engine/admitted.hpp"

namespace connectors::nats {

Headers headers_of(const engine::Record& record, const engine::Epoch& epoch,
                   std::string_view system) {
  const engine::Bulletin& bulletin = *record.bulletin;
  Headers headers;
  headers.push_back({std::string(kSequence), std::to_string(number(record.sequence))});
  headers.push_back({std::string(kEpoch), epoch});
  for (const auto& block : bulletin.envelope.signatures) {
    headers.push_back({std::string(kSignature),
                       fmt::format("keyid={};sig={}", engine::to_hex(engine::view(block.keyid)),
                                   engine::to_base64(engine::view(block.signature)))});
  }
  headers.push_back({std::string(kContentType), std::string(engine::kCapType)});
  headers.push_back({"ce-specversion", "1.0"});
  headers.push_back({"ce-type", "tocsin.alert"});
  headers.push_back({"ce-source", fmt::format("tocsin:{}", system)});
  headers.push_back({"ce-id", engine::to_hex(engine::view(bulletin.id))});
  headers.push_back({"ce-time", engine::format_time(record.at)});
  return headers;
}

std::string message_id(const engine::BulletinId& id) { return engine::to_hex(engine::view(id)); }

std::string message_id(const engine::BulletinId& id, const engine::Subjects::Copy& copy) {
  return message_id(id) + '.' + copy.of;
}

Reply reply_to(const engine::AppendAnswer& answer, const engine::Epoch& epoch) {
  Reply reply;
  if (const auto* appended = std::get_if<engine::Appended>(&answer)) {
    reply.headers = {{std::string(kStatus), appended->repeat ? "200" : "201"},
                     {std::string(kContentType), "application/json"}};
    reply.body = engine::admitted_json(*appended, epoch);
    return reply;
  }
  const auto& refusal = std::get<engine::Refusal>(answer);
  reply.headers = {{std::string(kStatus), std::to_string(engine::http_status(refusal.code))},
                   {std::string(kContentType), "application/problem+json"}};
  if (refusal.retry_after_s > 0) {
    reply.headers.push_back({"Retry-After", std::to_string(refusal.retry_after_s)});
  }
  reply.body = engine::problem_json(refusal);
  return reply;
}

}  // namespace connectors::nats
