// The rules a schema cannot say: each is broken by one change of a sound alert, and what stands
// right beside it is accepted.
#include <fmt/format.h>

#include <cmath>
#include <numbers>

#include "engine/cap/findings.hpp"
#include "tests/unit/cap/document.hpp"

using namespace engine::cap;

namespace {

using Names = std::vector<std::string>;

/// The sound alert with one place changed, and the one rule that this breaks; none if it is fine.
struct Change {
  std::string rule;
  std::string from;
  std::string to;
};

const std::string kReferences =
    "<references>control@example.org,drill-6,2026-11-21T19:00:00-00:00</references>";

const std::vector<Change>& changes_of_texts() {
  static const std::vector<Change> changes = {
      {"", "drill-7", "urn:oid:2.49.0.0.104.0.1"},
      {"identifier_characters", "drill-7", "drill 7"},
      {"identifier_characters", "drill-7", "drill,7"},
      {"identifier_characters", "drill-7", "drill&amp;7"},
      {"identifier_characters", "drill-7", ""},
      {"", "<sender>control@example.org", "<sender>https://example.org/a?b=c"},
      {"sender_characters", "<sender>control@example.org", "<sender>control room"},
      {"sender_characters", "<sender>control@example.org", "<sender>a&lt;b"},
      {"sender_characters", "<sender>control@example.org", "<sender> a"},
      {"", "<areaDesc>Brent", "<areaDesc>5 &gt; 4 miles &amp; more"},
      {"area_desc_blank", "<areaDesc>Brent", "<areaDesc>"},
      {"area_desc_blank", "<areaDesc>Brent", "<areaDesc> \u00A0 "},
      {"markup", "<areaDesc>Brent", "<areaDesc>&lt;b&gt;Brent"},
      {"", "    <headline>Flood drill in Brent</headline>\n", ""},
      {"headline_blank", "Flood drill in Brent", " \n "},
      {"markup", "Flood drill in Brent", "Flood &lt;script&gt; in Brent"},
      {"markup", "Flood drill in Brent", "<![CDATA[<b>Flood</b>]]>"},
      {"markup", "Flood drill in Brent", "Flood &amp;amp; fire"},
      {"", "Flood drill in Brent", "Wind &lt; 50 mph &amp; rain"},
      {"markup", "<event>Flood", "<event>&lt;i&gt;Flood"},
      {"markup", "<senderName>Control", "<senderName>&lt;/i&gt;Control"},
      {"", "<language>en-GB", "<language>cy"},
      {"", "<language>en-GB</language>", "<language/>"},
      {"", "<language>en-GB", "<language> sl-rozaj "},
      {"language_tag", "<language>en-GB", "<language>en_GB"},
      {"language_tag", "<language>en-GB", "<language>en-GB-GB"},
      {"control_character", "Water is", "Water\u0085is"},
      {"control_character", "Water is", "Water&#x7F;is"},
      {"control_character", "amber", "am&#x9B;ber"},
      {"", "Water is", "Water&#13;&#10;&#9;is"},
      {"bidi_override", "Water is", "Water \u202Eis"},
      {"bidi_override", "Duty desk", "Duty &#x2066;desk"},
      {"bidi_override", "<value>amber", "<value><![CDATA[\u2069]]>"},
      {"", "Water is", "\u05DE\u05D9\u05DD \u200Fis"},
  };
  return changes;
}

const std::vector<Change>& changes_of_facts() {
  static const std::vector<Change> changes = {
      {"", "21:30:00-00:00</expires>", "19:30:00-00:00</expires>"},
      {"", "<sent>2026-11-21T19:30:00-00:00", "<sent> 2026-11-21T19:30:00-00:00\n"},
      {"expires_before_sent", "2026-11-21T21:30:00-00:00", "2026-11-21T21:30:00+09:00"},
      {"time_format", "2026-11-21T20:00:00-00:00", "2026-11-21T20:00:00Z"},
      {"time_format", "2026-11-21T20:00:00-00:00", "2026-11-21T20:00:00"},
      {"time_format", "2026-11-21T20:00:00-00:00", "2026-11-21T20:00:00.5-00:00"},
      {"time_format", "2026-11-21T20:00:00-00:00", "2026-02-30T20:00:00-00:00"},
      {"time_format", "2026-11-21T20:00:00-00:00", "2026-11-21T24:00:00-00:00"},
      {"time_format", "2026-11-21T20:00:00-00:00", "2026-11-21T20:00:00,00:00"},
      {"time_format", "2026-11-21T20:00:00-00:00", "tomorrow"},
      {"", "<scope>Public</scope>", "<scope>Restricted</scope><restriction>police</restriction>"},
      {"restriction_missing", "<scope>Public", "<scope>Restricted"},
      {"restriction_missing", "<scope>Public</scope>",
       "<scope>Restricted</scope><restriction> </restriction>"},
      {"", "<scope>Public</scope>", "<scope>Private</scope><addresses>org-1</addresses>"},
      {"addresses_missing", "<scope>Public", "<scope>Private"},
      {"", "51.55,-0.25 5", "51.55,-0.25 0"},
      {"circle_radius", "51.55,-0.25 5", "51.55,-0.25 -0.1"},
      {"circle_range", "51.55,-0.25 5", "-0.25,251.55 5"},
      {"", "51.55,-0.25 5", "90,180 5"},
      {"", "51.55,-0.25 5", "-90,-180 5"},
      {"circle_malformed", "51.55,-0.25 5", "51.55,-0.25"},
      {"polygon_malformed", "51.6,-0.2 51.5", "51.6;-0.2 51.5"},
      {"polygon_pairs", "51.6,-0.3 51.6,-0.2 ", ""},
      {"polygon_closed", "-0.2 51.5,-0.3", "-0.2 51.4,-0.3"},
      {"polygon_range", "51.6,-0.2", "151.6,-0.2"},
      {"polygon_vertex_twice", "51.6,-0.2", "51.6,-0.2 51.6,-0.2"},
      {"polygon_crossing", "51.6,-0.2", "51.6,-0.2 51.55,-0.4"},
      {"schema_value", "<status>Exercise", "<status>Drill"},
      {"schema_value", "<msgType>Alert", "<msgType>alert"},
      {"schema_value", "<category>Met", "<category> Met"},
      {"schema_value", "<responseType>Evacuate", "<responseType>Run"},
      {"schema_element", "<scope>Public</scope>", ""},
      {"schema_element", "    <event>Flood drill</event>\n", ""},
      {"schema_element", "<note>A note</note>", "<priority>9</priority>"},
      {"schema_element", "</area>", "<depth>5</depth></area>"},
      {"schema", "<note>", "<note lang=\"en\">"},
      {"schema", "<note>A note</note>", "<note><b>A</b> note</note>"},
      {"schema", "<info>", "<info>loose words"},
      {"cap_1_2", "emergency:cap:1.2", "emergency:cap:1.1"},
  };
  return changes;
}

/// The sound alert made an Update that names `references`.
std::string update(const std::string& references) {
  return changed(with("<msgType>Alert", "<msgType>Update"), "<note>A note</note>", references);
}

}  // namespace

