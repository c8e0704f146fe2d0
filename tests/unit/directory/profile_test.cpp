#include <sys/stat.h>

#include <atomic>
#include <thread>

#include "engine/directory/entries.hpp"
#include "engine/directory/limits.hpp"
#include "engine/limits.hpp"
#include "tests/unit/directory/profile_world.hpp"

using namespace engine;
using namespace tests;

namespace {

const std::string kPhone = "+447700900123";
const std::string kMail = "duty.officer@example.org";

Registration acme() {
  Registration made = registration("acme", {contact(Way::sms, kPhone), contact(Way::email, kMail)},
                                   {{cap::Point{51.5, -0.12}, "E09000033"}, {{}, "E07000223"}});
  made.profile.sectors = {"retail", "food", "retail"};
  made.profile.language = "cy";
  made.profile.contacts[1].fallback = true;
  made.profile.contacts[1].hours = {std::chrono::minutes{480}, std::chrono::minutes{1080}};
  return made;
}

}  // namespace

TEST_CASE("a profile is kept as it was given, also after a restart") {
  ProfileWorld world;
  REQUIRE(world.put(acme()) == "");
  for (int opening = 0; opening < 2; ++opening) {
    const Profile profile = world.profile("acme");
    Profile wanted = acme().profile;
    wanted.sectors = {"food", "retail"};
    wanted.contacts[0].number = 1;
    wanted.contacts[1].number = 2;
    CHECK(profile == wanted);
    CHECK(world.directory->find("acme")->name == "The acme");
    REQUIRE(world.open() == "");
  }
  CHECK_FALSE(*world.directory->profile("nobody"));
  Organisation bare;
  bare.key = "bare";
  REQUIRE(world.directory->put(bare).has_value());
  CHECK_FALSE(*world.directory->profile("bare"));
  REQUIRE(world.directory->put(acme().organisation).has_value());  // keeps the profile
  CHECK(world.profile("acme").contacts.size() == 2);
}

TEST_CASE(
    "a contact that stays keeps its number and what its person said, and no number comes again") {
  ProfileWorld world;
  REQUIRE(world.put(acme()) == "");
  Registration changed = acme();
  changed.profile = world.profile("acme");
  changed.profile.contacts[0].consents = false;
  changed.profile.contacts[0].confirmed = world.clock.now();
  REQUIRE(world.put(changed) == "");
  // A list of the operator's comes once more, without the mail address and with another number.
  Registration listed = acme();
  listed.profile.contacts[1] = contact(Way::sms, "+447700900999");
  REQUIRE(world.put(listed) == "");
  const auto contacts = world.profile("acme").contacts;
  REQUIRE(contacts.size() == 2);
  CHECK(contacts[0].number == 1);
  CHECK_FALSE(contacts[0].consents);
  CHECK(contacts[0].confirmed == world.clock.now());
  CHECK(contacts[1].number == 3);
  REQUIRE(world.directory->erase("acme").has_value());
  REQUIRE(world.open() == "");
  REQUIRE(world.put(acme()) == "");
  CHECK(world.number("acme", 0) == 4);
  CHECK(world.number("acme", 1) == 5);
}

TEST_CASE("a contact is named by a number of its own organisation alone") {
  ProfileWorld world;
  REQUIRE(world.put(acme()) == "");
  REQUIRE(world.put(registration("bolt", {contact(Way::sms, "+447700900124")})) == "");
  Registration foreign = registration("bolt", {contact(Way::sms, "+447700900124")});
  foreign.profile.contacts[0].number = 1;
  CHECK(world.put(foreign).find("no contact 1") != std::string::npos);
  Registration twice = acme();
  twice.profile.contacts[1] = twice.profile.contacts[0];
  CHECK(world.put(twice).find("twice") != std::string::npos);
  twice.profile = world.profile("acme");
  twice.profile.contacts[1] = twice.profile.contacts[0];
  twice.profile.contacts[1].address = "+447700900999";
  CHECK(world.put(twice).find("twice") != std::string::npos);
}

TEST_CASE("a contact that is dead stays so until it is another one") {
  ProfileWorld world;
  REQUIRE(world.put(acme()) == "");
  const std::uint64_t revision = world.directory->revision();
  REQUIRE(mark_dead(*world.directory, "acme", 1).has_value());
  REQUIRE(mark_dead(*world.directory, "acme", 77).has_value());
  REQUIRE(mark_dead(*world.directory, "nobody", 1).has_value());
  CHECK(world.directory->revision() >= revision);
  REQUIRE(world.open() == "");
  CHECK(world.profile("acme").contacts[0].dead);
  CHECK_FALSE(world.profile("acme").contacts[1].dead);
  REQUIRE(world.put(acme()) == "");
  CHECK(world.profile("acme").contacts[0].dead);
}

