#include "engine/places.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <map>
#include <set>

#include "tests/support/alert_builder.hpp"

using namespace engine;
using tests::AlertBuilder;

namespace {

constexpr const char* kWestminster = "E09000033";
constexpr const char* kManchester = "E08000003";
constexpr const char* kLondon = "E12000007";
constexpr const char* kEngland = "E92000001";
constexpr const char* kScotland = "S92000003";
constexpr const char* kUnitedKingdom = "K02000001";

const Places& places() { return Places::builtin(); }

cap::Reach reach_of_codes(std::vector<std::string> codes) {
  cap::Reach reach;
  reach.codes = std::move(codes);
  return reach;
}
cap::Reach reach_of_box(cap::Box box) {
  cap::Reach reach;
  reach.boxes = {box};
  return reach;
}

const cap::Box kTrafalgarSquare{51.5075, -0.1290, 51.5085, -0.1270};

struct Town {
  std::string name;
  cap::Point point;
  std::string authority;
};
const std::vector<Town> kTowns = {
    {"Trafalgar Square", {51.5080, -0.1281}, kWestminster},
    {"Manchester Piccadilly", {53.4774, -2.2309}, kManchester},
    {"Truro", {50.2632, -5.0510}, "E06000052"},
    {"Hugh Town", {49.9146, -6.3150}, "E06000053"},
    {"Carlisle", {54.8951, -2.9382}, "E06000063"},
    {"Kendal", {54.3280, -2.7463}, "E06000064"},
    {"Taunton", {51.0143, -3.1036}, "E06000066"},
    {"Scarborough", {54.2796, -0.4043}, "E06000065"},
    {"Kettering", {52.3988, -0.7291}, "E06000061"},
    {"Aylesbury", {51.8156, -0.8084}, "E06000060"},
    {"Bournemouth", {50.7192, -1.8808}, "E06000058"},
    {"Weymouth", {50.6144, -2.4576}, "E06000059"},
    {"Lowestoft", {52.4811, 1.7534}, "E07000244"},
    {"Sheffield", {53.3811, -1.4701}, "E08000039"},
    {"Holyhead", {53.3094, -4.6330}, "W06000001"},
    {"Cardiff Bay", {51.4635, -3.1640}, "W06000015"},
    {"Edinburgh Castle", {55.9486, -3.1999}, "S12000036"},
    {"Glasgow Central", {55.8590, -4.2580}, "S12000049"},
    {"Lerwick", {60.1530, -1.1430}, "S12000027"},
    {"Stornoway", {58.2090, -6.3890}, "S12000013"},
    {"Belfast City Hall", {54.5964, -5.9301}, "N09000003"},
    {"Enniskillen", {54.3438, -7.6315}, "N09000006"},
};

}  // namespace

TEST_CASE("the table holds every council of 2025, the regions, the countries and their unions") {
  std::map<std::string, int> kinds, letters;
  for (const Place& place : places().all()) {
    ++kinds[place.kind];
    if (place.kind == "authority") ++letters[place.code.substr(0, 3)];
  }
  CHECK(kinds ==
        std::map<std::string, int>{
            {"union", 3}, {"country", 4}, {"region", 9}, {"county", 23}, {"authority", 361}});
  CHECK(letters == std::map<std::string, int>{{"E06", 63},
                                              {"E07", 164},
                                              {"E08", 36},
                                              {"E09", 33},
                                              {"N09", 11},
                                              {"S12", 32},
                                              {"W06", 22}});
}

