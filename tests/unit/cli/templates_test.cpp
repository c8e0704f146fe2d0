#include "ops/cli/templates.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "engine/cap/compose.hpp"
#include "engine/cap/judge.hpp"
#include "tests/support/temp_dir.hpp"

using namespace ops::cli;
namespace cap = engine::cap;

namespace {

const std::string kWhole = R"(
about = "Smoke"
[blanks.place]
about = "where"
example = "Tooley Street"
letters_max = 20
[blanks.news]
about = "what is new"
[alert]
category = ["Fire"]
urgency = "Immediate"
severity = "Severe"
certainty = "Observed"
expires_in = "90m"
[alert.en-GB]
event = "Smoke"
headline = "Smoke from {place}"
instruction = "Close windows."
area_desc = "{place} and around"
[alert.cy]
event = "Mwg"
headline = "Mwg o {place}"
instruction = "Caewch ffenestri."
area_desc = "{place}"
[update]
severity = "Moderate"
[update.en-GB]
description = "{news}"
[correction]
reason = "No smoke from {place}."
)";

std::string without(const std::string& line) {
  std::string text = kWhole;
  const auto at = text.find(line);
  REQUIRE(at != std::string::npos);
  return text.erase(at, text.find('\n', at) - at);
}
std::string with(const std::string& line, const std::string& instead) {
  std::string text = kWhole;
  const auto at = text.find(line);
  REQUIRE(at != std::string::npos);
  return text.replace(at, line.size(), instead);
}
std::string fault_of(const std::string& toml) {
  const auto read = parse_template(toml, "smoke");
  return read ? "" : read.error().what;
}
std::string letters(std::size_t count) { return std::string(count, 'x'); }

Template whole() {
  auto read = parse_template(kWhole, "smoke");
  REQUIRE(read.has_value());
  return *read;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a template is filled in every language in the order it is written") {
  const auto filled = fill(whole(), Part::alert, {{"place", "Tooley {news} Street"}});
  REQUIRE(filled.has_value());
  REQUIRE(filled->infos.size() == 2);
  CHECK(filled->infos[0].language == "en-GB");
  CHECK(filled->infos[1].language == "cy");
  CHECK(filled->infos[1].severity == cap::Severity::severe);
  // What fills a blank is text, and opens no other blank.
  CHECK(filled->infos[0].headline == "Smoke from Tooley {news} Street");
  CHECK(filled->infos[0].areas.front().description == "Tooley {news} Street and around");
  CHECK(filled->correction == "No smoke from Tooley {news} Street.");
  CHECK(filled->expires_in == std::chrono::minutes{90});
}

TEST_CASE("an update of a template is its alert with what the update changes") {
  const auto filled = fill(whole(), Part::update, {{"place", "A"}, {"news", "B"}});
  REQUIRE(filled.has_value());
  CHECK(filled->infos[0].headline == "Smoke from A");
  CHECK(filled->infos[0].description == "B");
  CHECK(filled->infos[0].severity == cap::Severity::moderate);
  CHECK(filled->infos[1].severity == cap::Severity::moderate);
}

TEST_CASE("every blank that is not filled well is named") {
  struct Row {
    Fillings fillings;
    Part part;
    std::string_view said;
  };
  const Row rows[] = {
      {{}, Part::alert, "place is not filled (where)"},
      {{{"place", "A"}}, Part::update, "news is not filled (what is new)"},
      {{{"place", "A"}, {"plaice", "B"}}, Part::alert, "plaice is no blank of smoke"},
      {{{"place", " "}}, Part::alert, "place is filled with nothing"},
      {{{"place", "A\nB"}}, Part::alert, "place is more than one line"},
      {{{"place", letters(21)}}, Part::alert, "place has 21 letters, and 20 are allowed"},
  };
  for (const auto& row : rows) {
    const auto filled = fill(whole(), row.part, row.fillings);
    REQUIRE_FALSE(filled.has_value());
    CHECK_MESSAGE(has(filled.error().what, row.said), filled.error().what);
  }
  CHECK(fill(whole(), Part::alert, {{"place", letters(20)}}).has_value());
  // A blank of the update alone is no mistake in the alert.
  CHECK(fill(whole(), Part::alert, {{"place", "A"}, {"news", "B"}}).has_value());
}