TEST_CASE("many contacts are dead by one write, beside those that are there no more") {
  ProfileWorld world;
  REQUIRE(world.put(acme()) == "");
  Registration other = acme();
  other.organisation.key = "bolt";
  REQUIRE(world.put(other) == "");
  const auto number = [&](const std::string& key, std::size_t contact) {
    return world.profile(key).contacts.at(contact).number;
  };
  const std::vector<std::pair<std::string, std::uint32_t>> dead = {{"acme", number("acme", 0)},
                                                                   {"nobody", 1},
                                                                   {"bolt", number("bolt", 1)},
                                                                   {"acme", number("acme", 1)},
                                                                   {"bolt", 77}};
  REQUIRE(world.directory->mark_dead(dead).has_value());
  REQUIRE(world.open() == "");
  CHECK(world.profile("acme").contacts[0].dead);
  CHECK(world.profile("acme").contacts[1].dead);
  CHECK_FALSE(world.profile("bolt").contacts[0].dead);
  CHECK(world.profile("bolt").contacts[1].dead);
}

TEST_CASE("a webhook without a secret gets one and keeps it") {
  ProfileWorld world;
  const Registration hooked =
      registration("acme", {contact(Way::webhook, "https://example.org/alerts")});
  REQUIRE(world.put(hooked) == "");
  const std::string secret = world.profile("acme").contacts[0].secret;
  CHECK(secret.starts_with("whsec_"));
  CHECK(secret.size() == 6 + 44);
  REQUIRE(world.put(hooked) == "");
  CHECK(world.profile("acme").contacts[0].secret == secret);
}

TEST_CASE("what a profile may not say is refused, and no sentence holds a contact") {
  ProfileWorld world;
  const auto refused = [&](Way way, const std::string& address) {
    const std::string what = world.put(registration("acme", {contact(way, address)}));
    const bool told = address.find("7700") != address.npos || address.find("duty") != address.npos;
    if (told) CHECK(what.find(address) == std::string::npos);
    return what != "";
  };
  for (const char* phone : {"07700900123", "+0447700900123", "+44 7700900123", "+4", "+", "",
                            "+4477009001234567", "+44x700900123"}) {
    CAPTURE(phone);
    CHECK(refused(Way::sms, phone));
  }
  for (const char* mail :
       {"", "duty", "@example.org", "duty@", "a@b@c", "a b@c.org", "<a@b.org>", "a@b.org\n",
        "a@b..org", ".a@b.org", "a@.b.org", "\xc3\xa9@b.org", "\"a\"@b.org"}) {
    CAPTURE(mail);
    CHECK(refused(Way::email, mail));
  }
  CHECK(refused(Way::email, std::string(65, 'a') + "@b.org"));
  CHECK(refused(Way::email, "a@" + std::string(253, 'b')));
  for (const char* hook : {"", "example.org", "ftp://example.org", "https://example.org/a b"}) {
    CAPTURE(hook);
    CHECK(refused(Way::webhook, hook));
  }
  CHECK_FALSE(refused(Way::sms, kPhone));
  CHECK_FALSE(refused(Way::email, kMail));
  CHECK_FALSE(refused(Way::webhook, "https://example.org/alerts?to=acme"));
  Registration made = acme();
  made.profile.language = "fr";
  CHECK(world.put(made) != "");
  made = acme();
  made.profile.premises = {{cap::Point{91, 0}, ""}};
  CHECK(world.put(made) != "");
  made.profile.premises = {{{}, "E99999999"}};
  CHECK(world.put(made) != "");
  made.profile.premises = {{{}, ""}};
  CHECK(world.put(made) != "");
  made = acme();
  made.profile.contacts[0].hours.from = std::chrono::minutes{1440};
  CHECK(world.put(made) != "");
}

