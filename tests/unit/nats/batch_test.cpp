// What machines of a cluster give each other, there and back.
#include "connectors/nats/batch.hpp"

#include <doctest/doctest.h>

#include "connectors/nats/limits.hpp"
#include "tests/support/alert_builder.hpp"
#include "tests/support/trust_builder.hpp"

using namespace connectors::nats;
using engine::Agreed;
using engine::Bytes;
using engine::Places;
using engine::Sequence;

namespace {

Agreed agreed(std::uint64_t sequence, std::string_view identifier, bool counts = true) {
  engine::Bulletin bulletin;
  bulletin.envelope.payload_type = engine::kCapType;
  bulletin.envelope.payload = tests::AlertBuilder().identifier(identifier).xml();
  bulletin.envelope.signatures.resize(2);
  bulletin.envelope.signatures[0].keyid.fill(0x11);
  bulletin.envelope.signatures[1].signature.fill(0x22);
  bulletin.id = engine::trust::sha256(bulletin.envelope.payload);
  return {{Sequence{sequence}, tests::at("2026-11-21T12:00:00.123Z"),
           std::make_shared<const engine::Bulletin>(std::move(bulletin))},
          counts};
}

Batch batch() {
  Batch batch{"0123456789abcdef", Sequence{41}, {}, {}};
  batch.last.fill(0x33);
  batch.records = {agreed(42, "A"), agreed(43, "B", false)};
  return batch;
}

}  // namespace

TEST_CASE("a batch comes back as it was and what is derived is derived anew") {
  const Batch sent = batch();
  const auto read = decode_batch(encode_batch(sent), Places::builtin());
  REQUIRE(read.has_value());
  CHECK(read->epoch == sent.epoch);
  CHECK(read->after == Sequence{41});
  CHECK(read->last == sent.last);
  CHECK(read->through() == Sequence{43});
  CHECK(read->newest() == sent.records[1].record.bulletin->id);
  REQUIRE(read->records.size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    const engine::Record& record = read->records[i].record;
    const engine::Record& was = sent.records[i].record;
    CHECK(record.sequence == was.sequence);
    CHECK(record.at == was.at);
    CHECK(record.bulletin->id == was.bulletin->id);
    CHECK(record.bulletin->envelope.payload == was.bulletin->envelope.payload);
    CHECK(record.bulletin->envelope.signatures == was.bulletin->envelope.signatures);
    CHECK(record.bulletin->envelope.payload_type == engine::kCapType);
    CHECK(record.bulletin->outline.identity.identifier == (i == 0 ? "A" : "B"));
    CHECK_FALSE(record.bulletin->outline.reaches.empty());
  }
  CHECK(read->records[0].counts);
  CHECK_FALSE(read->records[1].counts);
  const auto head = decode_batch_head(encode_batch(sent));
  REQUIRE(head.has_value());
  CHECK(head->epoch == sent.epoch);
  CHECK(head->after == Sequence{41});
}

TEST_CASE("a batch without records says how far a log goes") {
  Batch empty = batch();
  empty.records.clear();
  const auto read = decode_batch(encode_batch(empty), Places::builtin());
  REQUIRE(read.has_value());
  CHECK(read->through() == Sequence{41});
  CHECK(read->newest() == empty.last);
}

TEST_CASE("what no version takes for a batch is void, and nothing else is") {
  const Bytes bytes = encode_batch(batch());
  CHECK_FALSE(is_void(bytes));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    CAPTURE(i);
    CHECK(is_void(engine::BytesView(bytes).substr(0, i)));
  }
  CHECK(is_void(bytes + "x"));
  CHECK(is_void("{\"type\":\"io.nats.jetstream.api.v1.stream_info_response\"}"));
  CHECK(is_void(Bytes(100, '\0')));
  Bytes newer = bytes;
  for (const char version : {2, 31}) {
    newer[0] = version;
    CHECK_FALSE(is_void(newer));
  }
  newer[0] = 32;
  CHECK(is_void(newer));
  // A document that is no alert may be one by other rules.
  Batch other = batch();
  engine::Bulletin bulletin = *other.records[0].record.bulletin;
  bulletin.envelope.payload = "<alert/>";
  other.records[0].record.bulletin = std::make_shared<const engine::Bulletin>(bulletin);
  CHECK_FALSE(decode_batch(encode_batch(other), Places::builtin()).has_value());
  CHECK_FALSE(is_void(encode_batch(other)));
}

TEST_CASE("what is no batch is none: cut anywhere, longer, of another version, or of no alerts") {
  const Bytes bytes = encode_batch(batch());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    CAPTURE(i);
    CHECK_FALSE(decode_batch(engine::BytesView(bytes).substr(0, i), Places::builtin()).has_value());
  }
  CHECK_FALSE(decode_batch(bytes + "x", Places::builtin()).has_value());
  Bytes other = bytes;
  other[0] = 2;
  CHECK_FALSE(decode_batch(other, Places::builtin()).has_value());
  CHECK_FALSE(decode_batch_head(other).has_value());
  Bytes damaged = bytes;
  damaged[bytes.find("<alert")] = '{';
  const auto read = decode_batch(damaged, Places::builtin());
  REQUIRE_FALSE(read.has_value());
  CHECK(read.error().what == "a document in it is no alert");
}
