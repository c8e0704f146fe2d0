#include "connectors/email/mail.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "connectors/email/mail_text.hpp"
#include "connectors/email/words.hpp"
#include "engine/base/bytes.hpp"
#include "tests/support/letter.hpp"

using namespace connectors::email;
using namespace engine;
using tests::LetterWorld;

namespace {

bool holds(const std::string& text, std::string_view piece) {
  return text.find(piece) != std::string::npos;
}

std::string text_of(const std::string& mail) {
  return tests::from_quoted_printable(tests::part(mail, "text/plain"));
}
std::string html_of(const std::string& mail) {
  return tests::from_quoted_printable(tests::part(mail, "text/html"));
}
std::string attached(const std::string& mail, std::string_view type) {
  std::string body = tests::part(mail, type);
  body.erase(
      std::remove_if(body.begin(), body.end(), [](char c) { return c == '\r' || c == '\n'; }),
      body.end());
  return from_base64(body).value();
}

/// The names of the header's fields, in their order.
std::vector<std::string> fields(const std::string& mail) {
  std::vector<std::string> names;
  const std::string header = tests::unfolded_header(mail);
  for (std::size_t at = 0; at < header.size(); at = header.find("\r\n", at) + 2) {
    names.push_back(header.substr(at, header.find(':', at) - at));
  }
  return names;
}

}  // namespace

TEST_CASE("a mail says who it is from, to whom, about what and when") {
  LetterWorld world;
  const std::string header = tests::unfolded_header(world.mail());
  for (const char* line :
       {"Date: Sat, 04 Jul 2026 16:45:30 +0000\r\n", "From: \"Tocsin\" <alerts@tocsin.example>\r\n",
        "To: reception@shop.example\r\n", "Subject: Extreme: Flood water in Whitehall\r\n",
        "Message-ID: <d.00112233445566778899aabbccddee01@tocsin.example>\r\n",
        "Content-Language: en-GB\r\n", "Auto-Submitted: auto-generated\r\n",
        "X-Auto-Response-Suppress: All\r\n", "Importance: high\r\n", "MIME-Version: 1.0\r\n"}) {
    CAPTURE(line);
    CHECK(holds(header, line));
  }
  CHECK_FALSE(holds(header, "Precedence"));
  CHECK_FALSE(holds(header, "List-Unsubscribe"));
  CHECK_FALSE(holds(header, "In-Reply-To"));
}

TEST_CASE(
    "a mail says who, what, where, what to do, until when, its check code and how to verify") {
  LetterWorld world;
  const std::string text = text_of(world.mail());
  for (const char* piece :
       {"Flood water in Whitehall\n====\n", "Severity: Extreme\n", "Urgency: Act now\n",
        "Who warns you: Westminster control room (control@westminster.example)\n",
        "Where: Whitehall and Embankment\n", "Until: 00:30 on Sunday 5 July 2026 (UK time)\n",
        "What to do\n----\n\nGo upstairs.\nTake nobody's word for it.\n",
        "What is happening\n----\n\nThe Thames is over its wall.\n\nMore water is coming <soon> & "
        "fast.\n",
        "Contact: 020 7946 0000\n", "Sent: 17:45 on Saturday 4 July 2026 (UK time)\n",
        "Check code: 10000-00000\n", "Is this real?\n", "alert.cap.xml"}) {
    CAPTURE(piece);
    CHECK(holds(text, piece));
  }
  CHECK_FALSE(holds(text, "EXERCISE"));
}

TEST_CASE("the page says the same, to screen readers too, with nothing to click, load or run") {
  LetterWorld world;
  world.info().web = "https://westminster.example/flood";
  const std::string page = html_of(world.mail());
  for (const char* piece :
       {"<html lang=\"en-GB\">", "<title>Extreme: Flood water in Whitehall</title>",
        "<main lang=\"en-GB\">", ">Flood water in Whitehall</h1>", ">What to do</h2>",
        "<strong>Severity:</strong> Extreme</p>", "Go upstairs.<br>\nTake nobody&#39;s",
        "over its wall.</p>", "More water is coming &lt;soon&gt; &amp; fast.</p>",
        "https://westminster.example/flood"}) {
    CAPTURE(piece);
    CHECK(holds(page, piece));
  }
  for (const char* piece : {"<a ", "href", "src", "<script", "<img", "<link", "url(", "<form",
                            "http-equiv", "onload", "<table"}) {
    CAPTURE(piece);
    CHECK_FALSE(holds(page, piece));
  }
}

