#include "connectors/sms/alert_text.hpp"

#include <doctest/doctest.h>

#include "connectors/sms/gsm_text.hpp"
#include "connectors/sms/limits.hpp"
#include "connectors/sms/plain_text.hpp"

using namespace connectors::sms;
using namespace engine::cap;

namespace {

engine::BulletinId an_id() {
  engine::BulletinId id{};
  for (std::size_t i = 0; i < id.size(); ++i) id[i] = static_cast<std::uint8_t>(i * 37 + 11);
  return id;
}
const engine::BulletinId kId = an_id();
constexpr std::string_view kCode = "1CR5A-YMZRK";

Info a_flood() {
  Info info;
  info.language = "en-GB";
  info.event = "Flood warning";
  info.headline = "Flooding from the River Teme: act now";
  info.description = "The River Teme is rising.";
  info.instruction = "Move upstairs. Call 999 if in danger.";
  info.sender_name = "Somebody";
  info.areas.push_back({"Knighton", {}, {}, {}});
  return info;
}

Alert an_alert(Info info = a_flood()) {
  Alert alert;
  alert.identifier = "GB-2026-0017";
  alert.sender = "control@example.police.uk";
  alert.sent = engine::parse_time("2026-11-21T19:30:00Z").value();
  alert.status = Status::actual;
  alert.infos.push_back(std::move(info));
  return alert;
}

std::string told(const Alert& alert, std::string_view language = "en-GB",
                 std::string_view sender = "West Mercia Police", const Alert* ended = nullptr) {
  return alert_text({alert, kId, language, sender, ended});
}

bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::string words(std::size_t count, std::string_view word = "sandbag") {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) text += ' ';
    text += word;
  }
  return text;
}

}  // namespace

TEST_CASE("a check code is the first fifty bits of the id in letters that are read aloud") {
  engine::BulletinId id{};
  CHECK(check_code(id) == "00000-00000");
  id.fill(0xFF);
  CHECK(check_code(id) == "ZZZZZ-ZZZZZ");
  id.fill(0);
  id[0] = 0x08;  // 00001 000...
  id[6] = 0x40;  // the fiftieth bit
  CHECK(check_code(id) == "10000-00001");
  id[6] = 0x3F;  // beyond it
  CHECK(check_code(id) == "10000-00000");
  CHECK(check_code(kId) == kCode);
}

TEST_CASE("a text says place and what and what to do and when and who and the code") {
  CHECK(told(an_alert()) ==
        "Knighton: Flooding from the River Teme: act now. Move upstairs. Call 999 if in danger. "
        "19:30 21 Nov, West Mercia Police. Check " +
            std::string(kCode));
}

TEST_CASE("a headline that names the place says it once") {
  Alert alert = an_alert();
  alert.infos[0].headline = "Flooding at Knighton";
  CHECK(told(alert).starts_with("Flooding at Knighton. Move upstairs."));
}

TEST_CASE("what is not real says so before anything else") {
  Alert alert = an_alert();
  alert.status = Status::exercise;
  CHECK(told(alert).starts_with("EXERCISE: Knighton: Flood"));
  CHECK(told(alert, "cy").starts_with("YMARFER: "));
  alert.status = Status::test;
  CHECK(told(alert).starts_with("TEST: "));
  CHECK(told(alert, "cy").starts_with("PRAWF: "));
  alert.status = Status::system;
  CHECK(told(alert).starts_with("EXERCISE: "));
  alert.status = Status::draft;
  CHECK(told(alert).starts_with("EXERCISE: "));
  alert.msg_type = MsgType::update;
  CHECK(told(alert).starts_with("EXERCISE: UPDATE: "));
}

TEST_CASE("an Update and a Cancel have fixed forms") {
  const Alert flood = an_alert();
  Alert alert = an_alert();
  alert.msg_type = MsgType::update;
  CHECK(told(alert).starts_with("UPDATE: Knighton: "));
  CHECK(told(alert, "cy").starts_with("DIWEDDARIAD: Knighton: "));

  Info own = a_flood();
  own.headline = "Come back";
  own.instruction = "Go home.";
  Alert cancel = an_alert(own);
  cancel.msg_type = MsgType::cancel;
  cancel.note = "Sent in error";
  cancel.references.push_back({flood.sender, flood.identifier, flood.sent});
  CHECK(
      told(cancel, "en-GB", "West Mercia Police", &flood) ==
      "CANCELLED: Knighton: Flooding from the River Teme: act now. Do not act on it. Reason: Sent "
      "in error. 19:30 21 Nov, West Mercia Police. Check " +
          std::string(kCode));
  CHECK(told(cancel, "cy", "Heddlu", &flood) ==
        "CANSLWYD: Knighton: Flooding from the River Teme: act now. Anwybyddwch y rhybudd. Rheswm: "
        "Sent in error. 19:30 21 Tach, Heddlu. Gwirio " +
            std::string(kCode));
  // Without what it ends nothing of its own is told but the reason.
  CHECK(
      told(cancel) ==
      "CANCELLED: alert GB-2026-0017. Do not act on it. Reason: Sent in error. 19:30 21 Nov, West "
      "Mercia Police. Check " +
          std::string(kCode));
  cancel.note = words(60);
  const std::string cut = told(cancel, "en-GB", "West Mercia Police", &flood);
  CHECK(size_of(cut).parts == 1);
  CHECK(holds(cut, "Do not act on it. "));
  CHECK_FALSE(holds(cut, "Move upstairs"));
}

