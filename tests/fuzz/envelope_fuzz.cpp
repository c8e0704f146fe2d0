// Any bytes as an envelope: read or refused, and what is read comes back the same when it is
// written and read again. Whatever is larger than asked for is refused as too large, and what is
// not is no other envelope for it.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/base/ensure.hpp"
#include "engine/trust/envelope.hpp"

namespace {

void check_bounded(std::string_view body, const engine::Envelope& whole) {
  using namespace engine;
  const trust::EnvelopeLimits small{.body_max = 1000, .payload_max = 100, .signatures_max = 2};
  const auto bounded = trust::parse_envelope(body, small);
  const bool fits = body.size() <= small.body_max && whole.payload.size() <= small.payload_max &&
                    whole.signatures.size() <= small.signatures_max;
  if (const auto* refusal = std::get_if<Refusal>(&bounded)) {
    ENSURE(!fits && refusal->code == Code::too_large);
  } else {
    ENSURE(fits && std::get<Envelope>(bounded).payload == whole.payload);
  }
}

}  // namespace

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
  check_bounded(body, envelope);
  const auto second = trust::parse_envelope(trust::envelope_json(envelope));
  const auto* again = std::get_if<Envelope>(&second);
  ENSURE(again != nullptr);
  ENSURE(again->payload_type == envelope.payload_type);
  ENSURE(again->payload == envelope.payload);
  ENSURE(again->signatures == envelope.signatures);
  return 0;
}
