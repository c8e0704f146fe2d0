// Any text as a reader's message: refused with a reason, or read as what a lenient reader of JSON
// finds in it, within the log and within its bounds; written again it is read the same.
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "connectors/web/client_message.hpp"
#include "engine/base/ensure.hpp"

namespace {

using namespace connectors::web;
namespace json = boost::json;

constexpr engine::Sequence kHead{1000};

std::string written(const ClientMessage& message) {
  json::object object;
  const bool receipt = message.kind == ClientMessage::Kind::receipt;
  object["type"] = receipt ? "receipt" : "ack";
  object["seq"] = number(message.sequence);
  if (receipt) {
    const bool shown = message.state == ClientMessage::State::displayed;
    object["state"] = shown ? "displayed" : "acknowledged";
    if (!message.answer.empty()) object["answer"] = message.answer;
  }
  return json::serialize(object);
}

void check_against_lenient(const ClientMessage& message, std::string_view text) {
  boost::system::error_code error;
  const json::value value = json::parse({text.data(), text.size()}, error);
  ENSURE(!error && value.is_object());
  const json::object& object = value.get_object();
  const bool receipt = message.kind == ClientMessage::Kind::receipt;
  ENSURE(object.at("type").as_string() == (receipt ? "receipt" : "ack"));
  ENSURE(object.at("seq").to_number<std::uint64_t>() == number(message.sequence));
  if (!receipt) return;
  const bool shown = message.state == ClientMessage::State::displayed;
  ENSURE(object.at("state").as_string() == (shown ? "displayed" : "acknowledged"));
  const json::value* answer = object.if_contains("answer");
  const std::string said = answer == nullptr ? "" : std::string(answer->as_string());
  ENSURE(said == message.answer);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto message = parse_client_message(text, kHead);
  if (!message) {
    ENSURE(!message.error().what.empty());
    return 0;
  }
  ENSURE(message->sequence <= kHead);
  ENSURE(message->answer.size() <= 1000);
  check_against_lenient(*message, text);
  const auto again = parse_client_message(written(*message), kHead);
  ENSURE(again.has_value());
  ENSURE(again->kind == message->kind && again->sequence == message->sequence);
  ENSURE(again->state == message->state && again->answer == message->answer);
  return 0;
}