TEST_CASE("the text is in the language that is asked for as far as there is one") {
  Info welsh = a_flood();
  welsh.language = "cy";
  welsh.headline = "Llifogydd yn Nhrefyclo";
  welsh.instruction = "Ewch i fyny'r grisiau.";
  Alert alert = an_alert();
  alert.infos.push_back(welsh);
  CHECK(holds(told(alert, "cy"), "Llifogydd"));
  CHECK(holds(told(alert, "cy-GB"), "Llifogydd"));
  CHECK(holds(told(alert, "CY"), "19:30 21 Tach"));
  CHECK(holds(told(alert, "en"), "Flooding"));
  CHECK(holds(told(alert, "pl"), "Flooding"));  // the first
  alert.infos.clear();
  CHECK(told(alert).starts_with("alert. 19:30 21 Nov"));
}

TEST_CASE("the time is what clocks in the United Kingdom show") {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"2026-03-29T00:59:00Z", "00:59 29 Mar"}, {"2026-03-29T01:00:00Z", "02:00 29 Mar"},
      {"2026-07-01T23:30:00Z", "00:30 2 Jul"},  {"2026-10-25T00:59:59Z", "01:59 25 Oct"},
      {"2026-10-25T01:00:00Z", "01:00 25 Oct"}, {"2026-12-31T23:59:59Z", "23:59 31 Dec"}};
  for (const auto& [sent, shown] : rows) {
    Alert alert = an_alert();
    alert.sent = engine::parse_time(sent).value();
    CAPTURE(sent);
    CHECK(holds(told(alert), " " + shown + ", "));
  }
}

TEST_CASE("typographic marks do not make a text a long one and Welsh letters do") {
  Alert alert = an_alert();
  alert.infos[0].instruction = "Don’t wait – go “up”…";
  CHECK(size_of(told(alert)).coding == Coding::gsm);
  CHECK(holds(told(alert), "Don't wait - go \"up\"..."));
  alert.infos[0].instruction = "Don’t drink the dŵr";
  CHECK(size_of(told(alert)).coding == Coding::ucs2);
  CHECK(holds(told(alert), "Don’t drink the dŵr."));
}

TEST_CASE("what is too long is shortened in the stated order and to one part") {
  Alert alert = an_alert();
  Info& info = alert.infos[0];
  info.headline = words(8, "headline");
  CHECK(holds(told(alert), "Knighton: Flood warning. Move upstairs. Call 999 if in danger."));
  info.areas[0].description = words(8, "Knighton");
  CHECK(told(alert).starts_with("Knighton Knighton...: Flood warning. Move upstairs. Call 999 if"));
  const std::string sender = "The Chief Constable of the West Mercia Constabulary and others";
  CHECK(holds(told(alert, "en-GB", sender), "19:30 21 Nov, The Chief... Check"));
  info.event = "Flood warning for every river of the county and all of its brooks";
  CHECK(
      holds(told(alert, "en-GB", sender), "Knighton Knighton...: Flood warning for every... Move"));
  info.instruction = "Move upstairs or to your neighbours now. Take the cat. " + words(20);
  const std::string least = told(alert, "en-GB", sender);
  CHECK(holds(least, "Move upstairs or to your neighbours now. "));
  CHECK_FALSE(holds(least, "sandbag sandbag sandbag"));
  CHECK(size_of(least).parts == 1);
}

TEST_CASE("fields are cut to kPlaceLeast and kWhatLeast and kSenderLeast and no further") {
  Alert alert = an_alert();
  Info& info = alert.infos[0];
  info.instruction = words(60);
  const auto text_with = [&](std::size_t place, std::size_t what, std::size_t sender) {
    info.areas[0].description = std::string(place, 'P');
    info.event = info.headline = std::string(what, 'W');
    return told(alert, "en-GB", std::string(sender, 'S'));
  };
  const std::string least =
      text_with(limits::kPlaceLeast, limits::kWhatLeast, limits::kSenderLeast);
  CHECK(holds(least, std::string(limits::kPlaceLeast, 'P')));
  CHECK(holds(least, std::string(limits::kWhatLeast, 'W')));
  CHECK(holds(least, std::string(limits::kSenderLeast, 'S')));
  const std::string more =
      text_with(limits::kPlaceLeast + 1, limits::kWhatLeast + 1, limits::kSenderLeast + 1);
  CHECK(holds(more, " " + std::string(limits::kSenderLeast - 3, 'S') + "..."));
  CHECK(holds(more, std::string(limits::kPlaceLeast - 3, 'P') + "...: "));
  CHECK(holds(more, " " + std::string(limits::kWhatLeast - 3, 'W') + "... "));
}

