#pragma once
// What a machine of a cluster appends at once, as octets: a message of the stream that gives the
// order, or a page that one machine gives another. Only what was signed travels; what is derived
// from it each machine derives itself. Pure; any thread.
#include <optional>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/order.hpp"
#include "engine/places.hpp"
#include "engine/position.hpp"

namespace connectors::nats {

/// Records behind `after`, or none: then it says only how far its writer's log went.
///
///   offset  size  what, numbers big-endian
///        0     1  version, 1
///        1    16  epoch, hexadecimal digits
///       17     8  after: the sequence before the first record
///       25    32  id of the record at `after`; zero where it is 0
///       57     2  N, number of records
///    then for each record, whose sequence is the one after the last:
///              8  at: milliseconds since 1970-01-01T00:00:00Z, signed
///              1  1: counts towards its sender's rate, 0: does not
///              1  S, number of signatures
///           96 S  each: 32 bytes key id, 64 bytes signature
///              4  P, length of the payload
///              P  payload: the CAP XML document, byte for byte as it was signed
struct Batch {
  engine::Epoch epoch;
  engine::Sequence after = engine::Sequence::none;
  engine::BulletinId last{};  // of the record at `after`
  std::vector<engine::Agreed> records;

  engine::Sequence through() const;
  /// Of the record at through().
  const engine::BulletinId& newest() const;
};

/// Where a batch stands, without its records.
struct BatchHead {
  engine::Epoch epoch;
  engine::Sequence after = engine::Sequence::none;
  engine::BulletinId last{};
  std::size_t count = 0;  // of its records
};

/// True of octets that no version of this program takes for a batch, so that everybody passes over
/// them alike: their first is none of 1 to 31, or it is 1 and what follows is cut, longer or
/// damaged. False where only a document is none: its rules may change.
bool is_void(engine::BytesView bytes);

engine::Bytes encode_batch(const Batch& batch);
std::optional<BatchHead> decode_batch_head(engine::BytesView bytes);
/// A sentence where they are no batch, or one of its documents is no alert.
engine::Result<Batch> decode_batch(engine::BytesView bytes, const engine::Places& places);

}  // namespace connectors::nats
