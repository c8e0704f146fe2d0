// Any bytes as the head of a request: read or refused with a sentence, and what is read names a
// method, a path, and a length that was written once.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "connectors/web/http_message.hpp"
#include "engine/base/ensure.hpp"
#include "engine/filter.hpp"

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
  ENSURE(request.field("transfer-encoding").empty());
  ENSURE(request.content_length == 0 || !request.field("content-length").empty());
  (void)engine::Filter::parse(request.query, engine::cap::Status::exercise,
                              engine::Places::builtin());
  return 0;
}