TEST_CASE("what to do is never cut below kToDoLeast, whatever the parts cost") {
  Alert alert = an_alert();
  alert.status = Status::exercise;
  alert.msg_type = MsgType::update;
  Info& info = alert.infos[0];
  info.areas[0].description = std::string(limits::kPlaceLeast, 'P');
  info.event = info.headline = std::string(limits::kWhatLeast, 'W');
  const std::string sender(limits::kSenderLeast, 'S');
  // One word that cannot be cut at a word: 37 characters of it and dots.
  info.instruction = std::string(limits::kToDoLeast, 'd');
  CHECK(holds(told(alert, "en-GB", sender), " " + info.instruction + ". "));
  info.instruction = std::string(limits::kToDoLeast + 1, 'd') + " " + words(200);
  const std::string cut = told(alert, "en-GB", sender);
  CHECK(holds(cut, std::string(limits::kToDoLeast - 3, 'd')));
  CHECK(size_of(cut).parts == 2);  // the fixed words and the least of all others are above 160
}

TEST_CASE("a text in UCS-2 is shortened to kWidePartsAimed parts") {
  Alert alert = an_alert();
  alert.infos[0].instruction = words(20, "dŵr");
  const std::size_t parts = size_of(told(alert)).parts;
  CHECK(parts <= limits::kWidePartsAimed);
  CHECK(parts > 1);
  CHECK(holds(told(alert), words(20, "dŵr")));
  alert.infos[0].instruction = words(100, "dŵr");
  CHECK(size_of(told(alert)).parts == limits::kWidePartsAimed);
  CHECK(holds(told(alert), "dŵr..."));
}

TEST_CASE("without an instruction the description says what there is to say") {
  Alert alert = an_alert();
  alert.infos[0].instruction = " \n";
  CHECK(holds(told(alert), "The River Teme is rising."));
  alert.infos[0].description = "";
  CHECK(holds(told(alert), "act now. 19:30"));
}

TEST_CASE("nothing of an alert can bring a link or a line end or a hidden character into a text") {
  const std::string bad =
      "a\u202Eb\nc\x01 https://evil.example/x www.evil.example evil.example/x x@evil.example";
  Info info = a_flood();
  info.event = info.headline = info.description = info.instruction = bad;
  info.areas[0].description = bad;
  Alert alert = an_alert(info);
  Alert cancel = alert;
  cancel.msg_type = MsgType::cancel;
  cancel.note = bad;
  cancel.references.push_back({"s", bad, cancel.sent});
  for (const std::string& text :
       {told(alert, "en-GB", bad), told(cancel, "en-GB", bad), told(cancel, "cy", bad, &alert)}) {
    CAPTURE(text);
    CHECK_FALSE(holds(text, "://"));
    CHECK_FALSE(holds(text, "evil"));
    CHECK_FALSE(holds(text, "\n"));
    CHECK_FALSE(holds(text, "\x01"));
    CHECK_FALSE(holds(text, "\u202E"));
    CHECK(text.ends_with(kCode));
  }
}

TEST_CASE("any alert becomes a text that can be sent") {
  const std::vector<std::string> letters = {"a", "ŵ", "€", "😀", "w\u0302", "é", ". ", "x "};
  for (std::size_t i = 0; i < letters.size() * 40; i += 3) {
    Info info = a_flood();
    const std::string long_text = words(i * 3, letters[i % letters.size()]);
    std::string solid;
    for (std::size_t n = 0; n < i; ++n) solid += letters[(i + 3) % letters.size()];
    info.instruction = i % 2 == 0 ? long_text : solid;
    info.headline = i % 3 == 0 ? solid : long_text;
    info.event = i % 5 == 0 ? solid : long_text;
    info.areas[0].description = i % 7 == 0 ? long_text : solid;
    Alert alert = an_alert(info);
    if (i % 4 == 0) alert.msg_type = MsgType::cancel;
    if (i % 3 == 0) alert.status = Status::exercise;
    const std::string text = told(alert, i % 2 == 0 ? "cy" : "en", solid, &alert);
    CAPTURE(i);
    CHECK(to_parts(text, 1));
    CHECK(text.ends_with(kCode));
  }
}
