#include "engine/cap/judge.hpp"

#include <atomic>
#include <thread>

#include "tests/unit/cap/document.hpp"

using namespace engine;
using namespace engine::cap;

namespace {

using Names = std::vector<std::string>;

const std::string kDeclaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";

std::string declaring(const char* encoding) {
  return with(kDeclaration, std::string("<?xml version=\"1.0\" encoding=\"") + encoding + "\"?>");
}

}  // namespace

TEST_CASE("a sound alert is read whole") {
  const Judgement judgement = judge(sound_alert());
  REQUIRE(judgement.alert.has_value());
  const Alert& alert = *judgement.alert;
  CHECK(alert.identity() ==
        Identity{"control@example.org", "drill-7", *parse_time("2026-11-21T19:30:00Z")});
  CHECK(alert.status == Status::exercise);
  CHECK(alert.msg_type == MsgType::alert);
  CHECK(alert.scope == Scope::public_);
  CHECK(alert.source == "Duty desk");
  CHECK(alert.codes == Names{"system:exercise-gb"});
  CHECK(alert.note == "A note");
  REQUIRE(alert.infos.size() == 1);
  const Info& info = alert.infos[0];
  CHECK(info.language == "en-GB");
  CHECK(info.categories == std::vector<Category>{Category::safety, Category::met});
  CHECK(info.event == "Flood drill");
  CHECK(info.response_types == Names{"Evacuate"});
  CHECK(info.urgency == Urgency::immediate);
  CHECK(info.severity == Severity::severe);
  CHECK(info.certainty == Certainty::observed);
  CHECK(info.effective == parse_time("2026-11-21T19:30:00Z"));
  CHECK(info.onset == parse_time("2026-11-21T20:00:00Z"));
  CHECK(info.expires == parse_time("2026-11-21T21:30:00Z"));
  CHECK(info.sender_name == "Control room");
  CHECK(info.headline == "Flood drill in Brent");
  CHECK(info.description == "Water is rising.");
  CHECK(info.instruction == "Move upstairs.");
  CHECK(info.web == "https://example.org/drill");
  CHECK(info.contact == "020 7946 0000");
  REQUIRE(info.parameters.size() == 1);
  CHECK(info.parameters[0].name == "colour");
  CHECK(info.parameters[0].value == "amber");
  REQUIRE(info.resources.size() == 1);
  CHECK(info.resources[0].description == "Map");
  CHECK(info.resources[0].mime_type == "image/png");
  CHECK(info.resources[0].uri == "https://example.org/map.png");
  REQUIRE(info.areas.size() == 1);
  CHECK(info.areas[0].description == "Brent");
  CHECK(info.areas[0].polygons.size() == 1);
  CHECK(info.areas[0].circles.at(0).radius_km == 5);
  CHECK(info.areas[0].geocodes.at(0).value == "E09000005");
}

TEST_CASE("text is what stands in an element without its comments") {
  const auto judgement =
      judge(with("Water is rising.", "Water <!-- really -->is <![CDATA[rising & <high>]]>."));
  REQUIRE(judgement.alert.has_value());
  CHECK(judgement.alert->infos[0].description == "Water is rising & <high>.");
}

TEST_CASE("a fault says where it is and on which line") {
  const std::string second = "<polygon>51.6,-0.2 51.7,-0.2 51.7,-0.1</polygon>\n<circle>";
  const auto errors = judge(with("<circle>", second)).errors;
  REQUIRE(errors.size() == 2);
  CHECK(errors[0].rule == "polygon_pairs");
  CHECK(errors[1].rule == "polygon_closed");
  CHECK(errors[1].where == "alert/info[1]/area[1]/polygon[2], line 39");
  CHECK(errors[1].line == 39);
  CHECK(errors[1].message ==
        "The last pair 51.7,-0.1 is not the first pair 51.6,-0.2: repeat the first pair at the "
        "end.");
}

TEST_CASE("an attribute is a fault of the element that has it") {
  const auto errors = judge(with("<note>", "<note lang=\"en\">")).errors;
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].where == "alert/note, line 11");
}

