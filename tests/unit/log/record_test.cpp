#include "engine/log/record.hpp"

#include <fstream>
#include <limits>

#include "engine/base/crc32c.hpp"
#include "engine/base/octet_io.hpp"
#include "tests/unit/log/log_fixture.hpp"

using namespace tests;
using engine::Bytes;
using engine::BytesView;
using engine::decode_record;
using engine::decode_record_outline;
using engine::encode_record;

namespace {

Record record_of(const Candidate& candidate, std::uint64_t sequence = 7) {
  return {Sequence{sequence}, time("2026-11-21T12:00:00.125Z"), candidate.bulletin};
}

/// The same record with a right checksum over whatever was done to it.
Bytes sealed(Bytes record) {
  record.resize(record.size() - 4);
  engine::OctetWriter seal;
  seal.put(engine::crc32c(record));
  return record + Bytes(seal.bytes());
}

engine::cap::Footprint edges_of_the_earth() {
  using engine::cap::ring_of, engine::cap::spot_of;
  return {{ring_of({{-90, -180}, {90, 180}, {0.0000001, -0.0000001}}), ring_of({{52.25, 0}})},
          {{spot_of({90, -180}), 0}, {spot_of({51.5, -0.12}), 1e300}}};
}

/// One of everything, at its edges.
Candidate rich() {
  Draft draft = update("U", {alert("A").identity(), {"", "", engine::Time{}}});
  const Candidate plain = draft.candidate();
  auto bulletin = std::make_shared<engine::Bulletin>(*plain.bulletin);
  auto& outline = bulletin->outline;
  outline.audience = {engine::cap::Scope::private_, {"", "acme", std::string(300, 'x')}};
  outline.expires = engine::Time::max();
  outline.identity.sent = engine::Time::min();
  outline.reaches.push_back({.audience = {engine::cap::Scope::restricted, {"retail"}},
                             .status = engine::cap::Status::draft,
                             .severity = engine::cap::Severity::unknown,
                             .categories = 0xffff,
                             .sender = "s\xc3\xa4nder",
                             .everywhere = true,
                             .codes = {"E09000001", "", "K02000001"},
                             .shapes = edges_of_the_earth(),
                             .met = {"E09000001", "K02000001"}});
  return {bulletin, 1, false};
}

}  // namespace

TEST_CASE("A record survives its encoding unchanged") {
  for (const Candidate& candidate : {alert("A").candidate(), rich()}) {
    const Record record = record_of(candidate);
    const auto decoded = decode_record(encode_record(record), record.sequence);
    REQUIRE_MESSAGE(decoded.has_value(), (decoded ? "" : decoded.error().what));
    CHECK(decoded->sequence == record.sequence);
    CHECK(decoded->at == record.at);
    CHECK(decoded->bulletin->id == record.bulletin->id);
    CHECK(decoded->bulletin->envelope.payload == record.bulletin->envelope.payload);
    CHECK(decoded->bulletin->envelope.signatures == record.bulletin->envelope.signatures);
    CHECK(decoded->bulletin->outline == record.bulletin->outline);
    CHECK(decode_record_outline(encode_record(record), record.sequence).value() ==
          record.bulletin->outline);
  }
}

TEST_CASE("The first octets are where the format says") {
  const Record record = record_of(alert("A").candidate());
  const Bytes bytes = encode_record(record);
  CHECK(engine::to_hex(BytesView(bytes).substr(0, 1)) == "02");
  CHECK(engine::to_hex(BytesView(bytes).substr(1, 8)) == "0000000000000007");
  CHECK(engine::to_hex(BytesView(bytes).substr(9, 8)) == "000001a1fdfa467d");  // 1795262400125
  CHECK(BytesView(bytes).substr(17, 32) == engine::view(record.bulletin->id));
  const BytesView payload = record.bulletin->envelope.payload;
  CHECK(BytesView(bytes).substr(bytes.size() - 4 - payload.size(), payload.size()) == payload);
}

TEST_CASE("The bytes of version 2 never change") {
  // The octets of a record as this encoder first wrote it. tests/integration/record.test.mjs reads
  // the same file by schemas/record.md alone. A new form needs a new version, and a decoder that
  // goes on reading this one.
  std::ifstream file(TOCSIN_SOURCE_DIR "/schemas/examples/vectors/record.hex");
  std::string octets;
  REQUIRE(std::getline(file, octets));
  CHECK(engine::to_hex(encode_record(record_of(rich()))) == octets);
}