TEST_CASE("the alert that these tests change is sound and without a warning") {
  const Judgement judgement = judge(sound_alert());
  CHECK(names_of(judgement.errors) == Names{});
  CHECK(names_of(judgement.warnings) == Names{});
  CHECK(judgement.alert.has_value());
}

TEST_CASE("each rule about texts refuses what breaks it and nothing beside it") {
  for (const Change& change : changes_of_texts()) {
    CAPTURE(change.from);
    CAPTURE(change.to);
    const Judgement judgement = judge(with(change.from, change.to));
    CHECK(names_of(judgement.errors) == (change.rule.empty() ? Names{} : Names{change.rule}));
    CHECK(judgement.alert.has_value() == change.rule.empty());
  }
}

TEST_CASE("each rule about facts refuses what breaks it and nothing beside it") {
  for (const Change& change : changes_of_facts()) {
    CAPTURE(change.from);
    CAPTURE(change.to);
    const Judgement judgement = judge(with(change.from, change.to));
    CHECK(names_of(judgement.errors) == (change.rule.empty() ? Names{} : Names{change.rule}));
    CHECK(judgement.alert.has_value() == change.rule.empty());
  }
}

TEST_CASE("an Update names alerts as sender and identifier and sent") {
  CHECK(errors_of(update(kReferences)) == Names{});
  CHECK(errors_of(update("<references>\n a,1,2026-11-21T19:00:00-00:00\t"
                         "b,2,2026-11-21T19:00:00+01:00 </references>")) == Names{});
  CHECK(errors_of(update("")) == Names{"references_missing"});
  CHECK(errors_of(update("<references/>")) == Names{"references_missing"});
  CHECK(errors_of(update("<references> \n </references>")) == Names{"references_missing"});
  for (const char* malformed : {"drill-6", "a,b", "a,b,yesterday", "a,b,2026-11-21T19:00:00Z",
                                "a,b,2026-11-21T19:00:00-00:00,c,d,2026-11-21T19:00:00-00:00",
                                ",b,2026-11-21T19:00:00-00:00", "a,,2026-11-21T19:00:00-00:00",
                                "a b,c,2026-11-21T19:00:00-00:00"}) {
    CAPTURE(malformed);
    CHECK(errors_of(update("<references>" + std::string(malformed) + "</references>")) ==
          Names{"references_malformed"});
  }
}

