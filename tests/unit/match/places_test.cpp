#include "engine/places.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <set>

#include "embedded/places_boundaries.hpp"
#include "engine/match/ground.hpp"
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

cap::Reach completed(cap::Reach reach) {
  cap::Outline outline;
  outline.reaches = {std::move(reach)};
  places().complete(outline);
  return outline.reaches.front();
}
cap::Reach reach_of_codes(std::vector<std::string> codes) {
  cap::Reach reach;
  reach.codes = std::move(codes);
  return completed(reach);
}
cap::Reach reach_of(const cap::Polygon& polygon) {
  cap::Reach reach;
  reach.shapes = {{cap::ring_of(polygon)}, {}};
  return completed(reach);
}
cap::Reach reach_of(const cap::Circle& circle) {
  cap::Reach reach;
  reach.shapes = {{}, {{cap::spot_of(circle.centre), circle.radius_km}}};
  return completed(reach);
}
cap::Polygon rectangle(double south, double west, double north, double east) {
  return {{south, west}, {south, east}, {north, east}, {north, west}, {south, west}};
}

const cap::Polygon kTrafalgarSquare = rectangle(51.5075, -0.1290, 51.5085, -0.1270);

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

TEST_CASE("every town lies in its authority and in all that contain it and in no other") {
  for (const Town& town : kTowns) {
    CAPTURE(town.name);
    const Place* place = places().find(town.authority);
    REQUIRE(place != nullptr);
    CHECK(places().authorities_at(town.point) == std::vector{town.authority});
    CHECK(places().concerns(reach_of_codes({town.authority}), town.point));
    for (const std::string& parent : place->parents) {
      CHECK(places().concerns(reach_of_codes({parent}), town.point));
    }
    const auto met = reach_of(cap::Circle{town.point, 0}).met;
    CHECK(met.size() == 1 + place->parents.size());
    CHECK(std::binary_search(met.begin(), met.end(), town.authority));
  }
}