namespace {

/// A record of version 1, written out by hand.
Bytes of_version_1(std::uint8_t scope, const std::vector<double>& box) {
  engine::OctetWriter outline;
  outline.put(std::uint8_t{0});
  outline.put(scope);
  outline.put_text("c@example.org");
  outline.put_text("A");
  outline.put(time("2026-11-21T12:00:00Z"));
  outline.put(time("2026-11-22T12:00:00Z"));
  outline.put_count(0);  // references
  outline.put_count(1);  // reaches
  outline.put(std::uint8_t{1});
  outline.put(std::uint8_t{2});
  outline.put(std::uint16_t{8});
  outline.put_text("c@example.org");
  outline.put_count(1);
  outline.put_text("E07000026");
  outline.put_count(1);
  for (const double edge : box) outline.put(edge);
  engine::OctetWriter out;
  out.put(std::uint8_t{1});
  out.put(std::uint64_t{7});
  out.put(time("2026-11-21T12:00:00.125Z"));
  out.put_raw(engine::view(engine::trust::sha256("<alert/>")));
  out.put_text(outline.bytes());
  out.put(std::uint8_t{0});
  out.put_text("<alert/>");
  out.put(engine::crc32c(out.bytes()));
  return out.take();
}

}  // namespace

TEST_CASE("A record of version 1 is read: boxes become polygons and its scope an audience") {
  using namespace engine;
  const Bytes bytes = of_version_1(1, {51.50, -0.13, 51.51, -0.12});
  const auto record = decode_record(bytes, Sequence{7});
  REQUIRE_MESSAGE(record.has_value(), (record ? "" : record.error().what));
  const cap::Outline& outline = record->bulletin->outline;
  CHECK(outline == decode_record_outline(bytes, Sequence{7}).value());
  CHECK(outline.audience == cap::Audience{cap::Scope::restricted, {}});
  CHECK(outline.identity.identifier == "A");
  CHECK(outline.expires == time("2026-11-22T12:00:00Z"));
  REQUIRE(outline.reaches.size() == 1);
  const cap::Reach& reach = outline.reaches[0];
  CHECK(reach.audience == outline.audience);
  CHECK(reach.status == cap::Status::exercise);
  CHECK(reach.severity == cap::Severity::moderate);
  CHECK(reach.categories == 8);
  CHECK(reach.codes == std::vector<std::string>{"E06000063"});  // whom Allerdale went to
  CHECK(reach.shapes.polygons() ==
        std::vector<cap::Ring>{
            cap::ring_of({{51.50, -0.13}, {51.50, -0.12}, {51.51, -0.12}, {51.51, -0.13}})});
  const auto& places = Places::builtin();
  CHECK(places.concerns(reach, "E09000033"));
  CHECK(places.concerns(reach, "E06000063"));
  CHECK_FALSE(places.concerns(reach, "E08000003"));
  // It is written again as version 2, and says the same.
  const Bytes again = encode_record(*record);
  CHECK(again[0] == 2);
  CHECK(decode_record(again, Sequence{7})->bulletin->outline == outline);
}

TEST_CASE("A record of version 1 with a box that is none is damaged") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const std::vector<double>& box : {std::vector<double>{51.51, -0.13, 51.50, -0.12},
                                         {51.50, -0.12, 51.51, -0.13},
                                         {-91, 0, 0, 1},
                                         {0, 0, 1, 181},
                                         {nan, 0, 1, 1},
                                         {0, 0, 1, nan}}) {
    CHECK_FALSE(decode_record(of_version_1(0, box), Sequence{7}).has_value());
  }
  CHECK_FALSE(decode_record(of_version_1(3, {0, 0, 1, 1}), Sequence{7}).has_value());
}

TEST_CASE("No single flipped bit goes unnoticed") {
  const Record record = record_of(rich());
  const Bytes whole = encode_record(record);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      Bytes flipped = whole;
      flipped[i] = static_cast<char>(flipped[i] ^ (1 << bit));
      CAPTURE(i);
      REQUIRE_FALSE(decode_record(flipped, record.sequence).has_value());
      REQUIRE_FALSE(decode_record_outline(flipped, record.sequence).has_value());
    }
  }
}

