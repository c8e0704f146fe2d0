#include "engine/directory.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <set>

#include "engine/limits.hpp"
#include "engine/trust/signature.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/temp_dir.hpp"

using namespace engine;

namespace {

Organisation organisation(std::string key, std::vector<std::string> groups = {}) {
  Organisation made;
  made.key = std::move(key);
  made.name = "The " + made.key;
  made.groups = std::move(groups);
  return made;
}

struct World {
  World() {
    REQUIRE(trust::start_crypto());
    open();
  }
  void open() {
    directory.reset();
    directory = std::move(Directory::open({folder.path() / "directory"}, clock).value());
  }
  std::string token(std::string_view key) {
    return directory->issue(key, Secret::Kind::token).value().text;
  }
  tests::ManualClock clock;
  tests::TempDir folder;
  std::unique_ptr<Directory> directory;
};

bool put(World& world, const Organisation& made) { return world.directory->put(made).has_value(); }

}  // namespace

TEST_CASE("a token says whose it is until it is revoked, also after a restart") {
  World world;
  REQUIRE(put(world, organisation("acme", {"wardens", "police", "police"})));
  const std::string token = world.token("acme");
  CHECK(token.size() == 52);
  CHECK(token.starts_with("tocsin_t_"));
  for (int opening = 0; opening < 2; ++opening) {
    const auto member = world.directory->member_of(token);
    REQUIRE(member);
    CHECK(member->organisation == "acme");
    CHECK(member->groups == std::vector<std::string>{"police", "wardens"});
    CHECK(world.directory->membership(*member) == Membership::holds);
    world.open();
  }
  const auto member = world.directory->member_of(token);
  REQUIRE(world.directory->revoke(token).has_value());
  CHECK_FALSE(world.directory->member_of(token));
  CHECK(world.directory->membership(*member) == Membership::ended);
  CHECK_FALSE(world.directory->revoke(token).has_value());
  world.open();
  CHECK_FALSE(world.directory->member_of(token));
}

TEST_CASE("no text but the token signs in") {
  World world;
  REQUIRE(put(world, organisation("acme")));
  const std::string token = world.token("acme");
  const std::string invitation =
      world.directory->issue("acme", Secret::Kind::invitation).value().text;
  CHECK_FALSE(world.directory->member_of(invitation));
  CHECK_FALSE(world.directory->member_of(""));
  CHECK_FALSE(world.directory->member_of("acme"));
  CHECK_FALSE(world.directory->member_of(token + "A"));
  CHECK_FALSE(world.directory->member_of(std::string_view(token).substr(1)));
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string other = token;
    other[i] = other[i] == 'A' ? 'B' : 'A';
    CHECK_FALSE(world.directory->member_of(other));
  }
}

TEST_CASE("only hashes of secrets are in the folder") {
  World world;
  REQUIRE(put(world, organisation("acme")));
  const std::string token = world.token("acme");
  world.directory.reset();
  std::size_t read = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(world.folder.path())) {
    if (!file.is_regular_file()) continue;
    std::ifstream in(file.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    read += bytes.size();
    CHECK(bytes.find(token.substr(9)) == std::string::npos);
  }
  CHECK(read > 0);
}

TEST_CASE(
    "the number of a secret is never used again, not by another engine on the folder either") {
  World world;
  REQUIRE(put(world, organisation("acme")));
  world.token("acme");
  const auto last = world.directory->issue("acme", Secret::Kind::token).value();
  REQUIRE(world.directory->revoke(last.text).has_value());
  world.open();
  const auto next = world.directory->issue("acme", Secret::Kind::token).value();
  CHECK(next.number == last.number + 1);
  REQUIRE(world.directory->erase("acme").has_value());
  world.open();
  REQUIRE(put(world, organisation("acme")));
  CHECK(world.directory->issue("acme", Secret::Kind::token).value().number == next.number + 1);
}

TEST_CASE("an invitation becomes a token once and within limits::kInvitation") {
  World world;
  REQUIRE(put(world, organisation("acme")));
  const auto first = world.directory->issue("acme", Secret::Kind::invitation).value();
  const auto second = world.directory->issue("acme", Secret::Kind::invitation).value();
  CHECK(*first.expires == world.clock.now() + limits::kInvitation);
  world.clock.advance(limits::kInvitation - std::chrono::milliseconds{1});
  const auto token = world.directory->accept(first.text);
  REQUIRE(token.has_value());
  CHECK(world.directory->member_of(token->text)->organisation == "acme");
  CHECK_FALSE(world.directory->accept(first.text).has_value());
  CHECK_FALSE(world.directory->accept(token->text).has_value());
  world.clock.advance(std::chrono::milliseconds{1});
  CHECK_FALSE(world.directory->accept(second.text).has_value());
  world.open();
  CHECK_FALSE(world.directory->accept(first.text).has_value());
  CHECK(world.directory->member_of(token->text));
}