TEST_CASE("a drill says so first and last, and in the subject, in both forms") {
  struct Row {
    cap::Status status;
    const char* language;
    const char* subject;
    const char* banner;
  };
  for (const Row& row :
       {Row{cap::Status::exercise, "en", "Subject: EXERCISE: Extreme: ", "EXERCISE EXERCISE"},
        {cap::Status::test, "en", "Subject: TEST: Extreme: ", "TEST TEST"},
        {cap::Status::exercise, "cy", "Subject: YMARFER: Eithafol: ", "YMARFER YMARFER"},
        {cap::Status::test, "cy", "Subject: PRAWF: Eithafol: ", "PRAWF PRAWF"}}) {
    LetterWorld world;
    world.alert.status = row.status;
    world.letter.language = row.language;
    const std::string mail = world.mail();
    CAPTURE(row.banner);
    CHECK(holds(tests::unfolded_header(mail), row.subject));
    CHECK_FALSE(holds(mail, "Importance"));
    CHECK(text_of(mail).starts_with(row.banner));
    CHECK(text_of(mail).rfind(row.banner) > text_of(mail).size() - 120);
    CHECK(holds(html_of(mail), std::string("<strong>") + row.banner));
  }
}

TEST_CASE("the signed document and its envelope are attached byte for byte") {
  LetterWorld world;
  for (std::size_t octets = 1; octets < 120; ++octets) {
    world.payload.assign(octets, '\r');
    for (std::size_t i = 0; i < octets; ++i) world.payload[i] = static_cast<char>(i * 37 + octets);
    world.letter.payload = world.payload;
    const std::string mail = world.mail();
    REQUIRE(attached(mail, "application/cap+xml") == world.payload);
    REQUIRE(attached(mail, "application/vnd.dsse+json") == world.envelope);
  }
}

TEST_CASE("an Update and a Cancel answer the mails about what they name") {
  LetterWorld world;
  world.alert.msg_type = cap::MsgType::update;
  world.letter.earlier = {{tests::delivery(7), "Before"}, {tests::delivery(8), "Then"}};
  const std::string header = tests::unfolded_header(world.mail());
  const std::string first = message_id(tests::delivery(7), "tocsin.example");
  const std::string second = message_id(tests::delivery(8), "tocsin.example");
  CHECK(holds(header, "In-Reply-To: " + second + "\r\n"));
  CHECK(holds(header, "References: " + first + " " + second + "\r\n"));
  CHECK(holds(header, "Subject: Update: Extreme: "));
  CHECK(holds(text_of(world.mail()), "This replaces"));
}

TEST_CASE("kReferences mails are named, and of more the first and the newest") {
  LetterWorld world;
  const auto named = [&](std::size_t count) {
    world.letter.earlier.clear();
    for (std::size_t i = 0; i < count; ++i) {
      world.letter.earlier.push_back({tests::delivery(static_cast<std::uint8_t>(i)), ""});
    }
    const std::string header = tests::unfolded_header(world.mail());
    const std::size_t at = header.find("References:");
    return header.substr(at, header.find("\r\n", at) - at);
  };
  const auto count = [](const std::string& line) {
    return std::count(line.begin(), line.end(), '<');
  };
  CHECK(count(named(kReferences)) == kReferences);
  const std::string more = named(kReferences + 1);
  CHECK(count(more) == kReferences);
  CHECK(holds(more, "ee00@"));
  CHECK_FALSE(holds(more, "ee01@"));
  CHECK(holds(more, "ee02@"));
  CHECK(holds(more, "ee14@"));
}

TEST_CASE("a Cancel says what it ends and why and shows nothing else of itself") {
  LetterWorld world;
  world.alert.msg_type = cap::MsgType::cancel;
  world.alert.note = "The wall held.";
  world.letter.earlier = {{tests::delivery(7), "Flood water in Whitehall"}};
  world.info().headline = "Own headline";
  const std::string mail = world.mail();
  CHECK(holds(mail, "Subject: Cancelled: Flood water in Whitehall\r\n"));
  CHECK_FALSE(holds(mail, "Importance"));
  const std::string text = text_of(mail);
  CHECK(holds(text, "This alert is cancelled."));
  CHECK(holds(text, "What was cancelled: Flood water in Whitehall\n"));
  CHECK(holds(text, "Why: The wall held.\n"));
  for (const char* piece : {"Extreme", "Embankment", "Go upstairs", "Own headline", "Thames"}) {
    CAPTURE(piece);
    CHECK_FALSE(holds(text, piece));
    CHECK_FALSE(holds(html_of(mail), piece));
  }
  world.alert.note.clear();
  CHECK(holds(text_of(world.mail()), "Why: The Thames is over its wall."));
  world.letter.earlier.clear();
  world.alert.references = {{"control@westminster.example", "flood-6", Time{}}};
  CHECK(holds(text_of(world.mail()), "What was cancelled: flood-6\n"));
}

