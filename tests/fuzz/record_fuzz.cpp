// Any bytes as a stored record: refused in a sentence, or read and written again as the same bytes
// (those of version 1 as the same record). A checksum would keep the fuzzer out, so the bytes are
// tried with a right one as well.
#include <cstddef>
#include <cstdint>

#include "engine/base/crc32c.hpp"
#include "engine/base/ensure.hpp"
#include "engine/base/octet_io.hpp"
#include "engine/log/record.hpp"

namespace {

using namespace engine;

constexpr std::size_t kIdAt = 17;
constexpr std::size_t kOutlineAt = 49;

Bytes sealed(BytesView body) {
  OctetWriter seal;
  seal.put(crc32c(body));
  return Bytes(body) + Bytes(seal.bytes());
}

/// The same body with the id its payload hashes to, where it can be told what its payload is.
Bytes with_true_id(BytesView body) {
  OctetReader in(body);
  in.raw(kOutlineAt);
  in.text();
  in.raw(in.number<std::uint8_t>() * std::size_t{96});
  const BytesView payload = in.text();
  Bytes changed(body);
  if (in.good()) changed.replace(kIdAt, 32, view(trust::sha256(payload)));
  return changed;
}

Sequence named_sequence(BytesView record) {
  OctetReader in(record);
  in.raw(1);
  return Sequence{in.number<std::uint64_t>()};
}

void try_record(BytesView record) {
  const Sequence sequence = named_sequence(record);
  const auto outline = decode_record_outline(record, sequence);
  const auto decoded = decode_record(record, sequence);
  if (!decoded) {
    ENSURE(!decoded.error().what.empty());
    return;
  }
  ENSURE(outline.has_value());
  ENSURE(decoded->sequence == sequence);
  ENSURE(trust::sha256(decoded->bulletin->envelope.payload) == decoded->bulletin->id);
  const Bytes again = encode_record(*decoded);
  if (record.front() != 1) {
    ENSURE(again == record);
    return;
  }
  // Version 1 is read and never written.
  const auto newer = decode_record(again, sequence);
  ENSURE(newer && newer->bulletin->outline == decoded->bulletin->outline);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView bytes(reinterpret_cast<const char*>(data), size);
  try_record(bytes);
  try_record(sealed(bytes));
  try_record(sealed(with_true_id(bytes)));
  return 0;
}