TEST_CASE("an invitation goes by the clock and an issued token by none, however the clock jumps") {
  World world;
  REQUIRE(put(world, organisation("acme")));
  const std::string token = world.token("acme");
  const auto invitation = world.directory->issue("acme", Secret::Kind::invitation).value();
  for (const auto days : {400, -400, -400, 400}) {
    world.clock.advance(std::chrono::hours{24 * days});
    if (days < 0) world.open();
    CHECK(world.directory->member_of(token));
    if (days > 0 && world.clock.now() >= *invitation.expires) {
      CHECK_FALSE(world.directory->accept(invitation.text).has_value());
    }
  }
  CHECK(world.directory->accept(invitation.text).has_value());
}

TEST_CASE("a token that came by an invitation runs out after kSessionMax unless it is renewed") {
  World world;
  REQUIRE(put(world, organisation("acme")));
  const auto invitation = world.directory->issue("acme", Secret::Kind::invitation).value();
  const std::string token = world.directory->accept(invitation.text).value().text;
  const std::string other = world.token("acme");
  CHECK(*world.directory->expiry_of(token) == world.clock.now() + limits::kSessionMax);
  CHECK_FALSE(world.directory->expiry_of(other));
  CHECK_FALSE(world.directory->renew(other).has_value());
  CHECK_FALSE(world.directory->renew("tocsin_t_nobody").has_value());

  world.clock.advance(limits::kSessionMax - std::chrono::milliseconds{1});
  REQUIRE(world.directory->member_of(token));
  REQUIRE(world.directory->renew(token).has_value());
  CHECK(world.directory->credentials_of("acme").size() == 2);
  world.open();
  CHECK(*world.directory->expiry_of(token) == world.clock.now() + limits::kSessionMax);

  const auto member = world.directory->member_of(token);
  REQUIRE(member);
  world.clock.advance(limits::kSessionMax - std::chrono::milliseconds{1});
  CHECK(world.directory->membership(*member) == Membership::holds);
  world.clock.advance(std::chrono::milliseconds{1});
  CHECK(world.directory->membership(*member) == Membership::ended);
  CHECK_FALSE(world.directory->member_of(token));
  CHECK_FALSE(world.directory->expiry_of(token));
  CHECK_FALSE(world.directory->renew(token).has_value());
  CHECK(world.directory->member_of(other));
}

TEST_CASE("members of whom something changed that they may read or are shown are told apart") {
  World world;
  auto acme = organisation("acme", {"police"});
  REQUIRE(put(world, acme));
  const auto member = *world.directory->member_of(world.token("acme"));
  acme.name = "Another name";
  const auto before = world.directory->revision();
  REQUIRE(put(world, acme));
  CHECK(world.directory->revision() > before);
  CHECK(world.directory->membership(member) == Membership::holds);
  REQUIRE(put(world, organisation("other", {"police"})));
  CHECK(world.directory->membership(member) == Membership::holds);
  acme.subscription = {{"area", "E09000033"}};
  REQUIRE(put(world, acme));
  CHECK(world.directory->membership(member) == Membership::changed);
  REQUIRE(world.directory->erase("acme").has_value());
  CHECK(world.directory->membership(member) == Membership::ended);
  CHECK(world.directory->membership({}) == Membership::holds);
}

TEST_CASE("an organisation that is erased takes its secrets along and comes back without them") {
  World world;
  REQUIRE(put(world, organisation("acme")));
  const std::string token = world.token("acme");
  const auto member = *world.directory->member_of(token);
  REQUIRE(world.directory->erase("acme").has_value());
  CHECK_FALSE(world.directory->member_of(token));
  CHECK_FALSE(world.directory->erase("acme").has_value());
  REQUIRE(put(world, organisation("acme")));
  CHECK_FALSE(world.directory->member_of(token));
  CHECK(world.directory->membership(member) == Membership::ended);
  world.open();
  CHECK(world.directory->all().size() == 1);
  CHECK(world.directory->credentials_of("acme").empty());
}

