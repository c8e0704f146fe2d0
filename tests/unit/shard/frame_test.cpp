#include "engine/frame.hpp"

#include <doctest/doctest.h>

#include <boost/json.hpp>
#include <cmath>

#include "tests/support/capture_outlet.hpp"

using namespace engine;

namespace {

Record record_of(std::string payload) {
  auto bulletin = std::make_shared<Bulletin>();
  bulletin->id.fill(0xab);
  bulletin->envelope = {std::string(kCapType), std::move(payload), {SignatureBlock{}}};
  return {Sequence{7}, *parse_time("2026-11-21T12:00:00.5Z"), bulletin};
}

}  // namespace

TEST_CASE("an alert is written with its type and sequence first") {
  const std::string text = alert_json(record_of("<alert/>"));
  CHECK(text.starts_with(R"({"type":"alert","seq":7,"at":"2026-11-21T12:00:00.500Z","id":"abab)"));
  const auto envelope = boost::json::parse(text).at("envelope");
  CHECK(envelope.at("payload").as_string() == "PGFsZXJ0Lz4=");
  CHECK(envelope.at("payloadType").as_string() == "application/cap+xml");
}

TEST_CASE("a frame's length takes the shortest of its three forms") {
  const std::pair<std::size_t, std::size_t> sizes[] = {{0, 2},     {125, 2},    {126, 4},
                                                       {65535, 4}, {65536, 10}, {300'000, 10}};
  for (const auto& [size, head] : sizes) {
    const Wire wire = text_frame(std::string(size, 'x'));
    CHECK(wire->size() == size + head);
    CHECK(static_cast<unsigned char>((*wire)[0]) == 0x81);
    CHECK(tests::CaptureOutlet::payload_of(*wire) == std::string(size, 'x'));
  }
}

TEST_CASE("hello, live and beat are written in the order of their schemas") {
  Hello hello{"node \"1\"", "exercise-gb", "exercise", "0123456789abcdef", Sequence{9}, true};
  CHECK(hello_json(hello) ==
        R"({"type":"hello","node":"node \"1\"","system":"exercise-gb","kind":"exercise",)"
        R"("epoch":"0123456789abcdef","head":9,"recovered":true,"gap":null,"heartbeat_s":15})");
  hello.recovered = false;
  CHECK(hello_json(hello).find(R"("recovered":false,"gap":{"from":1,"to":9},)") !=
        std::string::npos);
  CHECK(live_json(Sequence{3}) == R"({"type":"live","seq":3})");
  CHECK(beat_json(Sequence{3}, Time{}, Sequence{2}) ==
        R"({"type":"beat","head":3,"at":"1970-01-01T00:00:00Z","last":2,"checkpoint":null})");
}

namespace {

/// An alert around a place, round enough that drawing it is work.
Record record_around(std::uint64_t sequence, std::size_t vertices) {
  auto bulletin = std::make_shared<Bulletin>();
  bulletin->id.fill(static_cast<std::uint8_t>(sequence));
  bulletin->envelope = {std::string(kCapType), "<alert/>", {SignatureBlock{}}};
  cap::Ring ring;
  for (std::size_t i = 0; i < vertices; ++i) {
    const double angle = 6.28 * static_cast<double>(i) / static_cast<double>(vertices);
    const double far = 2e6 + 1e3 * static_cast<double>(sequence);  // each another shape
    ring.push_back({std::llround(far * std::cos(angle)), std::llround(far * std::sin(angle))});
  }
  bulletin->outline.reaches.resize(1);
  bulletin->outline.reaches[0].shapes = {{ring}, {}};
  return {Sequence{sequence}, *parse_time("2026-11-21T12:00:00Z"), bulletin};
}

/// How many frames went out together, in order and each once.
std::vector<std::size_t> posted(const std::vector<Record>& records, FramePtr& last) {
  std::vector<std::size_t> sizes;
  std::uint64_t next = 1;
  make_frames(records, last, [&](std::span<const FramePtr> frames) {
    sizes.push_back(frames.size());
    for (const FramePtr& frame : frames) CHECK(frame->record.sequence == Sequence{next++});
    CHECK(frames.back() == last);
  });
  return sizes;
}

}  // namespace

TEST_CASE("an ordinary commit is posted at once") {
  std::vector<Record> records;
  for (std::uint64_t i = 1; i <= 256; ++i) records.push_back(record_around(i, 100));
  FramePtr last;
  CHECK(posted(records, last) == std::vector<std::size_t>{256});
  CHECK(last->record.sequence == Sequence{256});
  CHECK(posted({}, last).empty());
}

TEST_CASE("of a commit of large alerts what is ready goes out once kDrawnAtOnce are drawn") {
  constexpr std::size_t kVertices = 20'000;
  std::vector<Record> records;
  for (std::uint64_t i = 1; i <= 5; ++i) records.push_back(record_around(i, kVertices));
  FramePtr last;
  SUBCASE("each drawn by itself") {
    const std::vector<std::size_t> sizes = posted(records, last);
    const std::size_t each = last->target->octets_drawn();
    REQUIRE(each > kDrawnAtOnce / 4);
    const std::size_t together = (kDrawnAtOnce + each - 1) / each;
    REQUIRE(together < 5);
    CHECK(sizes.size() == (5 + together - 1) / together);
    CHECK(sizes.front() == together);
  }
  SUBCASE("drawn once for all of them") {
    for (Record& record : records) record.bulletin = records.front().bulletin;
    CHECK(posted(records, last) == std::vector<std::size_t>{5});
  }
  SUBCASE("drawn for the frame before") {
    last = make_frame(record_around(1, kVertices));
    records.resize(1);
    CHECK(posted(records, last) == std::vector<std::size_t>{1});
  }
}
