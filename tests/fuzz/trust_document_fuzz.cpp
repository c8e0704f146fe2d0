// Any bytes as a trust document's payload: read or refused in a sentence, and what is read comes
// back the same when it is written and read again. The same bytes as a whole file, too: without
// root keys nobody gets a document past the signatures. And signed by a root key of our own, which
// takes the place of the one in the seeds: then what is behind the signatures is reached, and every
// reader who pinned another key, or a newer version, still says no.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/base/ensure.hpp"
#include "engine/trust/authoring.hpp"
#include "tests/support/alert_builder.hpp"

namespace {

using namespace engine;

// The root key of schemas/examples/trust.json, which the fuzzer has no private key for.
constexpr std::string_view kSeedKeyId =
    "39f713d0a644253f04529421b9f51b9b08979d08295959c4f3990ee617f5139f";
constexpr std::string_view kSeedPublic = "PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=";

const trust::SigningKey& root() {
  static const trust::SigningKey key = trust::SigningKey::generate();
  return key;
}

std::string with_our_root(std::string_view payload) {
  std::string text(payload);
  const std::string keyid = to_hex(view(root().keyid()));
  const std::string public_key = to_base64(view(root().public_key()));
  if (const auto at = text.find(kSeedKeyId); at != std::string::npos) {
    text.replace(at, kSeedKeyId.size(), keyid);
  }
  if (const auto at = text.find(kSeedPublic); at != std::string::npos) {
    text.replace(at, kSeedPublic.size(), public_key);
  }
  return text;
}

void check_officers(const trust::TrustDocument& document) {
  for (const trust::Sender& sender : document.senders) {
    for (const trust::Officer& officer : sender.officers) {
      const auto found = document.find(officer.key.keyid);
      ENSURE(found.has_value() && found->sender == &sender && found->officer == &officer);
    }
  }
  ENSURE(!document.find(KeyId{}).has_value());
}

/// Times as they stand in documents of ours and of CAP are written again as the same moment.
void check_times(std::string_view text) {
  if (const auto time = parse_time(text)) ENSURE(parse_time(format_time(*time)) == time);
  if (const auto time = parse_cap_time(text)) {
    ENSURE(parse_cap_time(format_cap_time(*time)) == time);
  }
}

void check_signed(std::string_view bytes) {
  const std::string payload = with_our_root(bytes);
  if (!trust::read_trust_payload(payload)) return;  // signing is dear, and this one was tried
  const auto envelope = tests::sign(payload, {&root()}, trust::kTrustType);
  const std::string file = trust::envelope_json(envelope);
  const auto document = trust::read_trust(file, {});
  if (!document) {
    ENSURE(document.error().what.ends_with('.'));
    return;
  }
  ENSURE((*document)->envelope == file && (*document)->root_threshold == 1);
  trust::Pins pins = trust::pins_of(**document);
  ENSURE(trust::read_trust(file, pins).has_value());
  pins.threshold = 0;  // as many as the document asks
  ENSURE(trust::read_trust(file, pins).has_value());
  trust::Pins same_version = pins;
  same_version.digest->front() ^= 1;
  ENSURE(!trust::read_trust(file, same_version).has_value());
  pins.version += 1;
  ENSURE(!trust::read_trust(file, pins).has_value());
  check_officers(**document);
  Envelope bent = envelope;
  bent.signatures.front().signature.front() ^= 1;
  ENSURE(!trust::read_trust(trust::envelope_json(bent), {}).has_value());
  trust::Pins others;
  others.root_keys = {KeyId{}};
  ENSURE(!trust::read_trust(file, others).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace engine;
  static const bool started = trust::start_crypto();
  ENSURE(started);
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);

  const auto file = trust::read_trust(bytes, {});
  if (!file) ENSURE(file.error().what.ends_with('.'));

  check_signed(bytes);
  check_times(bytes);

  const auto document = trust::read_trust_payload(bytes);
  if (!document) {
    ENSURE(document.error().what.ends_with('.'));
    return 0;
  }
  const std::string written = trust::trust_payload_json(*document);
  const auto again = trust::read_trust_payload(written);
  ENSURE(again.has_value());
  ENSURE(trust::trust_payload_json(*again) == written);
  return 0;
}
