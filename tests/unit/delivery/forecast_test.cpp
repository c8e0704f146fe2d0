// Whom the outbox would look for, asked before an alert is sent.
#include "engine/forecast.hpp"

#include "engine/delivery/limits.hpp"
#include "engine/places.hpp"
#include "tests/support/alert_builder.hpp"
#include "tests/unit/directory/profile_world.hpp"

using namespace engine;
using namespace tests;
using namespace std::chrono_literals;

namespace {

constexpr std::array<bool, kWays> kAllWays{true, true, true};
const char* const kWestminster = "E09000033";
const char* const kManchester = "E08000003";

Bulletin bulletin_of(const AlertBuilder& alert) {
  Bulletin bulletin;
  bulletin.envelope.payload = alert.xml();
  bulletin.outline = cap::outline_of(alert.alert());
  Places::builtin().complete(bulletin.outline);
  return bulletin;
}

struct Foreseen : ProfileWorld {
  Foreseen() {
    options.default_status = cap::Status::exercise;
    REQUIRE(open() == "");
  }
  void add(const std::string& key, std::vector<Contact> contacts,
           const char* where = kWestminster) {
    REQUIRE(put(registration(key, std::move(contacts), {{{}, where}})) == "");
  }
  /// "matched looked_at: sms email webhook, later, not contactable".
  std::string said(const AlertBuilder& alert, std::array<bool, kWays> ways = kAllWays) const {
    const auto found = forecast(*directory, bulletin_of(alert), ways, clock.now());
    if (!found) return "nobody";
    std::string text =
        std::to_string(found->matched) + " " + std::to_string(found->looked_at) + ":";
    for (const std::size_t count : found->by_way) text += " " + std::to_string(count);
    return text + ", " + std::to_string(found->later) + ", " +
           std::to_string(found->not_contactable);
  }
};

/// ManualClock starts at noon; this one sleeps then.
Contact at_night(Contact contact) {
  contact.hours = {20h, 23h};
  return contact;
}

const AlertBuilder kSevere = AlertBuilder().severity(cap::Severity::severe);

}  // namespace

TEST_CASE("each organisation concerned counts by every way it could be told by now") {
  Foreseen world;
  CHECK(world.said(kSevere) == "0 0: 0 0 0, 0, 0");
  world.add("both", {contact(Way::sms, "+447700900001"), contact(Way::sms, "+447700900002"),
                     contact(Way::email, "a@example.org")});
  world.add("hook", {contact(Way::webhook, "https://hook.example.org/")});
  world.add("elsewhere", {contact(Way::sms, "+447700900003")}, kManchester);
  CHECK(world.said(kSevere) == "2 2: 1 1 1, 0, 0");
  // What this engine has no channel for tells nobody.
  CHECK(world.said(kSevere, {false, true, false}) == "2 2: 0 1 0, 0, 1");
  CHECK(world.said(kSevere, {}) == "2 2: 0 0 0, 0, 2");
}

TEST_CASE("who does not consent, is dead, or has no contact is not contactable") {
  Foreseen world;
  auto silent = contact(Way::sms, "+447700900001");
  silent.consents = false;
  auto dead = contact(Way::sms, "+447700900002");
  dead.dead = true;
  world.add("silent", {silent});
  world.add("dead", {dead});
  world.add("empty", {});
  Organisation named;
  named.key = "named";
  named.subscription = {{"area", kWestminster}};
  REQUIRE(world.directory->put(named).has_value());  // nothing is known of it but its area
  CHECK(world.said(kSevere) == "4 4: 0 0 0, 0, 4");
  world.add("dead", {dead, contact(Way::email, "b@example.org")});
  CHECK(world.said(kSevere) == "4 4: 0 1 0, 0, 3");
}

TEST_CASE("who sleeps is told later, and an Extreme alert wakes everybody") {
  Foreseen world;
  world.add("asleep", {at_night(contact(Way::sms, "+447700900001"))});
  world.add("one-awake",
            {at_night(contact(Way::sms, "+447700900002")), contact(Way::email, "c@example.org")});
  CHECK(world.said(kSevere) == "2 2: 0 1 0, 1, 0");
  const auto extreme = AlertBuilder().severity(cap::Severity::extreme);
  CHECK(world.said(extreme) == "2 2: 2 1 0, 0, 0");
  const auto unknown = AlertBuilder().severity(cap::Severity::unknown);
  CHECK(world.said(unknown) == "2 2: 2 1 0, 0, 0");
  world.clock.advance(9h);
  CHECK(world.said(kSevere) == "2 2: 2 1 0, 0, 0");
}

TEST_CASE("a Cancel looks for nobody, and an Update for those in its own area") {
  Foreseen world;
  world.add("here", {contact(Way::sms, "+447700900001")});
  CHECK(world.said(AlertBuilder().cancel(kSevere.identity())) == "nobody");
  CHECK(world.said(AlertBuilder().ack(kSevere.identity())) == "nobody");
  CHECK(world.said(AlertBuilder().update(kSevere.identity())) == "1 1: 1 0 0, 0, 0");
}

TEST_CASE("of more than kForecastLooked organisations so many are looked at, spread over all") {
  Foreseen world;
  const std::size_t most = delivery::limits::kForecastLooked;
  std::vector<Registration> all;
  const auto add = [&](std::size_t count, Contact told) {
    for (std::size_t i = 0; i < count; ++i) {
      all.push_back(registration("o" + std::to_string(all.size()), {told}, {{{}, kWestminster}}));
    }
  };
  add(most, contact(Way::sms, "+447700900001"));
  REQUIRE(world.directory->put(all).has_value());
  CHECK(world.said(kSevere) == "1000 1000: 1000 0 0, 0, 0");
  add(most, contact(Way::email, "a@example.org"));
  REQUIRE(world.directory->put(all).has_value());
  const auto found = forecast(*world.directory, bulletin_of(kSevere), kAllWays, world.clock.now());
  REQUIRE(found.has_value());
  CHECK(found->matched == 2 * most);
  CHECK(found->looked_at == most);
  // They lie one behind the other; both kinds are seen.
  CHECK(found->by_way[0] > most / 4);
  CHECK(found->by_way[1] > most / 4);
}
