#include "connectors/nats/rolls.hpp"

#include <doctest/doctest.h>

#include "tests/support/manual_clock.hpp"
#include "tests/support/rooms_in_memory.hpp"

using connectors::nats::Rolls;
using engine::cap::Audience;
using engine::cap::Scope;
using Keys = std::vector<std::string>;

TEST_CASE(
    "a Restricted alert is for whoever carries the group now and a Private one for its names") {
  const tests::ManualClock clock;
  const auto directory = tests::directory_in_memory(clock);
  const auto put = [&](const std::string& key, Keys groups) {
    engine::Organisation organisation;
    organisation.key = key;
    organisation.name = key;
    organisation.groups = std::move(groups);
    REQUIRE(directory->put(organisation).has_value());
  };
  put("bank-a", {"banks", "city"});
  put("bank-b", {"banks"});
  put("school", {});
  Rolls rolls(*directory);
  CHECK(rolls.members_of({Scope::public_, {}}).empty());
  CHECK(rolls.members_of({Scope::restricted, {"banks"}}) == Keys{"bank-a", "bank-b"});
  CHECK(rolls.members_of({Scope::restricted, {"banks", "city"}}) == Keys{"bank-a", "bank-b"});
  CHECK(rolls.members_of({Scope::restricted, {"school"}}).empty());
  CHECK(rolls.members_of({Scope::private_, {"banks", "school", "unheard-of"}}) == Keys{"school"});

  put("bank-b", {});
  put("bank-c", {"banks"});
  CHECK(rolls.members_of({Scope::restricted, {"banks"}}) == Keys{"bank-a", "bank-c"});
  REQUIRE(directory->erase("bank-a").has_value());
  CHECK(rolls.members_of({Scope::restricted, {"banks"}}) == Keys{"bank-c"});
  CHECK(rolls.members_of({Scope::private_, {"bank-a"}}).empty());
}
