// What is erased is gone from the folder's files: searched octet by octet.
#include "engine/directory/entries.hpp"
#include "engine/directory/profiles.hpp"
#include "tests/unit/directory/profile_world.hpp"

using namespace engine;
using namespace tests;

namespace {

/// What the folder holds of an organisation's row: enough to open it with the key outside.
ProfileRow row_of(ProfileWorld& world, std::string_view key) {
  world.directory.reset();
  StoreOptions options;
  options.directory = world.options.directory;
  options.tables = DirectoryTable::kNames;
  auto store = std::move(Store::open(options).value());
  const auto bytes = store->get(DirectoryTable::profiles, key).value();
  const auto row = decode_profile_row(*bytes);
  REQUIRE(row);
  store.reset();
  REQUIRE(world.open() == "");
  return *row;
}

Registration acme(const std::string& phone) {
  Registration made = registration("acme-and-daughters", {contact(Way::sms, phone)},
                                   {{cap::Point{51.5, -0.12}, ""}});
  made.organisation.subscription = {{"sender", "sirens@hills.test"}};
  return made;
}

}  // namespace

TEST_CASE("an erased organisation is in no file of the folder, whatever became of it before") {
  ProfileWorld world;
  REQUIRE(world.put(acme("+447700900123")) == "");
  const ProfileRow first = row_of(world, "acme-and-daughters");
  REQUIRE(world.put(acme("+447700900999")) == "");  // what was overwritten goes as well
  const ProfileRow second = row_of(world, "acme-and-daughters");
  REQUIRE(world.put(registration("bolt", {contact(Way::sms, "+447700900124")})) == "");
  const std::string token =
      world.directory->issue("acme-and-daughters", Secret::Kind::token).value().text;
  const std::vector<std::string> traces = {
      "acme-and-daughters", "sirens@hills.test", second.wrapped_key.substr(30),
      second.contacts.substr(30), second.whereabouts.substr(30)};
  for (const auto& trace : traces) CHECK(world.holds(trace));  // this search finds what is there
  const auto erased = world.directory->erase("acme-and-daughters");
  REQUIRE(erased.has_value());
  CHECK(*erased == Erased::cleanly);
  REQUIRE(world.open() == "");
  for (const auto& trace : traces) CHECK_FALSE(world.holds(trace));
  CHECK_FALSE(world.holds(first.contacts.substr(30)));
  CHECK_FALSE(world.holds("7700900123"));
  CHECK_FALSE(*world.directory->profile("acme-and-daughters"));
  CHECK_FALSE(world.directory->member_of(token));
  CHECK(world.profile("bolt").contacts.size() == 1);
}

TEST_CASE("what a stop kept from being cleaned is cleaned at the next start") {
  ProfileWorld world;
  REQUIRE(world.put(acme("+447700900123")) == "");
  const ProfileRow row = row_of(world, "acme-and-daughters");
  world.directory.reset();
  {
    StoreOptions options;
    options.directory = world.options.directory;
    options.tables = DirectoryTable::kNames;
    auto store = std::move(Store::open(options).value());
    auto change = store->change();
    change.erase(DirectoryTable::organisations, "acme-and-daughters");
    change.erase(DirectoryTable::profiles, "acme-and-daughters");
    change.put(DirectoryTable::meta, "purge", "1");
    REQUIRE(store->commit(std::move(change), Durability::synced) == Store::Commit::done);
  }
  CHECK(world.holds(row.wrapped_key.substr(30)));
  REQUIRE(world.open() == "");
  CHECK_FALSE(world.directory->find("acme-and-daughters"));
  REQUIRE(world.open() == "");
  CHECK_FALSE(world.holds(row.wrapped_key.substr(30)));
  CHECK_FALSE(world.holds("acme-and-daughters"));
}
