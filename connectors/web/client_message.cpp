#include "connectors/web/client_message.hpp"

#include <boost/json/object.hpp>

#include "engine/trust/strict_json.hpp"

namespace connectors::web {

namespace json = boost::json;
using engine::Failure;
using engine::Result;
using engine::Sequence;

namespace {

constexpr std::size_t kAnswerBytes = 1000;

Result<Sequence> sequence_of(const json::object& object, Sequence head) {
  const json::value* value = object.if_contains("seq");
  if (value == nullptr) return Failure{"seq is missing"};
  if (!value->is_int64() || value->as_int64() < 0) return Failure{"seq is not a sequence"};
  const Sequence sequence{static_cast<std::uint64_t>(value->as_int64())};
  if (sequence > head) return Failure{"seq is beyond the log"};
  return sequence;
}

Result<ClientMessage> receipt(const json::object& object, ClientMessage message) {
  message.kind = ClientMessage::Kind::receipt;
  const json::value* state = object.if_contains("state");
  if (state == nullptr || !state->is_string()) return Failure{"state is missing"};
  if (state->as_string() == "displayed") {
    message.state = ClientMessage::State::displayed;
  } else if (state->as_string() == "acknowledged") {
    message.state = ClientMessage::State::acknowledged;
  } else {
    return Failure{"state is displayed or acknowledged"};
  }
  if (const json::value* answer = object.if_contains("answer")) {
    if (!answer->is_string() || answer->as_string().size() > kAnswerBytes) {
      return Failure{"answer is a text of at most 1000 octets"};
    }
    message.answer = std::string(answer->as_string());
  }
  return message;
}

}  // namespace

Result<ClientMessage> parse_client_message(std::string_view text, Sequence head) {
  const auto value = engine::trust::parse_strict_json(text, 4);
  if (!value) return Failure{"not JSON"};
  if (!value->is_object()) return Failure{"not an object"};
  const json::object& object = value->get_object();
  const json::value* type = object.if_contains("type");
  if (type == nullptr || !type->is_string()) return Failure{"type is missing"};
  const auto sequence = sequence_of(object, head);
  if (!sequence) return sequence.error();
  ClientMessage message;
  message.sequence = *sequence;
  if (type->as_string() == "ack") return message;
  if (type->as_string() == "receipt") return receipt(object, std::move(message));
  return Failure{"type is ack or receipt"};
}

engine::Receipt receipt_of(const ClientMessage& message) {
  engine::Receipt receipt;
  receipt.sequence = message.sequence;
  receipt.state = message.state == ClientMessage::State::displayed
                      ? engine::Receipt::State::displayed
                      : engine::Receipt::State::acknowledged;
  receipt.answer = message.answer;
  return receipt;
}

}  // namespace connectors::web
