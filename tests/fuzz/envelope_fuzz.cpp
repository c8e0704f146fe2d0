// Any bytes as an envelope: read or refused, and what is read comes back the same when it is
// written and read again.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/base/ensure.hpp"
#include "engine/trust/envelope.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace engine;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const auto first = trust::parse_envelope(body);
  if (const auto* refusal = std::get_if<Refusal>(&first)) {
    ENSURE(refusal->code == Code::too_large || refusal->code == Code::malformed_envelope);
    ENSURE(!refusal->detail.empty());
    return 0;
  }
  const auto& envelope = std::get<Envelope>(first);
  const auto second = trust::parse_envelope(trust::envelope_json(envelope));
  const auto* again = std::get_if<Envelope>(&second);
  ENSURE(again != nullptr);
  ENSURE(again->payload_type == envelope.payload_type);
  ENSURE(again->payload == envelope.payload);
  ENSURE(again->signatures == envelope.signatures);
  return 0;
}