TEST_CASE("every place is well formed and lies in the boxes of its parents") {
  std::set<std::string> seen;
  for (const Place& place : places().all()) {
    CAPTURE(place.code);
    CHECK(seen.insert(place.code).second);
    CHECK(place.code.size() == 9);
    CHECK_FALSE(place.name.empty());
    CHECK(place.name.find('"') == std::string::npos);
    CHECK(place.parents.empty() == (place.code == kUnitedKingdom));
    CHECK((place.name_cy.empty() == false) ==
          (place.code[0] == 'W' || place.kind == "union" || place.kind == "country"));
    for (const std::string& parent : place.parents) {
      const Place* around = places().find(parent);
      REQUIRE(around != nullptr);
      CHECK(around->box.south <= place.box.south);
      CHECK(around->box.west <= place.box.west);
      CHECK(around->box.north >= place.box.north);
      CHECK(around->box.east >= place.box.east);
    }
  }
}

TEST_CASE("names come as people write them") {
  CHECK(places().find("E06000058")->name == "Bournemouth, Christchurch and Poole");
  CHECK(places().find("E06000010")->name == "Kingston upon Hull");
  CHECK(places().find("W06000001")->name_cy == "Ynys Môn");
  CHECK(places().find("E06000058")->parents.front() == "E12000009");
}

TEST_CASE("a replaced code means its successor") {
  const std::vector<std::pair<const char*, const char*>> successions = {
      {"E07000026", "E06000063"},  // Allerdale, to Cumberland
      {"E07000190", "E06000066"},  // Taunton Deane, by way of Somerset West and Taunton
      {"E07000246", "E06000066"},  // which is Somerset
      {"E10000023", "E06000065"},  // the county of North Yorkshire
      {"E08000016", "E08000038"},  // Barnsley was given a new code
      {"E06000048", "E06000057"},  // Northumberland too
      {"S12000046", "S12000049"},  // and Glasgow
      {"S12000043", "S12000049"},
  };
  for (const auto& succession : successions) {
    const std::string former = succession.first, successor = succession.second;
    CAPTURE(former);
    REQUIRE(places().find(former) != nullptr);
    CHECK(places().find(former)->code == successor);
    CHECK(places().contains(former, successor));
    CHECK(places().contains(kUnitedKingdom, former));
  }
}

TEST_CASE("a county that was split in two contains both") {
  CHECK(places().contains("E10000006", "E06000063"));
  CHECK(places().contains("E10000006", "E06000064"));
  CHECK_FALSE(places().contains("E10000006", "E06000061"));
  CHECK(places().contains("E10000021", "E06000061"));
}

TEST_CASE("what contains what") {
  struct Row {
    std::string outer, inner, contained;
  };
  const std::vector<Row> rows = {
      {kLondon, kWestminster, "yes"},        {kWestminster, kLondon, "no"},
      {kWestminster, kWestminster, "yes"},   {kEngland, kWestminster, "yes"},
      {kUnitedKingdom, kWestminster, "yes"}, {kUnitedKingdom, kUnitedKingdom, "yes"},
      {kUnitedKingdom, "N09000003", "yes"},  {"K03000001", "N09000003", "no"},
      {"K03000001", "S12000036", "yes"},     {"K04000001", "W06000015", "yes"},
      {"K04000001", "S12000036", "no"},      {"W92000004", "W06000015", "yes"},
      {kEngland, "W06000015", "no"},         {"E10000008", "E07000041", "yes"},
      {"E10000007", "E07000032", "yes"},     {"E12000004", "E10000007", "yes"},
      {"E12000004", "E10000019", "yes"},     {kLondon, kManchester, "no"},
      {kUnitedKingdom, "E99999999", "no"},   {"E99999999", kWestminster, "no"},
      {"E99999999", "E99999999", "no"},      {"", "", "no"},
      {kLondon, "e09000033", "no"},          {kLondon, "E09000033 ", "no"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.outer);
    CAPTURE(row.inner);
    CHECK(places().contains(row.outer, row.inner) == (row.contained == "yes"));
  }
}

TEST_CASE("every town lies in the box of its authority and of all that contain it") {
  for (const Town& town : kTowns) {
    CAPTURE(town.name);
    const Place* place = places().find(town.authority);
    REQUIRE(place != nullptr);
    CHECK(places().concerns(reach_of_codes({town.authority}), town.point));
    for (const std::string& parent : place->parents) {
      CHECK(places().concerns(reach_of_codes({parent}), town.point));
    }
    const auto& [latitude, longitude] = town.point;
    CHECK(places().concerns(reach_of_box({latitude, longitude, latitude, longitude}),
                            town.authority));
  }
}