TEST_CASE("an organisation reads its own language, else English, else what there is") {
  LetterWorld world;
  cap::Info welsh = world.info();
  welsh.language = "cy-GB";
  welsh.headline = "Llifogydd";
  world.alert.infos.push_back(welsh);
  world.letter.language = "cy";
  std::string mail = world.mail();
  CHECK(holds(mail, "Content-Language: cy\r\n"));
  CHECK(holds(text_of(mail), "Llifogydd\n"));
  CHECK_FALSE(holds(text_of(mail), "Flood water"));
  CHECK(holds(text_of(mail), "Difrifoldeb: Eithafol\n"));
  CHECK(holds(html_of(mail), "<html lang=\"cy\">"));

  world.alert.infos.pop_back();
  mail = world.mail();
  CHECK(holds(html_of(mail), "lang=\"en-GB\">Flood water in Whitehall</h1>"));

  world.info().language = "fr";
  world.letter.language = "en";
  CHECK(holds(html_of(world.mail()), "lang=\"fr\">Flood water in Whitehall</h1>"));
}

TEST_CASE("severity and urgency that are not known are told as what they count as") {
  LetterWorld world;
  world.info().severity = cap::Severity::unknown;
  world.info().urgency = cap::Urgency::unknown;
  CHECK(holds(text_of(world.mail()), "Severity: Unknown: treat as Extreme\n"));
  CHECK(holds(text_of(world.mail()), "Urgency: Unknown: treat as now\n"));
  CHECK(holds(world.mail(), "Importance: high"));
  world.info().severity = cap::Severity::moderate;
  CHECK_FALSE(holds(world.mail(), "Importance"));
}

TEST_CASE("whatever an alert holds, no header, no part and no long line comes of it") {
  const char* attacks[] = {"a\r\nBcc: b@example.org\r\n\r\nbody",
                           "a\nTo: b@example.org",
                           "a\r\n.\r\nQUIT\r\n",
                           "--=_mixed_00112233445566778899aabbccddee01--",
                           "--=_text_00112233445566778899aabbccddee01\r\nContent-Type: text/html",
                           "=?UTF-8?Q?=0D=0ABcc:_b@example.org?=",
                           "\xe2\x80\xa8"
                           "Bcc: b@example.org",
                           "</title></main><script>alert(1)</script>",
                           "\" onmouseover=\"x",
                           "\xff\xfe\x1b\x07"};
  LetterWorld sound;
  const auto usual = fields(sound.mail());
  for (const std::string attack : attacks) {
    for (const std::string& text : {attack, attack + std::string(4000, 'x') + attack}) {
      LetterWorld world;
      auto& info = world.info();
      for (std::string* field :
           {&info.headline, &info.event, &info.description, &info.instruction, &info.sender_name,
            &info.web, &info.contact, &info.areas[0].description, &world.alert.sender,
            &world.letter.from_name}) {
        *field = text;
      }
      info.language = "en\"><script>";
      const std::string mail = world.mail();
      CAPTURE(attack);
      CHECK(fields(mail) == usual);
      std::size_t column = 0;
      for (std::size_t i = 0; i < mail.size(); ++i) {
        if (mail[i] == '\n') REQUIRE(mail[i - 1] == '\r');
        if (mail[i] == '\r') REQUIRE(mail[i + 1] == '\n');
        REQUIRE(static_cast<unsigned char>(mail[i]) < 0x80);
        column = mail[i] == '\n' ? 0 : column + 1;
        REQUIRE(column <= 999);  // 998 and the CR
      }
      std::size_t borders = 0;
      for (std::size_t at = mail.find("\r\n--=_"); at != std::string::npos;
           at = mail.find("\r\n--=_", at + 1)) {
        ++borders;
      }
      CHECK(borders == 7);  // three of the alternative, four of the whole
      CHECK_FALSE(holds(html_of(mail), "<script"));
      CHECK_FALSE(holds(html_of(mail), "\" onmouseover"));
    }
  }
}

