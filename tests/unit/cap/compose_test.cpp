#include "engine/cap/compose.hpp"

#include <filesystem>

#include "tests/unit/cap/document.hpp"

using namespace engine;
using namespace engine::cap;

namespace {

Alert drill() {
  Alert alert;
  alert.identifier = "drill-8";
  alert.sender = "control@example.org";
  alert.sent = *parse_time("2026-11-21T19:30:00Z");
  alert.status = Status::exercise;
  alert.codes = {"system:exercise-gb"};
  Info info;
  info.language = "en-GB";
  info.categories = {Category::cbrne};
  info.event = "Drill";
  info.headline = "Fish & chips";
  info.description = "One\r\n<two> \"now\"";
  info.areas.push_back({"Brent",
                        {{{51.5, -0.3}, {51.6, -0.3}, {51.6, -0.0000001}, {51.5, -0.3}}},
                        {{{51.55, -0.25}, 0.5}},
                        {{"ONS", "E09000005"}}});
  alert.infos.push_back(info);
  return alert;
}

}  // namespace

TEST_CASE("an alert is written in the order of the schema with two spaces of indent") {
  Alert alert = drill();
  alert.infos[0].headline.clear();
  alert.infos[0].description.clear();
  CHECK(compose(alert) == R"(<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
  <identifier>drill-8</identifier>
  <sender>control@example.org</sender>
  <sent>2026-11-21T19:30:00-00:00</sent>
  <status>Exercise</status>
  <msgType>Alert</msgType>
  <scope>Public</scope>
  <code>system:exercise-gb</code>
  <info>
    <language>en-GB</language>
    <category>CBRNE</category>
    <event>Drill</event>
    <urgency>Unknown</urgency>
    <severity>Unknown</severity>
    <certainty>Unknown</certainty>
    <area>
      <areaDesc>Brent</areaDesc>
      <polygon>51.5,-0.3 51.6,-0.3 51.6,-0.0000001 51.5,-0.3</polygon>
      <circle>51.55,-0.25 0.5</circle>
      <geocode>
        <valueName>ONS</valueName>
        <value>E09000005</value>
      </geocode>
    </area>
  </info>
</alert>
)");
}

TEST_CASE("what is written reads back the same") {
  const Judgement judgement = judge(compose(drill()));
  REQUIRE(judgement.alert.has_value());
  const Info& info = judgement.alert->infos.at(0);
  CHECK(info.headline == "Fish & chips");
  CHECK(info.description == "One\r\n<two> \"now\"");
  CHECK(info.areas.at(0).polygons == drill().infos[0].areas[0].polygons);
}

TEST_CASE("references and everything optional are written") {
  const Judgement whole = judge(
      changed(changed(with("<msgType>Alert", "<msgType>Update"), "<note>A note</note>",
                      "<note>A note</note><references>a,1,2026-11-21T19:00:00-00:00 "
                      "b,2,2026-11-21T20:00:00+01:00</references><incidents>flood</incidents>"),
              "<scope>Public</scope>",
              "<scope>Private</scope><restriction>r</restriction><addresses>org-1</addresses>"));
  REQUIRE(whole.alert.has_value());
  const std::string written = compose(*whole.alert);
  CHECK(written.find("<references>a,1,2026-11-21T19:00:00-00:00 b,2,2026-11-21T19:00:00-00:00"
                     "</references>") != std::string::npos);
  for (const char* element :
       {"source", "restriction", "addresses", "note", "incidents", "responseType", "effective",
        "onset", "expires", "senderName", "headline", "description", "instruction", "web",
        "contact", "parameter", "resource", "uri"}) {
    CAPTURE(element);
    CHECK(written.find("<" + std::string(element) + ">") != std::string::npos);
  }
  const Judgement again = judge(written);
  REQUIRE(again.alert.has_value());
  CHECK(compose(*again.alert) == written);
}

TEST_CASE("every published alert is sound again after being written by us") {
  Profile profile;
  profile.vertices_max = 100'000;
  const std::filesystem::path folder = TOCSIN_SOURCE_DIR "/tests/data/cap/valid";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    CAPTURE(entry.path());
    const Judgement judgement = judge(contents_of(entry.path()), any_encoding());
    REQUIRE(judgement.alert.has_value());
    const std::string written = compose(*judgement.alert);
    const Judgement again = judge(written, profile);
    CHECK(names_of(again.errors) == std::vector<std::string>{});
    REQUIRE(again.alert.has_value());
    CHECK(compose(*again.alert) == written);
  }
}
