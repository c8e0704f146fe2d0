// What a thread judged before does not change what it says of a document, though it keeps its
// parser; and the white space that is not kept decides nothing.
#include <future>
#include <random>

#include "tests/unit/cap/document.hpp"

using namespace engine::cap;

namespace {

using Names = std::vector<std::string>;

std::string told(const Judgement& judgement) {
  std::string text = judgement.alert ? judgement.alert->infos.at(0).headline : "refused";
  for (const auto* list : {&judgement.errors, &judgement.warnings}) {
    for (const Fault& fault : *list) {
      text += "\n" + fault.rule + " " + fault.where + " " + fault.message;
    }
  }
  return text;
}

/// As a thread says that never judged anything before.
std::string told_afresh(const std::string& xml, const Profile& profile) {
  return std::async(std::launch::async, [&] { return told(judge(xml, profile)); }).get();
}

std::string with_prefix(std::string_view declaration) {
  std::string xml = sound_alert();
  xml = changed(xml, "<alert xmlns=", "<c:alert" + std::string(declaration) + " xmlns=");
  return changed(xml, "</alert>", "</c:alert>");
}

/// Sound ones, broken ones, and such as leave a parser in the middle of something.
std::vector<std::string> documents() {
  const std::string declared = " xmlns:c=\"urn:oasis:names:tc:emergency:cap:1.2\"";
  const std::string sound = sound_alert();
  std::vector<std::string> all = {sound, with_prefix(declared), with_prefix("")};
  for (const std::string& xml : {sound, with_prefix(declared)}) {
    for (const std::size_t size : {60U, 200U, 400U, 900U}) all.push_back(xml.substr(0, size));
    all.push_back(xml + "<more/>");
    all.push_back(changed(xml, "<note>", "<note><x:y xmlns:x=\"urn:x\" x:z=\"1\" x:z=\"1\"/>"));
    all.push_back(changed(xml, "A note", "A &unknown; note"));
    all.push_back(changed(xml, "A note", "A &#xD; note \xC2\x85"));
    all.push_back(changed(xml, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
                          "<?xml version=\"1.0\" encoding=\"US-ASCII\" standalone=\"yes\"?>"));
    all.push_back(changed(xml, "<status>Exercise", "<status>Drill"));
    all.push_back(changed(xml, "<sender>", "text<sender>"));
    all.push_back(in_utf16(changed(xml, "UTF-8", "UTF-16")));
  }
  all.push_back("<!DOCTYPE alert [<!ATTLIST alert note CDATA 'x'>]>" + sound);
  all.push_back("<!-- no root -->");
  all.push_back("");
  return all;
}

}  // namespace

TEST_CASE("a thread says of each document what it would say of its first") {
  const std::vector<std::string> all = documents();
  for (const Profile& profile : {Profile{}, any_encoding()}) {
    Names fresh;
    for (const std::string& xml : all) fresh.push_back(told_afresh(xml, profile));
    for (std::size_t before = 0; before < all.size(); ++before) {
      for (std::size_t i = 0; i < all.size(); ++i) {
        judge(all[before], profile);
        CAPTURE(all[before]);
        CAPTURE(all[i]);
        REQUIRE(told(judge(all[i], profile)) == fresh[i]);
      }
    }
  }
}

TEST_CASE("documents full of names that no other has leave nothing behind") {
  const std::string expected = told_afresh(sound_alert(), {});
  for (int round = 0; round < 50; ++round) {
    std::string names;
    for (int i = 0; i < 200; ++i) {
      names += "<n:" + std::string(100, 'a') + std::to_string(round * 1000 + i) + "/>";
    }
    const std::string xml = with("</alert>",
                                 "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" "
                                 "xmlns:n=\"urn:n\">" +
                                     names + "</ds:Signature></alert>");
    REQUIRE(errors_of(xml) == Names{});
    REQUIRE(told(judge(sound_alert())) == expected);
  }
}

TEST_CASE("a document is read to its end whatever its length") {
  for (std::size_t more = 0; more < 5000; more += more < 600 ? 1 : 97) {
    const std::string note(more, more % 2 == 0 ? 'x' : ' ');
    REQUIRE(errors_of(with("A note", "A note" + note)) == Names{});
    REQUIRE(errors_of(with("</alert>", "</alert>" + std::string(more, '\n'))) == Names{});
    REQUIRE(errors_of(with("</alert>", "</alert>" + std::string(more, '\n') + "x")) ==
            Names{"well_formed"});
    REQUIRE(errors_of(with("</alert>", "<!--" + note + "-->")) == Names{"well_formed"});
  }
}

TEST_CASE("white space counts wherever text may stand, and nowhere else") {
  const auto description = [](const std::string& text) {
    const auto alert = judge(with("Water is rising.", text)).alert;
    return alert ? alert->infos[0].description : "refused";
  };
  CHECK(description(" \n ") == " \n ");
  CHECK(description("  <!-- here -->  now ") == "    now ");
  CHECK(description("<![CDATA[ ]]>\n") == " \n");
  CHECK(errors_of(with("<status>Exercise", "<status> <!-- a --> Exercise")) ==
        Names{"schema_value"});
  CHECK(errors_of(with("<status>Exercise", "<status> Exercise")) == Names{"schema_value"});
  for (const char* between : {"", " ", "\r\n\t", " <!-- a --> ", "&#10;"}) {
    CAPTURE(between);
    CHECK(errors_of(with("<info>", between + std::string("<info>") + between)) == Names{});
    CHECK(errors_of(with("<areaDesc>", between + std::string("<areaDesc>"))) == Names{});
  }
  for (const char* text : {"x", "\n x", "x \n", "\u00A0", "\xE2\x80\xAE"}) {
    CAPTURE(text);
    CHECK_FALSE(errors_of(with("<info>", "<info>" + std::string(text))).empty());
  }
}

TEST_CASE("beyond line 65,535 a fault has its line still") {
  for (const int lines : {65'500, 65'515, 65'520, 65'530, 65'600, 70'000}) {
    const std::string xml = changed(with("<info>", std::string(lines, '\n') + "<info>"),
                                    "<severity>Severe", "<severity>Bad");
    const Judgement judgement = judge(xml);
    REQUIRE(judgement.errors.size() == 1);
    CHECK(
        judgement.errors[0].line ==
        1 + std::count(xml.begin(), xml.begin() + static_cast<long>(xml.find("<severity>")), '\n'));
  }
}
