#include "engine/log/tables.hpp"

#include "tests/unit/log/log_fixture.hpp"

using namespace tests;
using engine::Bytes;
using engine::Time;

TEST_CASE("Keys sort as what they stand for") {
  const Time times[] = {Time::min(), Time{-1ms}, Time{}, Time{1ms}, time("2026-11-21T12:00:00Z"),
                        Time::max()};
  for (std::size_t i = 1; i < std::size(times); ++i) {
    CHECK(engine::expiry_key(times[i - 1], Sequence{99}) < engine::expiry_key(times[i], {}));
    CHECK(engine::spending_key("s", {times[i - 1], Sequence{99}}) <
          engine::spending_key("s", {times[i], {}}));
  }
  CHECK(engine::sequence_key(Sequence{255}) < engine::sequence_key(Sequence{256}));
  CHECK(engine::expiry_key(times[4], Sequence{255}) < engine::expiry_key(times[4], Sequence{256}));
}

TEST_CASE("What a key or value says is read back") {
  const Time noon = time("2026-11-21T12:00:00.001Z");
  CHECK(engine::parse_sequence_key(engine::sequence_key(Sequence{258})) == Sequence{258});
  const auto standing = engine::parse_standing(engine::standing_value({Sequence{7}, noon}));
  REQUIRE(standing.has_value());
  CHECK(standing->sequence == Sequence{7});
  CHECK(standing->at == noon);
  CHECK(engine::parse_expiry(engine::expiry_value(noon)) == noon);
  const auto expiry = engine::parse_expiry_key(engine::expiry_key(noon, Sequence{9}));
  REQUIRE(expiry.has_value());
  CHECK(expiry->expires == noon);
  CHECK(expiry->sequence == Sequence{9});
  const engine::Spending spending{noon, Sequence{3}};
  CHECK(engine::parse_spending_key("a@b", engine::spending_key("a@b", spending)) == spending);
  for (const auto ending : {engine::Ending::replaced, engine::Ending::cancelled}) {
    engine::Ended ended{ending, {}};
    CHECK_FALSE(engine::parse_ended(engine::ended_value(ended)).has_value());
    for (std::uint64_t i = 1; i <= engine::kEndedByMax; ++i) {
      ended.by.push_back(Sequence{i});
      CHECK(engine::parse_ended(engine::ended_value(ended)) == ended);
    }
    ended.by.push_back(Sequence{1});
    CHECK_FALSE(engine::parse_ended(engine::ended_value(ended)).has_value());
  }
}

TEST_CASE("Nothing is read from what is too short or too long or means nothing") {
  const Bytes eight(8, '\1'), nine(9, '\1'), sixteen(16, '\1');
  CHECK_FALSE(engine::parse_sequence_key(nine).has_value());
  CHECK_FALSE(engine::parse_sequence_key("").has_value());
  CHECK_FALSE(engine::parse_standing(eight).has_value());
  CHECK_FALSE(engine::parse_expiry(nine).has_value());
  CHECK_FALSE(engine::parse_expiry_key(sixteen + 'x').has_value());
  CHECK_FALSE(engine::parse_spending_key("ab", Bytes("a\0", 2) + sixteen).has_value());
  CHECK_FALSE(engine::parse_ended(eight).has_value());
  CHECK_FALSE(engine::parse_ended('\0' + eight).has_value());
  CHECK_FALSE(engine::parse_ended('\3' + eight).has_value());
  CHECK_FALSE(engine::parse_ended('\1' + nine).has_value());
}

TEST_CASE("Two identities share no key") {
  const Identity identities[] = {
      {"a", "b", Time{}}, {"ab", "", Time{}}, {"", "ab", Time{}}, {"a", "b", Time{1ms}}};
  for (const auto& one : identities) {
    for (const auto& other : identities) {
      CHECK((engine::identity_key(one) == engine::identity_key(other)) == (one == other));
    }
  }
}