TEST_CASE("a reach concerns the codes that its geocodes contain or lie in") {
  const auto london = reach_of_codes({kLondon});
  CHECK(places().concerns(london, kLondon));
  CHECK(places().concerns(london, kWestminster));
  CHECK(places().concerns(london, kEngland));
  CHECK_FALSE(places().concerns(london, kManchester));
  CHECK_FALSE(places().concerns(london, "E12000008"));
  CHECK_FALSE(places().concerns(london, kScotland));
  CHECK_FALSE(places().concerns(reach_of_codes({}), kLondon));
  CHECK(places().concerns(reach_of_codes({kScotland, kLondon}), kWestminster));
  CHECK(places().concerns(reach_of_codes({"E07000026"}), "E06000063"));
}

TEST_CASE("an unknown geocode concerns those who ask for that very code and nobody else") {
  CHECK(places().concerns(reach_of_codes({"E99999999"}), "E99999999"));
  CHECK_FALSE(places().concerns(reach_of_codes({"E99999999"}), kUnitedKingdom));
  CHECK_FALSE(places().concerns(reach_of_box(kTrafalgarSquare), "E99999999"));
}

TEST_CASE("a reach concerns the codes whose boxes its own meet, edges included") {
  const auto square = reach_of_box(kTrafalgarSquare);
  CHECK(places().concerns(square, kWestminster));
  CHECK(places().concerns(square, kLondon));
  CHECK_FALSE(places().concerns(square, kManchester));
  const cap::Box box = places().find(kManchester)->box;
  CHECK(places().concerns(reach_of_box({box.north, box.east, box.north + 1, box.east + 1}),
                          kManchester));
  CHECK_FALSE(places().concerns(
      reach_of_box({box.north + 1e-9, box.east, box.north + 1, box.east + 1}), kManchester));
  CHECK_FALSE(places().concerns(reach_of_box({box.south, box.east + 1e-9, box.north, box.east + 1}),
                                kManchester));
  CHECK(places().concerns(reach_of_box({-90, -180, 90, 180}), kManchester));
}

TEST_CASE("a reach concerns a point in one of its boxes or in a box of its geocodes") {
  const cap::Point trafalgar{51.5080, -0.1281}, piccadilly{53.4774, -2.2309};
  CHECK(places().concerns(reach_of_box(kTrafalgarSquare), trafalgar));
  CHECK_FALSE(places().concerns(reach_of_box(kTrafalgarSquare), piccadilly));
  CHECK(places().concerns(reach_of_codes({kLondon}), trafalgar));
  CHECK_FALSE(places().concerns(reach_of_codes({kLondon}), piccadilly));
  CHECK_FALSE(places().concerns(reach_of_codes({"E99999999"}), trafalgar));
}

namespace {

/// Whether an alert about that area lies inside those areas.
bool inside(const AlertBuilder& builder, std::vector<std::string> areas) {
  return places().inside(builder.alert(), areas);
}
AlertBuilder somewhere() { return AlertBuilder().no_shape(); }

}  // namespace

TEST_CASE("an alert is inside when each geocode is contained in one of the areas") {
  CHECK(inside(somewhere().geocode(kWestminster), {kLondon}));
  CHECK(inside(somewhere().geocode(kWestminster), {"S92000003", kWestminster}));
  CHECK_FALSE(inside(somewhere().geocode(kLondon), {kWestminster}));
  CHECK_FALSE(inside(somewhere().geocode(kWestminster).geocode(kManchester), {kLondon}));
  CHECK(inside(somewhere().geocode(kWestminster).geocode(kManchester), {kLondon, kManchester}));
  CHECK_FALSE(inside(somewhere().geocode(kWestminster), {}));
  CHECK_FALSE(inside(somewhere().geocode("E99999999"), {kUnitedKingdom}));
  CHECK(inside(somewhere().geocode("E99999999"), {"*"}));
  CHECK(inside(somewhere().geocode("006037", "SAME"), {kLondon}));
}