TEST_CASE("a profile is bounded in contacts, places, sectors and lengths") {
  ProfileWorld world;
  Registration made = registration("acme", {});
  for (std::size_t i = 0; i < limits::kContacts; ++i) {
    made.profile.contacts.push_back(contact(Way::sms, "+4477009" + std::to_string(10000 + i)));
  }
  for (std::size_t i = 0; i < limits::kPremises; ++i) {
    made.profile.premises.push_back({cap::Point{51.0 + 0.01 * static_cast<double>(i), 0}, ""});
  }
  for (std::size_t i = 0; i < limits::kSectorsOfOne; ++i) {
    made.profile.sectors.push_back(std::string(limits::kSectorBytes - 1, 's') + std::to_string(i));
  }
  REQUIRE(world.put(made) == "");
  Registration more = made;
  more.profile.contacts.push_back(contact(Way::sms, kPhone));
  CHECK(world.put(more) != "");
  more = made;
  more.profile.premises.push_back({{}, "E09000033"});
  CHECK(world.put(more) != "");
  more = made;
  more.profile.sectors.push_back("one");
  CHECK(world.put(more) != "");
  more = made;
  more.profile.sectors[0] += "s";
  CHECK(world.put(more) != "");
  const std::string start = "https://example.org/";
  const std::string longest = start + std::string(limits::kContactBytes - start.size(), 'a');
  CHECK(world.put(registration("bolt", {contact(Way::webhook, longest)})) == "");
  CHECK(world.put(registration("bolt", {contact(Way::webhook, longest + "a")})) != "");
  Registration hooked = registration("bolt", {contact(Way::webhook, longest)});
  hooked.profile.contacts[0].secret = std::string(limits::kContactSecretBytes, 'x');
  CHECK(world.put(hooked) == "");
  hooked.profile.contacts[0].secret += "x";
  CHECK(world.put(hooked) != "");
  // Streams ask for places and subscription together.
  while (made.organisation.subscription.size() + limits::kPremises < limits::kFilterValues) {
    made.organisation.subscription.emplace_back("sender", "one@example.org");
  }
  CHECK(world.put(made) == "");
  made.organisation.subscription.emplace_back("sender", "two@example.org");
  CHECK(world.put(made) != "");
}

TEST_CASE("limits::kSectorsOfAll sectors are known to the directory and one more is refused") {
  ProfileWorld world;
  const auto put = [&](std::size_t n) {
    Registration made = registration("o" + std::to_string(n), {});
    made.profile.sectors = {"sector " + std::to_string(n)};
    return world.put(made);
  };
  for (std::size_t i = 0; i < limits::kSectorsOfAll; ++i) REQUIRE(put(i) == "");
  CHECK(put(limits::kSectorsOfAll).find("63 sectors") != std::string::npos);
  CHECK(put(3) == "");
}