TEST_CASE("A record cut short or with something after it is refused") {
  const Record record = record_of(alert("A").candidate());
  const Bytes whole = encode_record(record);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    REQUIRE_FALSE(decode_record(whole.substr(0, size), record.sequence).has_value());
    if (size >= 4) {
      REQUIRE_FALSE(decode_record(sealed(whole.substr(0, size)), record.sequence).has_value());
    }
  }
  CHECK_FALSE(decode_record(whole + '\0', record.sequence).has_value());
  CHECK_FALSE(decode_record(sealed(whole + '\0'), record.sequence).has_value());
}

TEST_CASE("A damaged record says which it is and how") {
  const Record record = record_of(alert("A").candidate());
  const Bytes whole = encode_record(record);
  const auto failure = [](const Bytes& bytes, std::uint64_t sequence) {
    return decode_record(bytes, Sequence{sequence}).error().what;
  };
  Bytes other_version = whole;
  other_version[0] = 3;
  Bytes other_payload = whole;
  other_payload[whole.size() - 5] = '!';
  Bytes wild_type = whole;
  wild_type[53] = 5;
  Bytes wild_count = whole;
  wild_count[whole.find(kControl) - 4] = '\x7f';
  struct Row {
    Bytes bytes;
    std::uint64_t sequence;
    const char* what;
  };
  const Row rows[] = {
      {Bytes(), 7, "record 7 is damaged: it is cut short"},
      {other_payload, 7, "record 7 is damaged: its checksum is wrong"},
      {sealed(other_payload), 7, "record 7 is damaged: its payload does not hash to its id"},
      {sealed(other_version), 7, "record 7 is damaged: version 3 is not known here"},
      {whole, 8, "record 8 is damaged: it names another sequence"},
      {sealed(whole + '\0'), 7, "record 7 is damaged: its lengths do not add up"},
      {sealed(wild_type), 7, "record 7 is damaged: its outline cannot be read"},
      {sealed(wild_count), 7, "record 7 is damaged: its outline cannot be read"},
  };
  for (const Row& row : rows) CHECK(failure(row.bytes, row.sequence) == row.what);
}

TEST_CASE("A count larger than what follows reserves nothing") {
  const Record record = record_of(alert("A").candidate());
  Bytes bytes = encode_record(record);
  // The number of references stands behind type, audience, identity and expiry.
  const std::size_t identity = 4 + std::string(kControl).size() + 4 + 1 + 8;
  for (std::size_t i = 0; i < 4; ++i) bytes[53 + 2 + 4 + identity + 8 + i] = '\xff';
  CHECK_FALSE(decode_record(sealed(bytes), record.sequence).has_value());
}

TEST_CASE("CRC-32C agrees with the vectors of RFC 3720") {
  struct Row {
    Bytes bytes;
    std::uint32_t checksum;
  };
  Bytes up, down;
  for (int i = 0; i < 32; ++i) {
    up.push_back(static_cast<char>(i));
    down.push_back(static_cast<char>(31 - i));
  }
  const Row rows[] = {
      {"", 0},
      {"123456789", 0xe3069283},
      {Bytes(32, '\0'), 0x8a9136aa},
      {Bytes(32, '\xff'), 0x62a8ab43},
      {up, 0x46dd794e},
      {down, 0x113fdb5c},
  };
  for (const Row& row : rows) {
    CHECK(engine::crc32c(row.bytes) == row.checksum);
    CHECK(engine::crc32c_by_table(row.bytes) == row.checksum);
  }
}

TEST_CASE("CRC-32C is the same by the processor's instruction and by table") {
  Bytes bytes;
  for (int i = 0; i < 300; ++i) bytes.push_back(static_cast<char>(i * 167 + i / 7));
  for (std::size_t from = 0; from < 9; ++from) {
    for (std::size_t size = 0; from + size <= bytes.size(); ++size) {
      const auto part = engine::BytesView(bytes).substr(from, size);
      REQUIRE(engine::crc32c(part) == engine::crc32c_by_table(part));
    }
  }
}
