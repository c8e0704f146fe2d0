#pragma once
// A record's bytes on disk (schemas/record.md). Encoding and decoding do no I/O; any thread.
#include "engine/base/result.hpp"
#include "engine/log.hpp"

namespace engine {

/// Version 2, numbers big-endian (1 is still read: its outline has boxes in place of shapes):
///
///   offset  size  what
///        0     1  version, 2
///        1     8  sequence
///        9     8  at: milliseconds since 1970-01-01T00:00:00Z, signed
///       17    32  id: SHA-256 of the payload
///       49     4  O, length of the outline
///       53     O  outline: what engine/cap/outline.hpp says, completed by the log
///     53+O     1  S, number of signatures
///     54+O   96 S  each: 32 bytes key id, 64 bytes signature
///        …     4  P, length of the payload
///        …     P  payload: the CAP XML document, byte for byte as it was signed
///        …     4  CRC-32C of everything before
///
/// The payload type is not stored: it is always `application/cap+xml`.
Bytes encode_record(const Record& record);

/// The record in `bytes`, which must be that of `sequence`: whole, with nothing left over, its
/// checksum right and its payload hashing to its id. Never gives out anything else.
Result<Record> decode_record(BytesView bytes, Sequence sequence);

/// The outline alone, after the same check of the checksum; spares hashing and copying the payload.
Result<cap::Outline> decode_record_outline(BytesView bytes, Sequence sequence);

}  // namespace engine
