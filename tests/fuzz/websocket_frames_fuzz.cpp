// Any bytes as a client's frames: whole or an octet at a time they give the same messages and the
// same fault, within the bounds; and a text message goes to the reader of client messages.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "connectors/web/client_message.hpp"
#include "connectors/web/websocket_frames.hpp"
#include "engine/base/ensure.hpp"
#include "engine/limits.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace connectors::web;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  constexpr auto kMax = engine::limits::kInboundMessageBytes;
  FrameReader whole_reader(kMax);
  FrameReader slow_reader(kMax);
  std::vector<Message> whole;
  std::vector<Message> slow;
  const auto whole_fault = whole_reader.read(bytes, whole);
  std::optional<engine::CloseReason> slow_fault;
  for (std::size_t i = 0; i < bytes.size() && !slow_fault; ++i) {
    slow_fault = slow_reader.read(bytes.substr(i, 1), slow);
  }
  ENSURE(whole_fault == slow_fault);
  ENSURE(whole.size() == slow.size());
  for (std::size_t i = 0; i < whole.size(); ++i) {
    ENSURE(whole[i].kind == slow[i].kind);
    ENSURE(whole[i].payload == slow[i].payload);
    ENSURE(whole[i].payload.size() <= kMax);
    if (whole[i].kind == Message::Kind::text) {
      (void)parse_client_message(whole[i].payload, engine::Sequence{100}).has_value();
    }
  }
  return 0;
}