TEST_CASE("a template that is not whole is refused with the reason") {
  const std::pair<std::string, std::string_view> rows[] = {
      {kWhole + "[other]\n", "line 31: other is not known"},
      {with("expires_in", "expire_in"), "alert.expire_in is not known"},
      {with("headline = \"Mwg", "title = \"Mwg"), "alert.cy.title is not known"},
      {with("letters_max = 20", "max = 20"), "blanks.place.max is not known"},
      {with("reason =", "why ="), "correction.why is not known"},
      {with("\"Severe\"", "\"severest\""), "'severest' is none of CAP's words"},
      {with("[\"Fire\"]", "\"Fire\""), "category is a list"},
      {with("\"90m\"", "\"soon\""), "'soon' is not a duration"},
      {without("about = \"Smoke\""), "it lacks about"},
      {without("urgency"), "it lacks alert.urgency"},
      {without("area_desc = \"{place}\""), "it lacks alert.cy.area_desc"},
      {with("{place} and", "{palce} and"), "{palce} is not described"},
      {with("{place} and", "{place and"), "a brace without its other half"},
      {with("{news}", "none"), "blanks.news is used nowhere"},
      {with("[update.en-GB]", "[update.fr]"), "the alert does not speak fr"},
      {with("Close windows.", " "), "alert.en-GB.instruction is empty"},
      {with("about = \"Smoke\"", "about = 7"), "about is not a text"},
      {with("about = \"Smoke\"", "about \"Smoke\""), "line 2:"},
      {with("Smoke from", letters(kHeadlineLettersMax)), "alert.en-GB.headline has"},
      {with("Close windows.", letters(kTextLettersMax + 1)), "has 1396 letters, and 1395"},
      {with("letters_max = 20", "letters_max = 201"), "letters_max is a number from 1 to 200"},
  };
  for (const auto& [toml, said] : rows) {
    CHECK_MESSAGE(has(fault_of(toml), said), fault_of(toml));
  }
  CHECK(fault_of(with("Close windows.", letters(kTextLettersMax))).empty());
  CHECK(fault_of(with("letters_max = 20", "letters_max = 200")).empty());
  CHECK(fault_of(kWhole + "#" + letters(kTemplateBytesMax - kWhole.size() - 1)).empty());
  CHECK(has(fault_of(kWhole + "#" + letters(kTemplateBytesMax - kWhole.size())), "64 KiB"));
}

TEST_CASE("a template has twenty blanks at most") {
  const auto blanks = [](std::size_t count) {
    std::string toml = with("[blanks.news]", "[blanks.other]\nabout = \"x\"\n[blanks.news]");
    std::string uses;
    for (std::size_t i = 3; i < count; ++i) {
      toml += "[blanks.b" + std::to_string(i) + "]\nabout = \"x\"\n";
      uses += "{b" + std::to_string(i) + "}";
    }
    return toml.replace(toml.find("{news}"), 6, "{news}{other}" + uses);
  };
  CHECK(fault_of(blanks(kBlanksMax)).empty());
  CHECK(has(fault_of(blanks(kBlanksMax + 1)), "it has 21 blanks, and 20 are allowed"));
}

TEST_CASE("fillings are a name and a text each once") {
  CHECK(parse_fillings({"place=a=b", "news="})->at("place") == "a=b");
  CHECK_FALSE(parse_fillings({"place"}).has_value());
  CHECK_FALSE(parse_fillings({"=x"}).has_value());
  CHECK_FALSE(parse_fillings({"place=a", "place=b"}).has_value());
}

TEST_CASE("every shipped template makes a valid alert and a valid update of its own examples") {
  const auto all = read_templates(TOCSIN_SOURCE_DIR "/ops/templates");
  REQUIRE(all.has_value());
  CHECK(all->size() >= 7);
  bool welsh = false;
  for (const auto& one : *all) {
    CAPTURE(one.name);
    CHECK_FALSE(one.correction.empty());
    Fillings fillings;
    for (const auto& blank : one.blanks) {
      CAPTURE(blank.name);
      REQUIRE_FALSE(blank.example.empty());
      fillings[blank.name] = blank.example;
    }
    for (const Part part : {Part::alert, Part::update}) {
      if (part == Part::update && !one.update) continue;
      const auto filled = fill(one, part, fillings);
      REQUIRE_MESSAGE(filled.has_value(), filled.error().what);
      cap::Alert alert;
      alert.identifier = "x";
      alert.sender = "control@thames.example";
      alert.sent = *engine::parse_time("2026-11-21T19:30:00Z");
      alert.status = cap::Status::exercise;
      alert.codes = {"system:exercise-gb"};
      alert.infos = filled->infos;
      for (auto& info : alert.infos) {
        info.areas.front().geocodes = {{"ONS", "E09000028"}};
        info.expires = alert.sent + std::chrono::hours{1};
        welsh = welsh || info.language == "cy";
      }
      const auto judgement = cap::judge(cap::compose(alert));
      for (const auto& fault : judgement.errors) CHECK_MESSAGE(false, fault.message);
      for (const auto& fault : judgement.warnings) CHECK_MESSAGE(false, fault.message);
    }
  }
  CHECK(welsh);
}

TEST_CASE("a folder may hold so many templates and not one more") {
  const tests::TempDir folder;
  const auto add = [&](std::size_t number) {
    std::ofstream(folder.path() / (std::to_string(number) + ".toml")) << kWhole;
  };
  for (std::size_t i = 0; i < kTemplatesMax; ++i) add(i);
  const auto all = read_templates(folder.path().string());
  REQUIRE(all.has_value());
  CHECK(all->size() == kTemplatesMax);
  add(kTemplatesMax);
  CHECK_FALSE(read_templates(folder.path().string()).has_value());
  CHECK(read_template(folder.path().string(), "7").has_value());  // by its name it is still found
}