TEST_CASE("an Update names itself neither in its own words nor in another offset") {
  for (const char* sent : {"2026-11-21T19:30:00-00:00", "2026-11-21T20:30:00+01:00"}) {
    CHECK(errors_of(update("<references>control@example.org,drill-7," + std::string(sent) +
                           "</references>")) == Names{"references_itself"});
  }
}

TEST_CASE("Cancel and Ack and Error need references and an Alert does not") {
  for (const char* type : {"Cancel", "Ack", "Error"}) {
    const std::string xml = with("<msgType>Alert", "<msgType>" + std::string(type));
    CHECK(errors_of(xml) == Names{"references_missing"});
    CHECK(errors_of(changed(xml, "<note>A note</note>", kReferences)) == Names{});
  }
  CHECK(errors_of(with("<note>A note</note>", "<references/>")) == Names{});
}

TEST_CASE("polygons of more vertices than are admitted are refused and to a drafter a warning") {
  Profile profile;
  profile.vertices_max = 3;
  CHECK(errors_of(sound_alert(), profile) == Names{"too_many_vertices"});
  profile.encoding = Encoding::any;
  CHECK(errors_of(sound_alert(), profile) == Names{});
  CHECK(warnings_of(sound_alert(), profile) == Names{"too_many_vertices"});
  profile = {};
  profile.vertices_max = 4;
  CHECK(errors_of(sound_alert(), profile) == Names{});
}

