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
