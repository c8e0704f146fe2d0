#pragma once
// DSSE 1.0.2 envelopes: read strictly, written in one form.
#include <variant>

#include "engine/bulletin.hpp"
#include "engine/refusal.hpp"

namespace engine::trust {

struct EnvelopeLimits {
  std::size_t body_max = 512 * 1024;
  std::size_t payload_max = 256 * 1024;
  std::size_t signatures_max = 8;
};

/// A trust document may be longer than an alert: it names every officer of every sender.
inline constexpr EnvelopeLimits kTrustEnvelopeLimits{
    .body_max = 8 << 20, .payload_max = 6 << 20, .signatures_max = 32};

/// Questions 1 and 2 of admission: `too_large` or `malformed_envelope`. Looks at no signature and
/// not into the payload. Members it does not know are ignored, as DSSE asks.
std::variant<Envelope, Refusal> parse_envelope(std::string_view body,
                                               const EnvelopeLimits& limits = {});

/// {"payloadType","payload","signatures":[{"keyid","sig"}]}, on one line, keys in this order.
std::string envelope_json(const Envelope& envelope);
void append_envelope_json(std::string& text, const Envelope& envelope);

}  // namespace engine::trust
