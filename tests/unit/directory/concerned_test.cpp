// Whom a bulletin concerns, as of now: by place, by name, and by what was subscribed to.
#include <algorithm>

#include "tests/unit/directory/profile_world.hpp"

using namespace engine;
using namespace tests;

namespace {

constexpr cap::Point kWestminster{51.4975, -0.1357}, kManchester{53.4794, -2.2453};

cap::Reach reach_of(const std::string& code) {
  cap::Outline outline;
  cap::Reach reach;
  reach.severity = cap::Severity::severe;
  reach.categories = cap::bit(cap::Category::security);
  reach.sender = "control@example.org";
  reach.codes = {code};
  outline.reaches.push_back(reach);
  Places::builtin().complete(outline);
  return outline.reaches.front();
}

struct Directed : ProfileWorld {
  std::vector<std::string> concerned(const cap::Reach& reach,
                                     const std::vector<std::string>& sectors = {}) const {
    std::vector<std::string> keys;
    for (const auto& one : directory->concerned({&reach, 1}, sectors)) {
      keys.push_back(one.organisation);
    }
    std::sort(keys.begin(), keys.end());
    if (sectors.empty()) CHECK(directory->concerns_anybody({&reach, 1}) == !keys.empty());
    return keys;
  }
};
using Keys = std::vector<std::string>;

const char* const kLondonBorough = "E09000033";

}  // namespace

TEST_CASE("a change of an organisation counts as soon as it is made, and after a restart") {
  Directed world;
  const cap::Reach reach = reach_of(kLondonBorough);
  REQUIRE(world.put(registration("here", {}, {{kWestminster, ""}})) == "");
  REQUIRE(world.put(registration("there", {}, {{kManchester, ""}})) == "");
  REQUIRE(world.put(registration("coded", {}, {{{}, kLondonBorough}})) == "");
  REQUIRE(world.put(registration("nowhere", {})) == "");
  for (int opening = 0; opening < 2; ++opening) {
    CHECK(world.concerned(reach) == Keys{"coded", "here"});
    REQUIRE(world.open() == "");
  }
  REQUIRE(world.put(registration("there", {}, {{kWestminster, ""}})) == "");
  REQUIRE(world.put(registration("coded", {}, {{{}, "E08000003"}})) == "");
  CHECK(world.concerned(reach) == Keys{"here", "there"});
  REQUIRE(world.directory->erase("here").has_value());
  CHECK(world.concerned(reach) == Keys{"there"});
  REQUIRE(world.open() == "");
  CHECK(world.concerned(reach) == Keys{"there"});
}

TEST_CASE("the nearest come with the least distance, and a point counts more than a code") {
  Directed world;
  const cap::Reach reach = reach_of(kLondonBorough);
  REQUIRE(world.put(registration("near", {}, {{kWestminster, ""}})) == "");
  REQUIRE(world.put(registration("far", {}, {{cap::Point{51.535, -0.175}, ""}})) == "");
  // Its code is concerned, the point that it gives is not.
  REQUIRE(world.put(registration("moved", {}, {{kManchester, kLondonBorough}})) == "");
  auto found = world.directory->concerned({&reach, 1});
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.km < b.km; });
  REQUIRE(found.size() == 2);
  CHECK(found[0].organisation == "near");
  CHECK(found[1].organisation == "far");
  CHECK(found[0].km < found[1].km);
  CHECK(found[1].km < 10);
}

TEST_CASE("a subscription says what of its places an organisation wants to hear") {
  Directed world;
  const auto put = [&](std::string key, std::vector<Filter::Parameter> subscription) {
    Registration made = registration(std::move(key), {}, {{kWestminster, ""}});
    made.organisation.subscription = std::move(subscription);
    REQUIRE(world.put(made) == "");
  };
  put("all", {});
  put("extreme", {{"severity", "Extreme"}});
  put("severe", {{"severity", "Severe"}, {"severity", "Extreme"}});
  put("weather", {{"category", "Met"}});
  put("secure", {{"category", "Met"}, {"category", "Security"}});
  put("other", {{"sender", "other@example.org"}});
  put("control", {{"sender", "other@example.org"}, {"sender", "control@example.org"}});
  put("drills", {{"status", "Exercise"}});
  cap::Reach reach = reach_of(kLondonBorough);
  CHECK(world.concerned(reach) == Keys{"all", "control", "secure", "severe"});
  reach.status = cap::Status::exercise;
  CHECK(world.concerned(reach) == Keys{"drills"});
  world.options.default_status = cap::Status::exercise;
  REQUIRE(world.open() == "");
  CHECK(world.concerned(reach) == Keys{"all", "control", "drills", "secure", "severe"});
  Registration areas = registration("areas", {});
  areas.organisation.subscription = {{"area", "51.4975,-0.1357"}};
  REQUIRE(world.put(areas) == "");
  CHECK(world.concerned(reach) == Keys{"all", "areas", "control", "drills", "secure", "severe"});
}

