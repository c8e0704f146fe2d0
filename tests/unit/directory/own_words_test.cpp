#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "engine/directory/directory_json.hpp"
#include "engine/directory/own_words.hpp"
#include "tests/unit/directory/profile_world.hpp"

using namespace engine;
using namespace tests;

namespace {

const std::string kPhone = "+447700900123", kOther = "+447700900999", kMail = "door@acme.example";

std::string put_own(ProfileWorld& world, Profile profile) {
  const auto done = world.directory->put_own("acme", {std::move(profile), std::nullopt});
  return done ? "" : done.error().what;
}

Registration acme() {
  Registration made = registration(
      "acme", {contact(Way::sms, kPhone), contact(Way::webhook, "https://acme.example/hook")});
  made.organisation.groups = {"fire"};
  made.organisation.subscription = {{"severity", "Severe"}};
  return made;
}

std::string refused(std::string_view text) {
  const auto read = read_profile(boost::json::parse(text));
  return read ? "" : read.error().what;
}

}  // namespace

TEST_CASE("an organisation that adds an address is sent nothing there until it is confirmed") {
  ProfileWorld world;
  REQUIRE(world.put(acme()) == "");
  Profile own = world.profile("acme");
  own.contacts.push_back(contact(Way::email, kMail));
  own.contacts.back().confirmed = world.clock.now();
  own.contacts.back().hours = {std::chrono::hours{8}, std::chrono::hours{18}};
  REQUIRE(put_own(world, own) == "");
  const Contact added = world.profile("acme").contacts.at(2);
  CHECK_FALSE(added.consents);
  CHECK_FALSE(added.confirmed);
  CHECK(added.hours.until == std::chrono::hours{18});
  CHECK(world.profile("acme").contacts[0].consents);
  const std::string code =
      world.directory->draw_code("acme", Way::email, kMail).value().value_or("");
  CHECK(world.directory->confirm("acme", Way::email, kMail, code).value() == CodeTried::right);
  CHECK(world.profile("acme").contacts[2].consents);
  CHECK(world.profile("acme").contacts[2].number == added.number);
}

TEST_CASE("a contact whose address changes is another one and whoever left stays away") {
  ProfileWorld world;
  REQUIRE(world.put(acme()) == "");
  Profile own = world.profile("acme");
  const auto number = own.contacts[0].number;
  own.contacts[0].address = kOther;
  REQUIRE(put_own(world, own) == "");
  CHECK(world.number("acme", 0) > number);
  CHECK_FALSE(world.profile("acme").contacts[0].consents);
  // Back again, also with another's number, it was not confirmed either.
  own = world.profile("acme");
  own.contacts[0].address = kPhone;
  own.contacts[0].number = own.contacts[1].number;
  own.contacts[0].consents = true;
  REQUIRE(put_own(world, own) == "");
  CHECK_FALSE(world.profile("acme").contacts[0].consents);
  CHECK(world.number("acme", 0) != own.contacts[1].number);

  REQUIRE(world.put(acme()) == "");
  REQUIRE(world.directory->leave("acme", world.number("acme", 0)).has_value());
  REQUIRE(mark_dead(*world.directory, "acme", world.number("acme", 0)).has_value());
  own = world.profile("acme");
  own.contacts[0].consents = true;
  own.contacts[0].dead = false;
  REQUIRE(put_own(world, own) == "");
  CHECK_FALSE(world.profile("acme").contacts[0].consents);
  CHECK(world.profile("acme").contacts[0].dead);
}

TEST_CASE("an organisation orders its contacts, says their hours and takes them away") {
  ProfileWorld world;
  Registration shop = registration("shop", {});
  shop.profile.sectors = {"retail"};
  REQUIRE(world.put(shop) == "");
  REQUIRE(world.put(acme()) == "");
  const std::string secret = world.profile("acme").contacts[1].secret;
  REQUIRE(secret.starts_with("whsec_"));
  Profile own = world.profile("acme");
  std::swap(own.contacts[0], own.contacts[1]);
  own.contacts[0].secret.clear();
  own.contacts[0].fallback = true;
  own.contacts[1].consents = false;
  own.language = "cy";
  own.sectors = {"retail"};
  own.premises = {{cap::Point{51.5, -0.1}, ""}};
  REQUIRE(put_own(world, own) == "");
  Profile kept = world.profile("acme");
  CHECK(kept.contacts[0].secret == secret);
  CHECK(kept.contacts[0].fallback);
  CHECK_FALSE(kept.contacts[1].consents);
  CHECK(kept.language == "cy");
  CHECK(kept.premises.size() == 1);
  CHECK(kept.sectors == std::vector<std::string>{"retail"});
  kept.contacts.pop_back();
  REQUIRE(put_own(world, kept) == "");
  CHECK(world.profile("acme").contacts.size() == 1);
  CHECK(world.directory->find("acme")->groups == std::vector<std::string>{"fire"});
}

