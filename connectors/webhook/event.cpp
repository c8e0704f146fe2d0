#include "connectors/webhook/event.hpp"

#include <boost/json.hpp>

#include "connectors/webhook/limits.hpp"

namespace connectors::webhook {

namespace json = boost::json;
using State = engine::Receipt::State;

std::string event_of(const engine::Attempt& attempt) {
  const engine::Story& story = *attempt.story;
  json::array earlier;
  for (const engine::Told& told : attempt.earlier) {
    earlier.emplace_back("msg_" + engine::to_hex(engine::view(told.delivery)));
  }
  const json::object head = {{"seq", static_cast<std::uint64_t>(story.sequence)},
                             {"id", engine::to_hex(engine::view(story.bulletin->id))},
                             {"expires", engine::format_time(attempt.expires)},
                             {"earlier", std::move(earlier)}};
  // The envelope stands there as it was taken, octet for octet.
  std::string text = json::serialize(head);
  text.pop_back();
  return "{\"type\":\"alert\",\"timestamp\":\"" + engine::format_time(story.alert.sent) +
         "\",\"data\":" + text + ",\"envelope\":" + story.envelope + "}}";
}

std::optional<engine::Attempted::Said> said_in(std::string_view body) {
  if (body.empty() || body.size() > limits::kAnswerBytes) return std::nullopt;
  boost::system::error_code error;
  json::parse_options strict;
  strict.max_depth = 8;
  const json::value value = json::parse(body, error, {}, strict);
  const json::object* object = error ? nullptr : value.if_object();
  const json::value* state = object == nullptr ? nullptr : object->if_contains("state");
  if (state == nullptr || !state->is_string()) return std::nullopt;
  engine::Attempted::Said said;
  if (state->as_string() == "displayed") {
    said.state = State::displayed;
  } else if (state->as_string() != "acknowledged") {
    return std::nullopt;
  }
  if (const json::value* answer = object->if_contains("answer")) {
    if (!answer->is_string() || answer->as_string().size() > limits::kAnswerTextBytes) {
      return std::nullopt;
    }
    said.answer = std::string(answer->as_string());
  }
  return said;
}

}  // namespace connectors::webhook
