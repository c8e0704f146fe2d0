// Any bytes as a trust document's payload: read or refused in a sentence, and what is read comes
// back the same when it is written and read again. The same bytes as a whole file, too: without
// root keys nobody gets a document past the signatures.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/base/ensure.hpp"
#include "engine/trust/authoring.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace engine;
  static const bool started = trust::start_crypto();
  ENSURE(started);
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);

  const auto file = trust::read_trust(bytes, {});
  if (!file) ENSURE(file.error().what.ends_with('.'));

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