TEST_CASE("what an organisation may not say of itself changes nothing") {
  ProfileWorld world;
  REQUIRE(world.put(acme()) == "");
  const Profile before = world.profile("acme");
  Profile own = before;
  own.contacts.push_back(contact(Way::webhook, "https://elsewhere.example/"));
  CHECK(put_own(world, own) == "a new webhook is entered by whoever runs this engine");
  own = before;
  own.contacts[0].number = 77;
  CHECK(put_own(world, own).find("77") != std::string::npos);
  own = before;
  own.contacts[0].address = "07700900123";
  CHECK(put_own(world, own).find("E.164") != std::string::npos);
  own = before;
  own.language = "fr";
  CHECK(put_own(world, own) != "");
  own = before;
  own.sectors = {"a sector of its own making"};
  CHECK(put_own(world, own).find("sector") != std::string::npos);
  own = before;
  own.contacts.push_back(own.contacts[0]);
  CHECK(put_own(world, own) != "");
  CHECK(world.profile("acme") == before);
  CHECK_FALSE(world.directory->put_own("nobody", {Profile{}, std::nullopt}).has_value());
}

TEST_CASE("a subscription is changed without the profile, and the profile without it") {
  ProfileWorld world;
  REQUIRE(world.put(acme()) == "");
  const Profile before = world.profile("acme");
  REQUIRE(world.directory->put_own("acme", {std::nullopt, {{{"severity", "Minor"}}}}).has_value());
  CHECK(world.profile("acme") == before);
  REQUIRE(put_own(world, Profile{}) == "");
  CHECK(world.profile("acme").contacts.empty());
  const auto kept = world.directory->find("acme").value();
  CHECK(kept.subscription == std::vector<Filter::Parameter>{{"severity", "Minor"}});
  REQUIRE(world.open() == "");
  CHECK(world.profile("acme").contacts.empty());
}

TEST_CASE("a profile is read as it is told and nothing is read that it never says") {
  ProfileWorld world;
  Registration made = acme();
  made.profile.premises = {{cap::Point{51.5, -0.1}, "E09000033"}, {{}, "E09000007"}};
  made.profile.contacts[0].hours = {std::chrono::hours{8}, std::chrono::minutes{1110}};
  made.profile.contacts[0].confirmed = parse_time("2026-11-21T19:30:00Z");
  REQUIRE(world.put(made) == "");
  const Profile kept = world.profile("acme");
  CHECK(read_profile(profile_json(kept, Contacts::shown)).value() == kept);
  const auto own = profile_json(kept, Contacts::its_own);
  CHECK(boost::json::serialize(own).find("whsec_") == std::string::npos);
  CHECK(own.at("premises").as_array().size() == 2);
  CHECK(read_profile(own).has_value());

  CHECK(refused("[]") == "a profile is an object");
  CHECK(refused(R"({"contact":[]})") == "a profile has no contact");
  CHECK(refused(R"({"language":7})") == "a profile has a language that is no text");
  CHECK(refused(R"({"contacts":{}})") == "a profile has contacts, a list");
  CHECK(refused(R"({"sectors":[1]})") == "a sector is a text");
  CHECK(refused(R"({"premises":[{"latitude":51}]})") ==
        "a place has both latitude and longitude, or neither");
  CHECK(refused(R"({"premises":[{"latitude":"51","longitude":0}]})") ==
        "a place has a latitude that is no number");
  CHECK(refused(R"({"contacts":[{"way":"fax","address":"1"}]})") ==
        "a contact has a way: sms, email or webhook");
  CHECK(refused(R"({"contacts":[{"way":"sms","address":"1","consents":"yes"}]})") ==
        "a contact has consents: true or false");
  CHECK(refused(R"({"contacts":[{"way":"sms","address":"1","consent":true}]})") ==
        "a contact has no consent");
  CHECK(refused(R"({"contacts":[{"way":"sms","address":"1","hours":"8-18"}]})") ==
        "a contact has hours such as 08:00-18:00");
}
