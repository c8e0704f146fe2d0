// Any bytes as the head of a request: read or refused with a sentence, and what is read names a
// method, a path, a length that was written once, and exactly the fields that a reader by hand
// finds in its lines. Answers, refusals too, are heads that our own reader takes.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/web/http_message.hpp"
#include "engine/base/ensure.hpp"
#include "engine/filter.hpp"

namespace {

using connectors::web::Field;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

/// The fields of a head, one a line, by name.
std::vector<Field> by_hand(std::string_view head) {
  std::vector<Field> fields;
  head.remove_prefix(head.find("\r\n") + 2);
  while (!head.starts_with("\r\n")) {
    const std::string_view line = head.substr(0, head.find("\r\n"));
    const auto colon = line.find(':');
    ENSURE(colon != std::string_view::npos);
    fields.emplace_back(lower(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
    head.remove_prefix(line.size() + 2);
  }
  std::stable_sort(fields.begin(), fields.end());
  return fields;
}

/// A status line, lines of fields, an empty line, and as many octets as were announced.
void check_answer(const connectors::web::Response& response) {
  using namespace connectors::web;
  const std::string whole = serialize(response, BodyPart::with_body);
  const std::string head = serialize(response, BodyPart::without_body);
  ENSURE(whole == head + response.body && head_size(head) == head.size());
  ENSURE(head.starts_with("HTTP/1.1 " + std::to_string(response.status) + " "));
  for (const auto& [name, value] : by_hand(head)) {
    if (name == "content-length") ENSURE(value == std::to_string(response.body.size()));
    for (const char c : value) ENSURE(static_cast<unsigned char>(c) >= 0x20);
  }
}

/// What is chosen for a request by its fields.
void check_choices(const connectors::web::Request& request) {
  using namespace connectors::web;
  constexpr std::string_view kType = "text/event-stream";
  if (request.accepts(kType))
    ENSURE(lower(request.field("accept")).find(kType) != std::string::npos);
  Response answer;
  answer.status = 101;
  const std::string accept = websocket_accept(request.field("sec-websocket-key"));
  ENSURE(accept.empty() || accept.size() == 28);
  answer.fields.emplace_back("Sec-WebSocket-Accept", accept);
  check_answer(answer);
  answer.status = 200;
  answer.body = request.path;
  answer.then = request.keep_alive ? Response::Then::keep : Response::Then::close;
  check_answer(answer);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace connectors::web;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::size_t end = head_size(bytes);
  if (end == 0) return 0;
  const auto parsed = parse_head(bytes.substr(0, end));
  if (const auto* refusal = std::get_if<engine::Refusal>(&parsed)) {
    ENSURE(refusal->code == engine::Code::bad_query);
    ENSURE(!refusal->detail.empty());
    check_answer(problem(*refusal));
    return 0;
  }
  const auto& request = std::get<Request>(parsed);
  ENSURE(!request.method.empty());
  ENSURE(request.path.starts_with('/'));
  std::vector<Field> fields = request.fields;
  std::stable_sort(fields.begin(), fields.end());
  ENSURE(fields == by_hand(bytes.substr(0, end)));
  ENSURE(request.field("transfer-encoding").empty());
  ENSURE(request.content_length == 0 || !request.field("content-length").empty());
  check_choices(request);
  (void)engine::Filter::parse(request.query, engine::cap::Status::exercise,
                              engine::Places::builtin());
  return 0;
}