TEST_CASE("lines are counted beyond what sixteen bits hold") {
  const auto errors =
      judge(with("<note>A note</note>", std::string(70'000, '\n') + "<odd>x</odd>")).errors;
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].line == 70'011);
}

TEST_CASE("everything that is wrong is told at once") {
  std::string xml = with("<status>Exercise", "<status>Drill");
  xml = changed(xml, "Flood drill in Brent", "&lt;b&gt;");
  xml = changed(xml, "-0.2 51.5,-0.3", "-0.2 51.4,-0.3");
  CHECK(errors_of(xml) == Names{"schema_value", "markup", "polygon_closed"});
}

TEST_CASE("admission takes UTF-8 alone") {
  CHECK(errors_of(sound_alert()) == Names{});
  CHECK(errors_of("\xEF\xBB\xBF" + sound_alert()) == Names{});
  CHECK(errors_of(declaring("utf-8")) == Names{});
  CHECK(errors_of(declaring("US-ASCII")) == Names{});
  CHECK(errors_of(" " + sound_alert()) == Names{"well_formed"});  // the declaration is not first
  CHECK(errors_of(with(kDeclaration + "\n", "")) == Names{});
  CHECK(errors_of(declaring("ISO-8859-1")) == Names{"encoding"});
  CHECK(errors_of(declaring("UTF-7")) == Names{"encoding"});
  CHECK(errors_of(declaring("no-such-encoding")) == Names{"encoding"});
  CHECK(errors_of(with("Water", "W\xE4ter")) == Names{"encoding"});
  CHECK(errors_of(with("Water", "W\xC0\x80ter")) == Names{"encoding"});
  CHECK(errors_of(in_utf16(sound_alert())) == Names{"encoding"});
  CHECK(errors_of(sound_alert() + std::string(1, '\0') + "<!-- unread -->") == Names{"encoding"});
  CHECK(errors_of(changed(declaring("US-ASCII"), "Water", "W\u00E4ter")) != Names{});
}

TEST_CASE("an admitted alert is XML 1.0 and not what readers may read by other rules") {
  const std::string other = with("version=\"1.0\"", "version=\"1.1\"");
  CHECK(errors_of(other) == Names{"well_formed"});
  CHECK(errors_of(other, any_encoding()) == Names{});
}

TEST_CASE("a person may check any encoding") {
  const Profile any = any_encoding();
  CHECK(errors_of(sound_alert(), any) == Names{});
  const Judgement latin = judge(changed(declaring("ISO-8859-1"), "Water is",
                                        "\xC4u\xDF"
                                        "erst"),
                                any);
  REQUIRE(latin.alert.has_value());
  CHECK(latin.alert->infos[0].description == "\u00C4u\u00DFerst rising.");
  CHECK(judge(in_utf16(declaring("UTF-16")), any).alert.has_value());
  CHECK(errors_of(sound_alert() + std::string(1, '\0') + "<!-- -->", any) == Names{"well_formed"});
  CHECK(errors_of(with("Water", "W\xE4ter"), any) != Names{});
}

TEST_CASE("what is not XML is not well formed") {
  const std::string& xml = sound_alert();
  for (const std::string& broken :
       {std::string(), std::string(" "), std::string("words"), xml.substr(0, xml.size() / 2),
        xml + "<again/>", with("Water is", "Water & is"), with("Water is", "Water &nbsp; is"),
        with("Water is", "Water \x01 is"), with("Water is", "Water &#1; is"),
        with("</note>", "</noted>"), with("<note>", "<cap:note>")}) {
    CAPTURE(broken.substr(0, 40));
    CHECK(errors_of(broken) == Names{"well_formed"});
  }
}

TEST_CASE("a DOCTYPE is refused before anything of it is read") {
  for (const char* doctype :
       {"<!DOCTYPE alert>", "<!DOCTYPE alert [<!ENTITY a \"b\">]>",
        "<!DOCTYPE alert SYSTEM \"file:///etc/passwd\">",
        "<!DOCTYPE &&& this is not even well formed", "<!-- a comment --> <!DOCTYPE a [%x;",
        "\n<!-- -- > -->\n<!DOCTYPE alert>"}) {
    CAPTURE(doctype);
    const std::string xml = with(kDeclaration, kDeclaration + doctype);
    CHECK(errors_of(xml) == Names{"doctype"});
    CHECK(errors_of(xml, any_encoding()) == Names{"doctype"});
  }
  CHECK(errors_of(with("Water is", "&lt;!DOCTYPE x")) == Names{});
  CHECK(errors_of(with(kDeclaration, kDeclaration + "<!-- <!DOCTYPE alert> -->")) == Names{});
  CHECK(judge(with(kDeclaration, kDeclaration + "\n\n<!DOCTYPE a>")).errors[0].line == 3);
}

TEST_CASE("a DOCTYPE hidden in another encoding is refused before its entities are declared") {
  std::string bomb = "<!DOCTYPE alert [<!ENTITY e0 \"aaaaaaaaaa\">";
  for (int i = 1; i < 30; ++i) {
    const std::string before = "&e" + std::to_string(i - 1) + ";";
    bomb += "<!ENTITY e" + std::to_string(i) + " \"";
    for (int j = 0; j < 10; ++j) bomb += before;
    bomb += "\">";
  }
  const std::string xml =
      changed(with("Water is", "&e29;"), kDeclaration, kDeclaration + bomb + "]>");
  CHECK(errors_of(xml) == Names{"doctype"});
  const std::string wide = in_utf16(changed(xml, "UTF-8", "UTF-16"));
  CHECK(errors_of(wide, any_encoding()) == Names{"doctype"});
  const std::string garbled = in_utf16("<!DOCTYPE alert [ &&& not well formed");
  CHECK(errors_of(garbled, any_encoding()) == Names{"doctype"});
}

TEST_CASE("processing instructions are refused and to a drafter a warning") {
  for (const std::string& xml :
       {with(kDeclaration, kDeclaration + "<?xml-stylesheet href=\"http://example.org/x.xsl\"?>"),
        with("Water is", "Water <?php x?> is"), sound_alert() + "<?end?>"}) {
    CHECK(errors_of(xml) == Names{"processing_instruction"});
    CHECK(errors_of(xml, any_encoding()) == Names{});
    CHECK(warnings_of(xml, any_encoding()) == Names{"processing_instruction"});
  }
}

TEST_CASE("an XML signature may stand at the end and hold what it likes") {
  const std::string signature =
      "<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\"><SignedInfo><Odd a=\"b\"/>"
      "</SignedInfo></Signature></alert>";
  CHECK(errors_of(with("</alert>", signature)) == Names{});
  CHECK(errors_of(with("</alert>", "<Signature xmlns=\"urn:other\"/></alert>")) ==
        Names{"schema_element"});
}

TEST_CASE("faults beyond the bound are counted and the alert is still refused") {
  std::string categories;
  for (int i = 0; i < 50; ++i) categories += "<category>Odd</category>";
  Profile profile;
  profile.faults_max = 5;
  const Judgement judgement = judge(with("<category>Met</category>", categories), profile);
  REQUIRE(judgement.errors.size() == 6);
  CHECK(judgement.errors[5].rule == "more_faults");
  CHECK_FALSE(judgement.alert.has_value());
}

TEST_CASE("100 faults of an alert are listed and of one more is said that there are more") {
  const auto faults_of = [](int many) {
    std::string categories;
    for (int i = 0; i < many; ++i) categories += "<category>Odd</category>";
    return judge(with("<category>Met</category>", categories)).errors;
  };
  const auto listed = faults_of(100);
  CHECK(listed.size() == 100);
  CHECK(names_of(listed) == Names{"schema_value"});
  const auto bounded = faults_of(101);
  REQUIRE(bounded.size() == 101);
  CHECK(bounded[99].rule == "schema_value");
  CHECK(bounded[100].rule == "more_faults");
  CHECK(bounded[100].message.starts_with("1 more were found"));
}

TEST_CASE("elements nested deeper than any alert are refused") {
  std::string deep;
  for (int i = 0; i < 10'000; ++i) deep += "<a>";
  CHECK(errors_of(with("Water is", deep)) == Names{"well_formed"});
}

TEST_CASE("declarations of namespaces are counted over the whole document") {
  const auto nested = [](int declared) {
    std::string before, after;
    for (int i = 0; i < declared; ++i) {
      before += "<ds:Object xmlns:n" + std::to_string(i) + "=\"urn:n\">";
      after += "</ds:Object>";
    }
    return with("</alert>", "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">" +
                                before + after + "</ds:Signature></alert>");
  };
  CHECK(errors_of(nested(98)) == Names{});  // and the alert's own, and ds
  CHECK(errors_of(nested(99)) == Names{"schema"});
}

TEST_CASE("a tag with thousands of attributes is refused before they are compared") {
  std::string attributes;
  for (int i = 0; i < 500'000; ++i) attributes += " a" + std::to_string(i) + " = ''";
  const std::string xml = with("<note>", "<note" + attributes + ">");
  CHECK(errors_of(xml) == Names{"schema"});
  CHECK(errors_of(in_utf16(changed(xml, "UTF-8", "UTF-16")), any_encoding()) == Names{"schema"});
  std::string text;
  for (int i = 0; i < 500; ++i) text += "a=\"b\" ";
  CHECK(errors_of(with("A note", text)) == Names{});
}

TEST_CASE("the first document of a process that the schema refuses is refused for what it broke") {
  // The schema is read when it is first asked, while the faults of a document are being gathered.
  CHECK(errors_of(with("<status>Exercise", "<status>Drill")) == Names{"schema_value"});
}

TEST_CASE("any thread may judge at the same time") {
  const std::string broken = with("<status>Exercise", "<status>Drill");
  std::atomic<int> right = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 50; ++round) {
        if (judge(sound_alert()).alert.has_value()) ++right;
        const Judgement judgement = judge(broken);
        if (judgement.errors.size() == 1 && judgement.errors[0].rule == "schema_value") ++right;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(right == 400);
}
