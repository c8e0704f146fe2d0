#include "connectors/webhook/standard_webhook.hpp"

#include <algorithm>
#include <charconv>

#include "engine/base/ensure.hpp"
#include "engine/trust/keyed_hash.hpp"

namespace connectors::webhook {

using engine::Bytes;
using engine::BytesView;
using engine::Failure;
using engine::Fate;
using engine::Octets;
using engine::Outcome;

namespace {

constexpr std::string_view kShared = "whsec_";
constexpr std::string_view kPrivate = "whsk_";
constexpr std::size_t kSeedBytes = 32;
constexpr std::size_t kPairBytes = 64;

/// A number of seconds in digits alone; nothing else is believed.
std::optional<engine::Duration> seconds_in(std::string_view text) {
  std::uint32_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (end != text.data() + text.size() || text.empty()) return std::nullopt;
  if (error == std::errc::result_out_of_range) return kRetryAfterMax;
  if (error != std::errc()) return std::nullopt;
  return std::min<engine::Duration>(std::chrono::seconds{seconds}, kRetryAfterMax);
}

}  // namespace

engine::Result<Secret> Secret::read(std::string_view text) {
  const bool shared = text.starts_with(kShared);
  if (!shared && !text.starts_with(kPrivate)) {
    return Failure{"A webhook's secret begins with whsec_ or whsk_."};
  }
  const auto octets = engine::from_base64(text.substr((shared ? kShared : kPrivate).size()));
  if (!octets) return Failure{"Behind its prefix a webhook's secret is base64 with padding."};
  if (shared) {
    if (octets->size() < kSecretBytesMin || octets->size() > kSecretBytesMax) {
      return Failure{"A webhook's whsec_ secret has 24 to 64 octets."};
    }
    return Secret(*octets);
  }
  if (octets->size() != kSeedBytes && octets->size() != kPairBytes) {
    return Failure{"A webhook's whsk_ key has 32 octets, or 64 with its public half."};
  }
  return Secret(*engine::exactly<kSeedBytes>(BytesView(*octets).substr(0, kSeedBytes)));
}

std::string Secret::signature(std::string_view signed_content) const {
  if (const auto* shared = std::get_if<Bytes>(&key_)) {
    const auto hash = engine::trust::hmac_sha256(*shared, signed_content);
    return "v1," + engine::to_base64(engine::view(hash));
  }
  const auto signature = engine::trust::sign_plainly(std::get<Octets<32>>(key_), signed_content);
  return "v1a," + engine::to_base64(engine::view(signature));
}

Headers sign(std::span<const Secret> secrets, const engine::DeliveryId& id, engine::Time now,
             BytesView body) {
  ENSURE(!secrets.empty() && secrets.size() <= kSecretsAtOnce);
  Headers headers;
  headers.id = "msg_" + engine::to_hex(engine::view(id));
  headers.timestamp =
      std::to_string(std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count());
  std::string content = headers.id + "." + headers.timestamp + ".";
  content += body;
  for (const Secret& secret : secrets) {
    if (!headers.signature.empty()) headers.signature += ' ';
    headers.signature += secret.signature(content);
  }
  return headers;
}

Outcome outcome_of(int status, std::string_view retry_after) {
  Outcome outcome;
  outcome.why = "HTTP " + std::to_string(status);
  if (status >= 200 && status < 300) {
    outcome.fate = Fate::sent;
  } else if (status == 410) {
    outcome.fate = Fate::permanent;
    outcome.contact_dead = true;
  } else {
    outcome.not_before = seconds_in(retry_after);
  }
  return outcome;
}

}  // namespace connectors::webhook