TEST_CASE("who warns is named as the alert says, else as the trust document does") {
  LetterWorld world;
  world.letter.sender_name = "Thames Control Room";
  CHECK(holds(text_of(world.mail()), "Westminster control room (control@westminster.example)\n"));
  world.info().sender_name.clear();
  CHECK(holds(text_of(world.mail()),
              "Who warns you: Thames Control Room (control@westminster.example)\n"));
  world.letter.sender_name = world.alert.sender;  // it has no other name there
  CHECK(holds(text_of(world.mail()), "Who warns you: control@westminster.example\n"));
}

TEST_CASE("who has no name is shown by the address alone") {
  for (const char* name : {"", " \t"}) {
    LetterWorld world;
    world.letter.from_name = name;
    CHECK(holds(tests::unfolded_header(world.mail()), "From: " + world.letter.from + "\r\n"));
  }
}

TEST_CASE("addresses that are none are refused with a sentence") {
  for (const char* wrong : {"a@b\r\nBcc: c@d", "a", "a@b@c", "\xc3\xa4@example.org", ""}) {
    LetterWorld world;
    world.letter.to = wrong;
    REQUIRE_FALSE(write_mail(world.letter).has_value());
    CHECK(write_mail(world.letter).error().what.ends_with("."));
    LetterWorld other;
    other.letter.from = wrong;
    CHECK_FALSE(write_mail(other.letter).has_value());
  }
}

TEST_CASE("who wants no more of it has one click for that, at an address of kLinkBytes") {
  LetterWorld world;
  const std::string start = "https://tocsin.example/leave/";
  world.letter.unsubscribe = start + std::string(kLinkBytes - start.size(), 'a');
  const std::string header = tests::unfolded_header(world.mail());
  CHECK(holds(header, "List-Unsubscribe: <" + world.letter.unsubscribe + ">\r\n"));
  CHECK(holds(header, "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"));
  for (const std::string& wrong :
       {world.letter.unsubscribe + "a", std::string("http://tocsin.example/"),
        std::string("https://a>\r\nBcc: b"), std::string("https://a b"),
        std::string("https://a,<mailto:b@c>"), std::string("https://\xc3\xa4")}) {
    world.letter.unsubscribe = wrong;
    CHECK_FALSE(write_mail(world.letter).has_value());
  }
}

TEST_CASE(
    "where there is a link to answer by it is the one link, in both texts, and says its use") {
  LetterWorld world;
  world.letter.answer = "https://tocsin.example/answer/0123?a=1&lang=cy";
  for (const char* language : {"en", "cy"}) {
    world.letter.language = language;
    const auto passages = passages_of(world.letter);
    const std::string text = as_text(passages);
    CHECK(holds(text, world.letter.answer));
    CHECK_FALSE(holds(text, words_of(language_of(language)).links));
    CHECK(holds(text, words_of(language_of(language)).one_link));
    CHECK(holds(text, "999"));
    const std::string page = as_html(passages, "a", language_of(language));
    CHECK(holds(page, "href=\"https://tocsin.example/answer/0123?a=1&amp;lang=cy\">"));
    CHECK(page.find("<a ") == page.rfind("<a "));
  }
  CHECK(write_mail(world.letter).has_value());
  world.letter.answer = "http://tocsin.example/answer/0123";
  CHECK_FALSE(write_mail(world.letter).has_value());
}

TEST_CASE("what takes an alert back asks nobody for an answer") {
  LetterWorld world;
  world.alert.msg_type = engine::cap::MsgType::cancel;
  world.letter.answer = "https://tocsin.example/answer/0123";
  const std::string text = as_text(passages_of(world.letter));
  CHECK_FALSE(holds(text, "/answer/"));
  CHECK(holds(text, words_of(Language::english).links));
}

TEST_CASE("a Message-ID says which delivery it names") {
  const auto id = tests::delivery(9);
  CHECK(delivery_in_message_id(message_id(id, "tocsin.example")) == id);
  for (const char* wrong :
       {"", "<d.>", "<d.00112233445566778899aabbccddee01>",
        "<d.00112233445566778899AABBCCDDEE01@a>", "d.00112233445566778899aabbccddee01@a",
        "<d.00112233445566778899aabbccddee01@a", "<x.00112233445566778899aabbccddee01@a>",
        "<d.0112233445566778899aabbccddee01@a>"}) {
    CAPTURE(wrong);
    CHECK_FALSE(delivery_in_message_id(wrong));
  }
}
