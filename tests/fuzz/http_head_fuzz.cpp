// Any bytes as the head of a request: read or refused with a sentence, and what is read names a
// method, a path, a length that was written once, and exactly the fields that a reader by hand
// finds in its lines.
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
  (void)engine::Filter::parse(request.query, engine::cap::Status::exercise,
                              engine::Places::builtin());
  return 0;
}