TEST_CASE("every info and every area has to be inside") {
  AlertBuilder second_area;
  second_area.area("Manchester").geocode(kManchester);
  CHECK_FALSE(inside(second_area, {kLondon}));
  AlertBuilder second_info;
  second_info.info().no_shape().geocode(kManchester);
  CHECK_FALSE(inside(second_info, {kLondon}));
  CHECK(inside(second_info, {kLondon, kManchester}));
}

TEST_CASE("a shape is inside when no corner is farther than 2 km outside a box") {
  const cap::Box box = places().find(kManchester)->box;
  const double middle = (box.west + box.east) / 2;
  const double km_north = 1 / 111.2, km_east = km_north / 0.595;  // cos 53.5 degrees
  const auto triangle_up_to = [&](cap::Point tip) {
    return somewhere().polygon(
        {{box.south, middle}, {box.south, box.east}, tip, {box.south, middle}});
  };
  CHECK(inside(triangle_up_to({box.north, middle}), {kManchester}));
  CHECK(inside(triangle_up_to({box.north + 1.9 * km_north, middle}), {kManchester}));
  CHECK_FALSE(inside(triangle_up_to({box.north + 2.1 * km_north, middle}), {kManchester}));
  CHECK(inside(triangle_up_to({box.north, box.east + 1.9 * km_east}), {kManchester}));
  CHECK_FALSE(inside(triangle_up_to({box.north, box.east + 2.1 * km_east}), {kManchester}));
  CHECK_FALSE(inside(triangle_up_to({box.north, middle}), {kLondon}));
  CHECK_FALSE(inside(triangle_up_to({box.north, middle}), {"E99999999"}));
  CHECK(inside(triangle_up_to({0, 0}), {"*"}));
}

TEST_CASE("a circle is inside when the corners of its box are") {
  CHECK(inside(somewhere().circle({{51.5080, -0.1281}, 1.0}), {kWestminster}));
  CHECK(inside(somewhere().circle({{51.5080, -0.1281}, 0.0}), {kWestminster}));
  CHECK_FALSE(inside(somewhere().circle({{51.5080, -0.1281}, 20.0}), {kWestminster}));
  CHECK_FALSE(inside(somewhere().circle({{51.5080, -0.1281}, 30'000.0}), {kUnitedKingdom}));
}

TEST_CASE("what lies outside is named") {
  const std::vector<std::string> london = {kLondon};
  const auto outside = [&](const AlertBuilder& builder) {
    return places().first_outside(builder.alert(), london).value_or("nothing");
  };
  CHECK(outside(somewhere().geocode(kWestminster)) == "nothing");
  CHECK(outside(somewhere().geocode(kManchester)) == "geocode E08000003");
  CHECK(outside(somewhere().geocode("E99999999")) == "geocode E99999999 (not known here)");
  CHECK(outside(somewhere().polygon({{51.5, -0.1}, {51.6, -0.1}, {53.5, -2.25}, {51.5, -0.1}})) ==
        "corner 53.5,-2.25");
}

TEST_CASE("the file holds as many lines as the table places and former codes") {
  std::ifstream file(TOCSIN_SOURCE_DIR "/engine/match/places.csv");
  REQUIRE(file);
  std::size_t places_count = 0, former_count = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#') || line.starts_with("code,")) continue;
    const bool former = line.find(",former,") != std::string::npos;
    ++(former ? former_count : places_count);
    const Place* place = places().find(line.substr(0, 9));
    REQUIRE_MESSAGE(place != nullptr, line);
    CHECK((place->code != line.substr(0, 9)) == former);
  }
  CHECK(places_count == places().all().size());
  CHECK(former_count == 60);
}