TEST_CASE("no file of the folder holds a contact, and nothing opens without the key outside") {
  ProfileWorld world;
  CHECK_FALSE(std::filesystem::exists(world.key_file()));  // nothing is sealed yet
  REQUIRE(world.put(acme()) == "");
  struct stat about {};
  REQUIRE(::stat(world.key_file().c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0600);
  CHECK(world.holds("The acme"));  // what is not sealed is found
  CHECK_FALSE(world.holds(kPhone.substr(1)));
  CHECK_FALSE(world.holds(kMail));
  CHECK_FALSE(world.holds("51.5"));
  const auto away = world.folder.path() / "elsewhere.key";
  std::filesystem::rename(world.key_file(), away);
  CHECK(world.open().find("directory_key_file") != std::string::npos);
  SUBCASE("it may lie elsewhere, and that is remembered") {
    world.options.key_file = away;
    REQUIRE(world.open() == "");
    CHECK(world.profile("acme").contacts.size() == 2);
  }
  SUBCASE("another one is refused") {
    ProfileWorld other;
    REQUIRE(other.put(acme()) == "");
    world.options.key_file = other.key_file();
    CHECK(world.open().find("is not the key") != std::string::npos);
  }
  SUBCASE("one that others may read is refused") {
    std::filesystem::rename(away, world.key_file());
    REQUIRE(::chmod(world.key_file().c_str(), 0644) == 0);
    CHECK(world.open().find("chmod 600") != std::string::npos);
  }
}

TEST_CASE("the key is made where it is wanted, never in the data folder") {
  ProfileWorld world;
  world.options.key_file = world.data() / "inside.key";
  REQUIRE(world.open() == "");
  CHECK(world.put(acme()).find("data folder") != std::string::npos);
  world.options.key_file = world.folder.path() / "nowhere" / "it.key";
  REQUIRE(world.open() == "");
  CHECK(world.put(acme()).find("directory_key_file") != std::string::npos);
  world.options.key_file = world.folder.path() / "chosen.key";
  REQUIRE(world.open() == "");
  REQUIRE(world.put(acme()) == "");
  CHECK(std::filesystem::exists(world.options.key_file));
  CHECK_FALSE(std::filesystem::exists(world.key_file()));
  world.options.key_file.clear();  // what the commands know of it
  REQUIRE(world.open() == "");
  CHECK(world.profile("acme").contacts.size() == 2);
}

TEST_CASE("what is moved to another organisation does not open there") {
  ProfileWorld world;
  REQUIRE(world.put(acme()) == "");
  REQUIRE(world.put(registration("bolt", {contact(Way::sms, "+447700900124")})) == "");
  world.directory.reset();
  {
    StoreOptions options;
    options.directory = world.options.directory;
    options.tables = DirectoryTable::kNames;
    auto store = std::move(Store::open(options).value());
    auto change = store->change();
    change.put(DirectoryTable::profiles, "bolt",
               *store->get(DirectoryTable::profiles, "acme").value());
    REQUIRE(store->commit(std::move(change), Durability::synced) == Store::Commit::done);
  }
  CHECK(world.open().find("profile of bolt cannot be opened") != std::string::npos);
}

TEST_CASE("a folder of format 1 opens and takes profiles from then on") {
  ProfileWorld world;
  world.directory.reset();
  std::filesystem::remove_all(world.options.directory);
  std::filesystem::create_directories(world.options.directory);
  {
    constexpr std::array<const char*, 3> kTables = {"default", "organisations", "secrets"};
    StoreOptions options;
    options.directory = world.options.directory;
    options.tables = kTables;
    auto store = std::move(Store::open(options).value());
    Organisation old;
    old.key = "acme";
    old.name = "The acme";
    old.subscription = {{"area", "E09000033"}};
    for (int commits = 0; commits < 3; ++commits) {
      auto change = store->change();
      change.put(DirectoryTable::meta, "format", "1");
      change.put(DirectoryTable::organisations, old.key, encode(old));
      REQUIRE(store->commit(std::move(change), Durability::synced) == Store::Commit::done);
    }
  }
  REQUIRE(world.open() == "");
  CHECK(world.directory->find("acme")->name == "The acme");
  CHECK_FALSE(*world.directory->profile("acme"));
  REQUIRE(world.open() == "");
  REQUIRE(world.put(acme()) == "");
  REQUIRE(world.open() == "");
  CHECK(world.profile("acme").contacts.size() == 2);
}

TEST_CASE("streams of an organisation are filtered by its places as well") {
  ProfileWorld world;
  Registration made = acme();
  made.organisation.subscription = {{"severity", "Severe"}};
  REQUIRE(world.put(made) == "");
  const std::vector<Filter::Parameter> wanted = {
      {"severity", "Severe"}, {"area", "51.5000000,-0.1200000"}, {"area", "E07000223"}};
  CHECK(world.directory->subscription_of("acme") == wanted);
  CHECK(world.directory->find("acme")->subscription == made.organisation.subscription);
  CHECK(world.directory->subscription_of("nobody").empty());
  // Who is signed in reads by what counts now.
  const std::string token = world.directory->issue("acme", Secret::Kind::token).value().text;
  const Member member = *world.directory->member_of(token);
  made.profile.contacts.clear();
  REQUIRE(world.put(made) == "");
  CHECK(world.directory->membership(member) == Membership::holds);
  made.profile.premises.pop_back();
  REQUIRE(world.put(made) == "");
  CHECK(world.directory->membership(member) == Membership::changed);
}

TEST_CASE("an import that is refused leaves nothing behind that the next one could miss") {
  ProfileWorld world;
  std::vector<Registration> swapped;  // a column too far to the left
  for (std::size_t i = 0; i <= limits::kSectorsOfAll; ++i) {
    swapped.push_back(registration("org" + std::to_string(i), {}));
    swapped.back().profile.sectors = {"The name of " + std::to_string(i)};
  }
  REQUIRE_FALSE(world.directory->put(swapped).has_value());
  swapped.resize(1);
  swapped.front().profile.sectors = {"schools"};
  CHECK(world.put(swapped.front()) == "");
}

TEST_CASE("who marks a contact does not wait for an import") {
  ProfileWorld world;
  REQUIRE(world.put(registration("acme", {contact(Way::sms, "+447700900123")})) == "");
  std::vector<Registration> many;
  for (std::size_t i = 0; i < 5'000; ++i) {
    many.push_back(registration("org" + std::to_string(i), {contact(Way::sms, "+447700900123")}));
  }
  std::atomic<bool> done{false};
  std::thread import([&] {
    CHECK(world.directory->put(many).has_value());
    done = true;
  });
  bool refused = false;
  while (!refused && !done) {
    refused = !mark_dead(*world.directory, "acme", world.number("acme", 0)).has_value();
  }
  import.join();
  CHECK(refused);
  CHECK(mark_dead(*world.directory, "acme", world.number("acme", 0)).has_value());
  CHECK(world.profile("acme").contacts.front().dead);
}