TEST_CASE("20000 vertices are admitted and one more is refused") {
  const auto alert_of = [](int vertices) {
    std::string polygon;
    for (int i = 0; i < vertices; ++i) {  // a circle, the last vertex being the first
      const double turn = i == vertices - 1 ? 0 : 2 * std::numbers::pi * i / (vertices - 1);
      polygon += fmt::format("{:.7f},{:.7f} ", 51 + std::sin(turn), std::cos(turn));
    }
    return with("51.5,-0.3 51.6,-0.3 51.6,-0.2 51.5,-0.3", polygon);
  };
  CHECK(errors_of(alert_of(20'000)) == Names{});
  CHECK(errors_of(alert_of(20'001)) == Names{"too_many_vertices"});
}

TEST_CASE("kCirclesMax circles are admitted and one more is refused and to a drafter a warning") {
  const auto alert_of = [](std::size_t circles) {
    std::string text;
    for (std::size_t i = 0; i < circles; ++i) text += "<circle>51.5,-0.1 2</circle>";
    return with("<circle>51.55,-0.25 5</circle>", text);
  };
  using engine::cap::kCirclesMax;
  CHECK(errors_of(alert_of(kCirclesMax)) == Names{});
  CHECK(errors_of(alert_of(kCirclesMax + 1)) == Names{"too_many_vertices"});
  Profile profile;
  profile.encoding = Encoding::any;
  CHECK(errors_of(alert_of(kCirclesMax + 1), profile) == Names{});
  CHECK(warnings_of(alert_of(kCirclesMax + 1), profile) == Names{"too_many_vertices"});
}

TEST_CASE("more than kReferencesMax references are refused and to a drafter a warning") {
  const auto naming = [](std::size_t count) {
    std::string words;
    for (std::size_t i = 0; i < count; ++i) {
      words += "control@example.org,drill-a" + std::to_string(i) + ",2026-11-21T19:00:00-00:00 ";
    }
    return "<references>" + words + "</references>";
  };
  CHECK(errors_of(update(naming(kReferencesMax))) == Names{});
  const std::string one_more = update(naming(kReferencesMax + 1));
  CHECK(errors_of(one_more) == Names{"too_many_references"});
  CHECK(errors_of(changed(one_more, "Update", "Cancel")) == Names{"too_many_references"});
  CHECK(errors_of(changed(one_more, "Update", "Alert")) == Names{"too_many_references"});
  Profile profile;
  profile.encoding = Encoding::any;
  CHECK(errors_of(one_more, profile) == Names{});
  CHECK(warnings_of(one_more, profile) == Names{"too_many_references"});
}

TEST_CASE("more than kAudienceNamesMax addresses are refused and to a drafter a warning") {
  const auto addressed = [](std::size_t count) {
    std::string names;
    for (std::size_t i = 0; i < count; ++i) names += "org-" + std::to_string(i) + " ";
    return changed(with("<scope>Public", "<scope>Private"), "<code>",
                   "<addresses>" + names + "</addresses><code>");
  };
  CHECK(errors_of(addressed(kAudienceNamesMax)) == Names{});
  const std::string one_more = addressed(kAudienceNamesMax + 1);
  CHECK(errors_of(one_more) == Names{"too_many_addresses"});
  Profile profile;
  profile.encoding = Encoding::any;
  CHECK(errors_of(one_more, profile) == Names{});
  CHECK(warnings_of(one_more, profile) == Names{"too_many_addresses"});
}

TEST_CASE("what is worth a word to the one who drafts is a warning and no refusal") {
  const std::string second_info =
      "</info><info><category>Met</category><event>E</event><urgency>Past</urgency>"
      "<severity>Minor</severity><certainty>Likely</certainty>"
      "<expires>2026-11-21T21:30:00-00:00</expires><instruction>I</instruction></info>";
  const std::vector<Change> changes = {
      {"severities_differ", "</info>", second_info},
      {"instruction_missing", "    <instruction>Move upstairs.</instruction>\n", ""},
      {"instruction_missing", "Move upstairs.", "  "},
      {"expires_missing", "    <expires>2026-11-21T21:30:00-00:00</expires>\n", ""},
      {"text_long", "Water is rising.", std::string(1396, 'a')},
      {"", "Water is rising.", std::string(1395, 'a')},
      {"text_long", "Water is rising.", std::string(698, '[')},
      {"text_long", "Water is rising.", "\u0175" + std::string(615, 'a')},
      {"", "Water is rising.", "\u0175" + std::string(614, 'a')},
      {"link_not_https", "https://example.org/drill", "http://example.org/drill"},
      {"link_not_https", "https://example.org/map.png", "map.png"},
      {"link_not_https", "Water is rising.", "See http://example.org"},
      {"", "Water is rising.", "See https://example.org"},
      {"markup_in_text", "Water is rising.", "Water&lt;br/&gt;is rising."},
      {"markup_in_text", "Move upstairs.", "&lt;p&gt;Move upstairs."},
      {"polygon_inside", "<circle>",
       "<polygon>51.57,-0.28 51.58,-0.28 51.58,-0.26 51.57,-0.28"
       "</polygon><circle>"},
      {"schema_location", "cap:1.2\">",
       "cap:1.2\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
       "xsi:schemaLocation=\"urn:x file:///etc/passwd\">"},
  };
  for (const Change& change : changes) {
    CAPTURE(change.to.substr(0, 60));
    const Judgement judgement = judge(with(change.from, change.to));
    CHECK(names_of(judgement.errors) == Names{});
    CHECK(names_of(judgement.warnings) == (change.rule.empty() ? Names{} : Names{change.rule}));
    CHECK(judgement.alert.has_value());
  }
}

TEST_CASE("a Cancel needs neither an instruction nor a time to expire") {
  std::string xml =
      changed(with("<msgType>Alert", "<msgType>Cancel"), "<note>A note</note>", kReferences);
  xml = changed(xml, "    <instruction>Move upstairs.</instruction>\n", "");
  xml = changed(xml, "    <expires>2026-11-21T21:30:00-00:00</expires>\n", "");
  CHECK(warnings_of(xml) == Names{});
}

TEST_CASE("every rule is written down and everything written down is a rule") {
  const std::string page = contents_of(TOCSIN_SOURCE_DIR "/schemas/rules.md");
  Names written;
  for (std::size_t at = 0; (at = page.find("\n| `", at)) != std::string::npos; ++at) {
    const std::size_t name = at + 4;
    written.push_back(page.substr(name, page.find('`', name) - name));
  }
  Names known;
  for (const RuleText& rule : all_rules()) known.emplace_back(rule.name);
  std::sort(written.begin(), written.end());
  std::sort(known.begin(), known.end());
  CHECK(written == known);
}