TEST_CASE("nobody is at sea and a foreign town lies nowhere") {
  for (const cap::Point point : {cap::Point{54.0, 3.0}, {50.2, -0.5}, {48.8566, 2.3522}, {0, 0}}) {
    CHECK(places().authorities_at(point).empty());
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
  CHECK_FALSE(places().concerns(reach_of(kTrafalgarSquare), "E99999999"));
}

TEST_CASE("a shape concerns the codes whose polygons it meets") {
  const auto square = reach_of(kTrafalgarSquare);
  CHECK(square.met == std::vector<std::string>{kWestminster, kLondon, kEngland, "K02000001",
                                               "K03000001", "K04000001"});
  CHECK(places().concerns(square, kWestminster));
  CHECK(places().concerns(square, kLondon));
  CHECK_FALSE(places().concerns(square, kManchester));
  CHECK_FALSE(places().concerns(square, "E09000007"));  // Camden, though its box is met
  const auto all = reach_of(rectangle(49, -9, 61.5, 2));
  CHECK(all.met.size() == places().all().size());
  CHECK(reach_of(rectangle(-90, -180, 90, 180)).met == all.met);
  CHECK(reach_of(rectangle(53.9, 2.9, 54.1, 3.1)).met.empty());
}

TEST_CASE("neighbours do not concern each other though their boxes meet") {
  struct Row {
    const char *one, *other;
    cap::Point point;  // in one, and in the box of the other
  };
  for (const Row& row : {Row{"E06000016", "E07000130", {52.6369, -1.1398}},     // in Leicester
                         Row{kWestminster, "E09000007", {51.5180, -0.1750}},    // Paddington
                         Row{"S12000036", "S12000019", {55.9200, -3.2100}},     // Edinburgh
                         Row{"E08000003", "E08000006", {53.4774, -2.2309}}}) {  // Manchester
    CAPTURE(std::string(row.one));
    const auto near = reach_of(cap::Circle{row.point, 0.2});
    CHECK(places().concerns(near, row.one));
    CHECK_FALSE(places().concerns(near, row.other));
    CHECK_FALSE(places().concerns(reach_of_codes({row.other}), row.point));
  }
}

TEST_CASE("a region is the union of its authorities") {
  const Ground ground(embedded::places_boundaries());
  std::map<std::string, std::size_t> of_parent;
  for (const Leaf& leaf : ground.leaves()) {
    for (const auto& parent : places().find(leaf.code)->parents) ++of_parent[parent];
  }
  CHECK(ground.leaves().size() == 361);
  CHECK(of_parent[kUnitedKingdom] == 361);
  CHECK(of_parent[kLondon] == 33);
  CHECK(of_parent[kScotland] == 32);
  for (const Place& place : places().all()) {
    if (place.kind != "authority") CHECK_MESSAGE(of_parent[place.code] > 0, place.code);
  }
}

TEST_CASE("every authority's own ground is held by it and by no other") {
  const Ground ground(embedded::places_boundaries());
  for (const Leaf& leaf : ground.leaves()) {
    CAPTURE(leaf.code);
    // The middle of the widest part of its ground on a parallel through its middle.
    const cap::Extent& box = leaf.region.extent();
    const cap::Extent ring = cap::extent_of(leaf.rings.front());
    const std::int64_t y = (ring.least.y + ring.most.y) / 2 + 1, step = 2003;
    std::int64_t best = 0, best_x = 0, begin = box.least.x;
    for (std::int64_t x = box.least.x; x <= box.most.x + step; x += step) {
      if (leaf.region.holds({x, y})) continue;
      if (x - begin > best) best = x - begin, best_x = (x + begin) / 2;
      begin = x;
    }
    REQUIRE(best > step);
    CHECK(places().authorities_at(cap::point_of({best_x, y})) == std::vector{leaf.code});
  }
}

TEST_CASE("a shape concerns the points it holds and a geocode those of its polygon") {
  const cap::Point trafalgar{51.5080, -0.1281}, piccadilly{53.4774, -2.2309};
  CHECK(places().concerns(reach_of(kTrafalgarSquare), trafalgar));
  CHECK_FALSE(places().concerns(reach_of(kTrafalgarSquare), piccadilly));
  CHECK_FALSE(places().concerns(reach_of(kTrafalgarSquare), cap::Point{51.5086, -0.1281}));
  CHECK(places().concerns(reach_of_codes({kLondon}), trafalgar));
  CHECK_FALSE(places().concerns(reach_of_codes({kLondon}), piccadilly));
  CHECK_FALSE(places().concerns(reach_of_codes({"E99999999"}), trafalgar));
  const auto sea = reach_of(rectangle(53.9, 2.9, 54.1, 3.1));
  CHECK(places().concerns(sea, cap::Point{54, 3}));
  CHECK_FALSE(places().concerns(sea, cap::Point{54, 3.2}));
}

TEST_CASE("a circle ends at its radius and not at the corners of its box") {
  const cap::Point trafalgar{51.5080, -0.1281};
  const auto circle = reach_of(cap::Circle{trafalgar, 10});
  const double north = 10 / 111.26, east = 10 / 69.43;  // WGS 84 at that latitude
  CHECK(places().concerns(circle, cap::Point{51.5080 + 0.999 * north, -0.1281}));
  CHECK_FALSE(places().concerns(circle, cap::Point{51.5080 + 1.001 * north, -0.1281}));
  CHECK(places().concerns(circle, cap::Point{51.5080, -0.1281 + 0.999 * east}));
  CHECK_FALSE(places().concerns(circle, cap::Point{51.5080, -0.1281 + 1.001 * east}));
  CHECK_FALSE(places().concerns(circle, cap::Point{51.5080 + 0.8 * north, -0.1281 + 0.8 * east}));
  CHECK(places().concerns(reach_of(cap::Circle{trafalgar, 0}), trafalgar));
  CHECK_FALSE(places().concerns(reach_of(cap::Circle{trafalgar, 0}), cap::Point{51.5081, -0.1281}));
}

TEST_CASE("what reaches everywhere concerns every code and point") {
  cap::Reach reach;
  reach.everywhere = true;
  reach = completed(reach);
  CHECK(places().concerns(reach, kWestminster));
  CHECK(places().concerns(reach, cap::Point{-45, 170}));
}

TEST_CASE("polygons across the antimeridian and around a pole break nothing") {
  const auto fiji = reach_of({{-17, 177}, {-17, -178}, {-19, -178}, {-19, 177}, {-17, 177}});
  CHECK(fiji.met.empty());
  CHECK(places().concerns(fiji, cap::Point{-18, 179}));
  CHECK(places().concerns(fiji, cap::Point{-18, -179}));
  CHECK_FALSE(places().concerns(fiji, cap::Point{-20, 179}));
  const auto arctic = reach_of({{70, 0}, {70, 120}, {70, -120}, {70, 0}});
  CHECK(places().concerns(arctic, cap::Point{89, 77}));
  CHECK(places().concerns(arctic, cap::Point{71, -170}));
  CHECK_FALSE(places().concerns(arctic, cap::Point{69, 60}));
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
