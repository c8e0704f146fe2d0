// Any octets as what a machine of a cluster appends: read or refused, and what was read is written
// as it came.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "connectors/nats/batch.hpp"
#include "engine/base/ensure.hpp"
#include "engine/trust/signature.hpp"

using namespace connectors::nats;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto head = decode_batch_head(bytes);
  const auto batch = decode_batch(bytes, engine::Places::builtin());
  ENSURE(!batch || !is_void(bytes));
  if (!batch) return 0;
  ENSURE(head && head->epoch == batch->epoch && head->after == batch->after);
  ENSURE(number(batch->through()) == number(batch->after) + batch->records.size());
  for (const auto& agreed : batch->records) {
    ENSURE(agreed.record.bulletin->id ==
           engine::trust::sha256(agreed.record.bulletin->envelope.payload));
  }
  ENSURE(encode_batch(*batch) == bytes);
  return 0;
}
