#include <doctest/doctest.h>

#include "ops/sinks/limits.hpp"
#include "ops/sinks/mail_reading.hpp"
#include "ops/sinks/mail_server.hpp"
#include "tests/support/letter.hpp"
#include "tests/support/manual_clock.hpp"

using namespace ops::sinks;

namespace {

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

struct Server {
  Server() = default;
  tests::ManualClock clock;
  MessageBoard board{clock};
  MailDialogue dialogue{board};
  std::string shown() const { return board.json_after(0); }
};

std::string mail_of(std::size_t octets) {
  std::string mail = "Subject: s\r\nContent-Type: text/plain\r\n\r\n";
  while (mail.size() + 100 <= octets) mail += std::string(98, 'x') + "\r\n";
  return mail + std::string(octets - mail.size() - 2, 'y') + "\r\n";
}

}  // namespace

TEST_CASE("a mail of ours is seen as people see it") {
  const tests::LetterWorld world;
  const auto seen = see_mail(connectors::email::write_mail(world.letter).value());
  CHECK(seen.subject == connectors::email::subject_of(world.letter));
  CHECK_FALSE(seen.text.empty());
  CHECK_FALSE(has(seen.text, "=20"));
  CHECK_FALSE(has(seen.text, "--=_"));
  CHECK_FALSE(has(seen.text, "Content-"));
}

TEST_CASE("encoded words and quoted text become letters and others' mails are survived") {
  const auto seen = see_mail(
      "From: a\r\nSubject: =?utf-8?Q?Rhybudd_ar_yr_=C5=B5yl?=\r\n =?utf-8?B?IQ==?= end\r\n"
      "Content-Type: text/plain\r\n\r\nOne=\r\n two =C5=B5\r\n");
  CHECK(seen.subject == "Rhybudd ar yr \xc5\xb5yl! end");
  CHECK(seen.text == "One two \xc5\xb5");
  for (const std::string_view mail : {"", "\r\n", "Subject:", "Subject: =?utf-8?", "\r\n\r\n",
                                      "Content-Type: text/plain", "x=", "Subject: =?utf-8?Q?=?="}) {
    CHECK(see_mail(mail).text.empty());
  }
}

TEST_CASE("mails one after the other, however their octets arrive, are all on the board") {
  const std::string talk =
      "EHLO a\r\nMAIL FROM:<a@b>\r\nrcpt to:<one@c.example>\r\nDATA\r\nSubject: First\r\n"
      "Content-Type: text/plain\r\n\r\n..dot\r\n.\r\nRSET\r\nMAIL FROM:<a@b>\r\n"
      "RCPT TO:<two@c.example>\r\nDATA\r\nSubject: Second\r\n\r\n.\r\nNOOP\r\nVRFY x\r\nQUIT\r\n";
  Server whole, pieces;
  const std::string said = whole.dialogue.hear(talk);
  std::string all;
  for (const char octet : talk) all += pieces.dialogue.hear({&octet, 1});
  CHECK(said == all);
  CHECK(whole.shown() == pieces.shown());
  CHECK(whole.dialogue.over());
  CHECK(has(said, "354 "));
  CHECK(has(said, "502 "));
  CHECK(has(whole.shown(), R"("to":"one@c.example","subject":"First","text":".dot")"));
  CHECK(has(whole.shown(), R"("to":"two@c.example","subject":"Second")"));
  Server nobody;
  CHECK(has(nobody.dialogue.hear("DATA\r\n"), "503 "));
}

TEST_CASE("a mail of kMailBytes is taken and one octet more is not") {
  for (const std::size_t octets : {limits::kMailBytes, limits::kMailBytes + 1}) {
    Server server;
    server.dialogue.hear("RCPT TO:<a@b>\r\nDATA\r\n");
    const std::string said = server.dialogue.hear(mail_of(octets) + ".\r\n");
    CHECK(said == (octets == limits::kMailBytes ? "250 OK\r\n" : "552 The mail is too large\r\n"));
    CHECK(has(server.shown(), "\"last\":1") == (octets == limits::kMailBytes));
  }
}

TEST_CASE("a command of kCommandBytes is waited for and a longer one ends the connection") {
  Server server;
  CHECK(server.dialogue.hear(std::string(limits::kCommandBytes, 'x')).empty());
  CHECK_FALSE(server.dialogue.over());
  CHECK(has(server.dialogue.hear("x"), "500 "));
  CHECK(server.dialogue.over());
}