TEST_CASE("sectors pick organisations among those concerned") {
  Directed world;
  const cap::Reach reach = reach_of(kLondonBorough);
  const auto put = [&](std::string key, std::vector<std::string> sectors) {
    Registration made = registration(std::move(key), {}, {{kWestminster, ""}});
    made.profile.sectors = std::move(sectors);
    REQUIRE(world.put(made) == "");
  };
  put("shop", {"retail"});
  put("pub", {"retail", "hospitality"});
  put("plain", {});
  for (int opening = 0; opening < 2; ++opening) {
    CHECK(world.concerned(reach) == Keys{"plain", "pub", "shop"});
    CHECK(world.concerned(reach, {"retail"}) == Keys{"pub", "shop"});
    CHECK(world.concerned(reach, {"hospitality", "mining"}) == Keys{"pub"});
    CHECK(world.concerned(reach, {"mining"}) == Keys{});
    REQUIRE(world.open() == "");
  }
}

TEST_CASE("whom a bulletin concerns is counted where it does, and in each of its sectors") {
  Directed world;
  const cap::Reach reach = reach_of(kLondonBorough);
  const auto grouping = [&](std::string_view key) {
    const auto found = world.directory->grouping_of(key, {&reach, 1});
    REQUIRE(found.has_value());
    std::string text = found->area;
    for (const auto& sector : found->sectors) text += " " + sector;
    return text;
  };
  auto one = registration("one", {}, {{kWestminster, ""}});
  one.profile.sectors = {"food", "retail"};
  REQUIRE(world.put(one) == "");
  auto branches = registration("branches", {}, {{kManchester, ""}, {kWestminster, ""}});
  branches.profile.sectors = {"food", "retail"};
  REQUIRE(world.put(branches) == "");
  REQUIRE(world.put(registration("coded", {}, {{{}, "E08000003"}})) == "");
  REQUIRE(world.put(registration("nowhere", {})) == "");
  for (int opening = 0; opening < 2; ++opening) {
    CHECK(grouping("one") == "E09000033 food retail");
    CHECK(grouping("branches") == "E09000033 food retail");
    CHECK(grouping("coded") == "E08000003");
    CHECK(grouping("nowhere") == "");
    CHECK_FALSE(world.directory->grouping_of("nobody", {&reach, 1}).has_value());
    REQUIRE(world.open() == "");
  }
}

TEST_CASE("Restricted and Private reaches concern whom they name and nobody else") {
  Directed world;
  const auto put = [&](std::string key, std::vector<std::string> groups, cap::Point point) {
    Registration made = registration(std::move(key), {}, {{point, ""}});
    made.organisation.groups = std::move(groups);
    REQUIRE(world.put(made) == "");
  };
  put("warden", {"wardens"}, kWestminster);
  put("far-warden", {"wardens"}, kManchester);
  put("shop", {}, kWestminster);
  Registration placeless = registration("mobile-warden", {});
  placeless.organisation.groups = {"police", "wardens"};
  REQUIRE(world.put(placeless) == "");
  cap::Reach reach = reach_of(kLondonBorough);
  reach.audience = {cap::Scope::restricted, {"wardens"}};
  CHECK(world.concerned(reach) == Keys{"mobile-warden", "warden"});
  reach.audience = {cap::Scope::private_, {"far-warden", "shop"}};
  CHECK(world.concerned(reach) == Keys{"shop"});
  reach.audience = {cap::Scope::restricted, {"nobody"}};
  CHECK(world.concerned(reach) == Keys{});
  // Two reaches: each organisation once.
  std::vector<cap::Reach> both = {reach_of(kLondonBorough), reach_of(kLondonBorough)};
  both[1].audience = {cap::Scope::restricted, {"wardens"}};
  CHECK(world.directory->concerned(both).size() == 3);
}

TEST_CASE("many changes are packed and nobody is lost by it") {
  Directed world;
  std::vector<Registration> many;
  for (int i = 0; i < 5000; ++i) {
    many.push_back(
        registration("o" + std::to_string(i), {}, {{i % 2 == 0 ? kWestminster : kManchester, ""}}));
  }
  REQUIRE(world.directory->put(many).has_value());
  const cap::Reach reach = reach_of(kLondonBorough);
  CHECK(world.concerned(reach).size() == 2500);
  REQUIRE(world.put(registration("o1", {}, {{kWestminster, ""}})) == "");
  REQUIRE(world.put(registration("o2", {}, {{kManchester, ""}})) == "");
  REQUIRE(world.directory->erase("o4").has_value());
  CHECK(world.concerned(reach).size() == 2499);
}
