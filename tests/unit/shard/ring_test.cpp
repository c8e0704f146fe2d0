#include "engine/shard/ring.hpp"

#include <doctest/doctest.h>

#include "engine/limits.hpp"

using namespace engine;

namespace {

FramePtr frame(std::uint64_t sequence, std::size_t bytes = 10) {
  return std::make_shared<const Frame>(Frame{
      {Sequence{sequence}, {}, nullptr}, std::make_shared<const std::string>(bytes, 'x'), nullptr});
}

/// A target of a few thousand octets.
TargetPtr target() {
  cap::Outline outline;
  outline.reaches.resize(1);
  outline.reaches[0].codes = {"E09000033"};
  Places::builtin().complete(outline);
  return std::make_shared<const Target>(std::make_shared<const cap::Outline>(outline),
                                        Places::builtin());
}

FramePtr frame_with(std::uint64_t sequence, std::size_t bytes, const TargetPtr& target) {
  Frame with = *frame(sequence, bytes);
  with.target = target;
  return std::make_shared<const Frame>(std::move(with));
}

}  // namespace

TEST_CASE("an empty ring covers nobody") {
  const Ring ring;
  CHECK_FALSE(ring.covers(Sequence::none));
}

TEST_CASE("a ring covers readers who miss nothing older than its tail") {
  Ring ring;
  for (std::uint64_t i = 5; i <= 8; ++i) ring.push(frame(i));
  CHECK(ring.covers(Sequence{4}));
  CHECK(ring.covers(Sequence{8}));
  CHECK_FALSE(ring.covers(Sequence{3}));
  CHECK(ring.at(Sequence{6})->record.sequence == Sequence{6});
  ring.clear();
  CHECK_FALSE(ring.covers(Sequence{8}));
}

TEST_CASE("the oldest frames leave beyond kRingFrames") {
  Ring ring;
  for (std::uint64_t i = 1; i <= limits::kRingFrames; ++i) ring.push(frame(i));
  CHECK(ring.covers(Sequence{0}));
  ring.push(frame(limits::kRingFrames + 1));
  CHECK_FALSE(ring.covers(Sequence{0}));
  CHECK(ring.covers(Sequence{1}));
}

TEST_CASE("the oldest frames leave beyond kRingBytes and the newest always stays") {
  Ring ring;
  ring.push(frame(1, limits::kRingBytes / 2));
  ring.push(frame(2, limits::kRingBytes / 2));
  CHECK(ring.covers(Sequence{0}));
  ring.push(frame(3, 1));
  CHECK_FALSE(ring.covers(Sequence{0}));
  CHECK(ring.covers(Sequence{1}));
  ring.push(frame(4, limits::kRingBytes * 2));
  CHECK(ring.covers(Sequence{3}));
  CHECK_FALSE(ring.covers(Sequence{2}));
}

TEST_CASE("what frames need to be matched is among their bytes, once where they share it") {
  const TargetPtr shared = target();
  const std::size_t each = (limits::kRingBytes - shared->octets()) / 3;
  REQUIRE(shared->octets() > 1000);
  Ring ring;
  for (std::uint64_t i = 1; i <= 3; ++i) ring.push(frame_with(i, each, shared));
  CHECK(ring.covers(Sequence{0}));
  ring.push(frame_with(4, 10, target()));
  CHECK_FALSE(ring.covers(Sequence{0}));
  CHECK(ring.covers(Sequence{1}));
  // The one that left took no target along, since two frames share it still; these two take it.
  ring.push(frame_with(5, each - 10, nullptr));
  CHECK_FALSE(ring.covers(Sequence{1}));
  ring.clear();
  for (std::uint64_t i = 6; i <= 8; ++i) ring.push(frame_with(i, each, shared));
  CHECK(ring.covers(Sequence{5}));
}

namespace {

std::vector<Record> records_up_to(std::uint64_t last) {
  std::vector<Record> records;
  for (std::uint64_t i = 1; i <= last; ++i) records.push_back({Sequence{i}, {}, nullptr});
  return records;
}

/// A ring of the newest of those records, and how many frames were made for it.
struct Newest {
  Ring ring;
  std::vector<std::uint64_t> made;
};

Newest newest_of(const std::vector<Record>& records, std::size_t bytes, std::size_t until) {
  Newest newest;
  newest.ring = Ring::of_newest(
      records,
      [&](const Record& record, const Frame* neighbour) {
        CHECK((neighbour == nullptr) == newest.made.empty());
        if (neighbour != nullptr) CHECK(neighbour->record.sequence == next(record.sequence));
        newest.made.push_back(number(record.sequence));
        return frame(number(record.sequence), bytes);
      },
      [&] { return newest.made.size() < until; });
  return newest;
}

}  // namespace

TEST_CASE("of the newest records no more are made into frames than a ring holds") {
  const auto records = records_up_to(limits::kRingFrames + 100);
  SUBCASE("by their number") {
    const auto [ring, made] = newest_of(records, 10, records.size());
    CHECK(made.size() == limits::kRingFrames);
    CHECK(ring.covers(Sequence{100}));
    CHECK_FALSE(ring.covers(Sequence{99}));
    CHECK(ring.at(Sequence{101})->record.sequence == Sequence{101});
  }
  SUBCASE("by their octets, but for the one that is too much") {
    auto [ring, made] = newest_of(records, limits::kRingBytes / 4, records.size());
    CHECK(made.size() == 5);
    const Sequence head = records.back().sequence;
    CHECK(ring.covers(Sequence{number(head) - 4}));
    CHECK_FALSE(ring.covers(Sequence{number(head) - 5}));
    ring.push(frame(number(head) + 1, 1));
    CHECK_FALSE(ring.covers(Sequence{number(head) - 4}));
    CHECK(ring.covers(Sequence{number(head) - 3}));
  }
  SUBCASE("by the time they take, and the newest in any case") {
    // As where each takes a tenth of a second.
    const std::size_t in_time = limits::kRememberMax / limits::milliseconds{100};
    CHECK(newest_of(records, 10, in_time).made.size() == 10);
    CHECK(newest_of(records, 10, 0).made == std::vector{number(records.back().sequence)});
    CHECK(newest_of(records, 2 * limits::kRingBytes, 9).made.size() == 2);
    CHECK_FALSE(newest_of({}, 10, 9).ring.covers(Sequence{0}));
  }
}

TEST_CASE("what frames' records keep of shapes is among their bytes") {
  const auto record_of = [](std::uint64_t sequence, std::size_t vertices) {
    auto bulletin = std::make_shared<Bulletin>();
    cap::Ring polygon(vertices);
    for (std::size_t i = 0; i < vertices; ++i) polygon[i].x = static_cast<std::int64_t>(i);
    bulletin->outline.reaches.resize(1);
    bulletin->outline.reaches[0].shapes = {{polygon}, {}};
    return Record{Sequence{sequence}, {}, std::move(bulletin)};
  };
  Ring ring;
  for (std::uint64_t i = 1; i <= 16; ++i) {
    Frame with = *frame(i);
    with.record = record_of(i, cap::kReachVerticesMax);
    ring.push(std::make_shared<const Frame>(std::move(with)));
  }
  CHECK_FALSE(ring.covers(Sequence{0}));
  CHECK(ring.covers(Sequence{15}));
}