TEST_CASE("a secret that nobody has any more is revoked by its number") {
  World world;
  REQUIRE(put(world, organisation("acme")));
  const auto first = world.directory->issue("acme", Secret::Kind::token).value();
  const auto second = world.directory->issue("acme", Secret::Kind::token).value();
  CHECK(world.directory->credentials_of("acme").size() == 2);
  CHECK_FALSE(world.directory->revoke("other", first.number).has_value());
  CHECK_FALSE(world.directory->revoke("acme", 99).has_value());
  REQUIRE(world.directory->revoke("acme", first.number).has_value());
  CHECK_FALSE(world.directory->member_of(first.text));
  CHECK(world.directory->member_of(second.text));
}

TEST_CASE("several organisations are put together or not at all") {
  World world;
  const std::vector<Organisation> wrong = {organisation("one"), organisation("Two")};
  CHECK_FALSE(world.directory->put(wrong).has_value());
  CHECK(world.directory->size() == 0);
  const std::vector<Organisation> right = {organisation("one"), organisation("two")};
  REQUIRE(world.directory->put(right).has_value());
  world.open();
  CHECK(world.directory->size() == 2);
  CHECK(world.directory->find("two")->name == "The two");
}

TEST_CASE("what is out of form or beyond a bound is not kept") {
  World world;
  const auto with = [](auto change) {
    Organisation made = organisation("acme");
    change(made);
    return made;
  };
  const auto named = [&](std::string name) {
    return with([&](Organisation& made) { made.name = std::move(name); });
  };
  for (const char* key : {"", "Acme", "a b", "a.b", "ä"}) {
    CHECK_FALSE(put(world, organisation(key)));
  }
  CHECK(put(world, organisation(std::string(64, 'k'))));
  CHECK_FALSE(put(world, organisation(std::string(65, 'k'))));
  CHECK(put(world, named(std::string(limits::kNameBytes, 'n'))));
  CHECK_FALSE(put(world, named(std::string(limits::kNameBytes + 1, 'n'))));
  CHECK_FALSE(put(world, named("two\nlines")));
  CHECK_FALSE(put(world, named("\xff")));
  CHECK_FALSE(put(world, named("\x1b[31mred")));
  CHECK(put(world, organisation("acme", {std::string(limits::kGroupBytes, 'g')})));
  CHECK_FALSE(put(world, organisation("acme", {std::string(limits::kGroupBytes + 1, 'g')})));
  CHECK_FALSE(put(world, organisation("acme", {"two words"})));
  std::vector<std::string> groups;
  for (std::size_t i = 0; i < limits::kGroups; ++i) groups.push_back("g" + std::to_string(i));
  CHECK(put(world, organisation("acme", groups)));
  groups.push_back("more");
  CHECK_FALSE(put(world, organisation("acme", groups)));
  const auto subscribed = [&](std::size_t values, const char* name) {
    return with([&](Organisation& made) { made.subscription.assign(values, {name, "E09000033"}); });
  };
  CHECK(put(world, subscribed(limits::kFilterValues, "area")));
  CHECK_FALSE(put(world, subscribed(limits::kFilterValues + 1, "area")));
  CHECK_FALSE(put(world, subscribed(1, "after")));
}

TEST_CASE(
    "an organisation holds at most limits::kSecrets secrets and those that ran out do not count") {
  World world;
  REQUIRE(put(world, organisation("acme")));
  CHECK_FALSE(world.directory->issue("nobody", Secret::Kind::token).has_value());
  for (std::size_t i = 0; i < limits::kSecrets; ++i) {
    REQUIRE(world.directory->issue("acme", Secret::Kind::invitation).has_value());
  }
  CHECK_FALSE(world.directory->issue("acme", Secret::Kind::token).has_value());
  world.clock.advance(limits::kInvitation);
  CHECK(world.directory->issue("acme", Secret::Kind::token).has_value());
  CHECK(world.directory->credentials_of("acme").size() == 1);
}

TEST_CASE("the directory takes limits::kOrganisations and not one more") {
  World world;
  std::vector<Organisation> all;
  for (std::size_t i = 0; i < limits::kOrganisations; ++i) {
    all.push_back(organisation("o" + std::to_string(i)));
  }
  REQUIRE(world.directory->put(all).has_value());
  CHECK_FALSE(put(world, organisation("more")));
  CHECK(put(world, organisation("o7", {"police"})));
  CHECK(world.directory->size() == limits::kOrganisations);
}
