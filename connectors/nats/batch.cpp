#include "connectors/nats/batch.hpp"

#include <utility>

#include "engine/base/octet_io.hpp"
#include "engine/cap/judge.hpp"
#include "engine/trust/signature.hpp"

namespace connectors::nats {

using engine::Agreed;
using engine::Bytes;
using engine::BytesView;
using engine::Failure;
using engine::Result;
using engine::Sequence;

namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kVersionMax = 31;  // below what any text begins with
constexpr std::size_t kEpochSize = 16;

struct Outer {
  BatchHead head;
};

std::optional<Outer> read_outer(engine::OctetReader& in) {
  const auto version = in.number<std::uint8_t>();
  Outer outer;
  outer.head.epoch = in.raw(kEpochSize);
  outer.head.after = Sequence{in.number<std::uint64_t>()};
  outer.head.last = in.octets<32>();
  outer.head.count = in.number<std::uint16_t>();
  if (!in.good() || version != kVersion || !engine::from_hex(outer.head.epoch)) {
    return std::nullopt;
  }
  return outer;
}

/// The octets of a record: what they say is not looked at. Nothing where they end or are damaged.
std::optional<Agreed> read_octets(engine::OctetReader& in, Sequence sequence,
                                  engine::Bulletin& bulletin) {
  Agreed agreed;
  agreed.record.sequence = sequence;
  agreed.record.at = in.time();
  const auto counts = in.number<std::uint8_t>();
  agreed.counts = counts == 1;
  bulletin.envelope.payload_type = engine::kCapType;
  bulletin.envelope.signatures.resize(in.number<std::uint8_t>());
  for (auto& signature : bulletin.envelope.signatures) {
    signature.keyid = in.octets<32>();
    signature.signature = in.octets<64>();
  }
  bulletin.envelope.payload = in.text();
  if (!in.good() || counts > 1) return std::nullopt;
  return agreed;
}

Result<Agreed> read_record(engine::OctetReader& in, Sequence sequence,
                           const engine::Places& places) {
  engine::Bulletin bulletin;
  auto agreed = read_octets(in, sequence, bulletin);
  if (!agreed) return Failure{"it ends within a record, or is damaged"};
  bulletin.id = engine::trust::sha256(bulletin.envelope.payload);
  // Without a limit of its own: it was admitted by one.
  const auto judgement = engine::cap::judge(bulletin.envelope.payload);
  if (!judgement.alert) return Failure{"a document in it is no alert"};
  bulletin.outline = engine::cap::outline_of(*judgement.alert);
  places.complete(bulletin.outline);
  agreed->record.bulletin = std::make_shared<const engine::Bulletin>(std::move(bulletin));
  return *std::move(agreed);
}

}  // namespace

Sequence Batch::through() const { return records.empty() ? after : records.back().record.sequence; }

const engine::BulletinId& Batch::newest() const {
  return records.empty() ? last : records.back().record.bulletin->id;
}

Bytes encode_batch(const Batch& batch) {
  ENSURE(batch.epoch.size() == kEpochSize && batch.records.size() <= UINT16_MAX);
  engine::OctetWriter out;
  out.put(kVersion);
  out.put_raw(batch.epoch);
  out.put(number(batch.after));
  out.put_raw(engine::view(batch.last));
  out.put(static_cast<std::uint16_t>(batch.records.size()));
  for (const Agreed& agreed : batch.records) {
    const auto& envelope = agreed.record.bulletin->envelope;
    ENSURE(envelope.signatures.size() <= UINT8_MAX);
    out.put(agreed.record.at);
    out.put(static_cast<std::uint8_t>(agreed.counts ? 1 : 0));
    out.put(static_cast<std::uint8_t>(envelope.signatures.size()));
    for (const auto& signature : envelope.signatures) {
      out.put_raw(engine::view(signature.keyid));
      out.put_raw(engine::view(signature.signature));
    }
    out.put_text(envelope.payload);
  }
  return out.take();
}

std::optional<BatchHead> decode_batch_head(BytesView bytes) {
  engine::OctetReader in(bytes);
  auto outer = read_outer(in);
  if (!outer) return std::nullopt;
  return std::move(outer->head);
}

bool is_void(BytesView bytes) {
  const auto version = bytes.empty() ? 0 : static_cast<std::uint8_t>(bytes.front());
  if (version != kVersion) return version == 0 || version > kVersionMax;
  engine::OctetReader in(bytes);
  const auto outer = read_outer(in);
  if (!outer) return true;
  for (std::size_t i = 0; i < outer->head.count; ++i) {
    engine::Bulletin unread;
    if (!read_octets(in, Sequence::none, unread)) return true;
  }
  return !in.finished();
}

Result<Batch> decode_batch(BytesView bytes, const engine::Places& places) {
  engine::OctetReader in(bytes);
  auto outer = read_outer(in);
  if (!outer) return Failure{"it is no batch of records of this version"};
  Batch batch;
  batch.epoch = std::move(outer->head.epoch);
  batch.after = outer->head.after;
  batch.last = outer->head.last;
  for (std::size_t i = 0; i < outer->head.count; ++i) {
    auto record = read_record(in, next(batch.through()), places);
    if (!record) return record.error();
    batch.records.push_back(*std::move(record));
  }
  if (!in.finished()) return Failure{"something follows its last record"};
  return batch;
}

}  // namespace connectors::nats
