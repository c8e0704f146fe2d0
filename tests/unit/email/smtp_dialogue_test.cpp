#include "connectors/email/smtp_dialogue.hpp"

#include <doctest/doctest.h>

#include "connectors/email/limits.hpp"
#include "connectors/email/smtp_connection.hpp"

using namespace connectors::email;
using engine::Fate;
using Waiting = SmtpDialogue::Waiting;

namespace {

SmtpMail mail() {
  return {"b.x@bounces.example", "reception@shop.example", "00ff", "Subject: a\r\n\r\n.b\r\nc\r\n"};
}

/// What goes out now, all of it taken.
std::string sent(SmtpDialogue& dialogue) {
  const std::string octets(dialogue.to_send());
  dialogue.sent(octets.size());
  return octets;
}

/// A dialogue that is where the server has the whole mail.
SmtpDialogue whole_mail() {
  SmtpDialogue dialogue{Offers{.pipelining = true}};
  dialogue.begin(mail());
  sent(dialogue);
  dialogue.receive("250 ok\r\n250 ok\r\n");
  sent(dialogue);
  dialogue.receive("354 go on\r\n");
  sent(dialogue);
  return dialogue;
}

}  // namespace

TEST_CASE("a server's offers are read whatever else it says") {
  Offers offers;
  for (const char* line :
       {"hell at your service", "pipelining", "DSN", "SIZE 1000", "PIPELININGS"}) {
    offers.read(line);
  }
  CHECK(offers == Offers{true, true, true});
  Offers none;
  for (const char* line : {"SIZES", "XDSN", "", "PIPE"}) none.read(line);
  CHECK(none == Offers{});
}

TEST_CASE("one mail step by step, its content with its dots kept") {
  SmtpDialogue dialogue{Offers{.size = true}};
  CHECK(dialogue.ready());
  dialogue.begin(mail());
  CHECK(sent(dialogue) == "MAIL FROM:<b.x@bounces.example> SIZE=21\r\n");
  CHECK(dialogue.waiting() == Waiting::reply);
  dialogue.receive("250 ok\r\n");
  CHECK(sent(dialogue) == "RCPT TO:<reception@shop.example>\r\n");
  dialogue.receive("250-o\r\n25");
  CHECK(sent(dialogue).empty());
  dialogue.receive("0 k\r\n");
  CHECK(sent(dialogue) == "DATA\r\n");
  dialogue.receive("354 go on\r\n");
  CHECK(dialogue.waiting() == Waiting::content);
  CHECK(sent(dialogue) == "Subject: a\r\n\r\n..b\r\nc\r\n.\r\n");
  CHECK(dialogue.waiting() == Waiting::acceptance);
  CHECK_FALSE(dialogue.take_verdict());
  dialogue.receive("250 2.0.0 taken\r\n");
  const auto verdict = dialogue.take_verdict();
  REQUIRE(verdict);
  CHECK(verdict->outcome.fate == Fate::sent);
  CHECK_FALSE(verdict->uncertain);
  CHECK(dialogue.ready());
  CHECK_FALSE(dialogue.take_verdict());
}

TEST_CASE("what is asked together is answered together and the content waits") {
  SmtpDialogue dialogue{Offers{.pipelining = true, .dsn = true}};
  dialogue.begin(mail());
  CHECK(sent(dialogue) ==
        "MAIL FROM:<b.x@bounces.example> RET=HDRS ENVID=00ff\r\n"
        "RCPT TO:<reception@shop.example> NOTIFY=FAILURE,DELAY\r\n");
  dialogue.receive("451 4.3.0 later\r\n");
  CHECK_FALSE(dialogue.take_verdict());  // an answer is still owed
  dialogue.receive("503 5.5.1 no sender\r\n");
  const auto verdict = dialogue.take_verdict();
  REQUIRE(verdict);
  CHECK(verdict->outcome.fate == Fate::later);
  CHECK(verdict->outcome.why == "451 4.3.0 later");
  dialogue.begin(mail());
  CHECK(sent(dialogue).starts_with("RSET\r\nMAIL FROM:"));
}

TEST_CASE("a connection that took a mail and takes no more of them is not used again") {
  SmtpDialogue dialogue = whole_mail();
  dialogue.receive("250 2.0.0 taken\r\n");
  REQUIRE(dialogue.take_verdict());
  dialogue.begin(mail());
  dialogue.receive("452 4.3.0 too many messages\r\n");
  const auto verdict = dialogue.take_verdict();
  REQUIRE(verdict);
  CHECK(verdict->outcome.fate == Fate::later);
  CHECK(verdict->again);
  CHECK_FALSE(dialogue.usable());
}

TEST_CASE("only what was sent whole is uncertain when the connection ends") {
  SmtpDialogue dialogue = whole_mail();
  dialogue.end("Gone.");
  const auto verdict = dialogue.take_verdict();
  REQUIRE(verdict);
  CHECK(verdict->outcome.fate == Fate::later);
  CHECK(verdict->uncertain);
  CHECK_FALSE(verdict->again);
  CHECK_FALSE(dialogue.usable());

  SmtpDialogue half{Offers{.pipelining = true}};
  half.begin(mail());
  sent(half);
  half.receive("250 ok\r\n250 ok\r\n");
  sent(half);
  half.receive("354 go on\r\n");
  half.sent(half.to_send().size() - 1);
  half.end("Gone.");
  const auto unsent = half.take_verdict();
  REQUIRE(unsent);
  CHECK_FALSE(unsent->uncertain);
  CHECK_FALSE(unsent->again);

  SmtpDialogue early{Offers{}};
  early.begin(mail());
  sent(early);
  early.end("Gone.");
  const auto undecided = early.take_verdict();
  REQUIRE(undecided);
  CHECK(undecided->again);
}

TEST_CASE("a no to the whole mail is no uncertainty") {
  SmtpDialogue dialogue = whole_mail();
  dialogue.receive("421 4.3.2 going down\r\n");
  const auto verdict = dialogue.take_verdict();
  REQUIRE(verdict);
  CHECK(verdict->outcome.fate == Fate::later);
  CHECK_FALSE(verdict->uncertain);
  CHECK_FALSE(dialogue.usable());
}

TEST_CASE("an answer to what was not asked ends the connection") {
  SmtpDialogue idle{Offers{}};
  idle.receive("421 4.4.2 idle too long\r\n");
  CHECK_FALSE(idle.usable());
  SmtpDialogue early{Offers{.pipelining = true}};
  early.begin(mail());
  sent(early);
  early.receive("250 ok\r\n250 ok\r\n");
  sent(early);
  early.receive("354 go on\r\n250 taken\r\n");  // before it has anything
  const auto verdict = early.take_verdict();
  REQUIRE(verdict);
  CHECK(verdict->outcome.fate == Fate::later);
  CHECK_FALSE(early.usable());
}

TEST_CASE("an answer has kReplyLines lines of kReplyLineBytes and no more") {
  const auto reads = [](const std::string& octets) {
    ReplyReader reader;
    std::vector<Reply> replies;
    return reader.read(octets, replies) && replies.size() == 1;
  };
  const auto line = [](std::size_t octets) {
    return "250 " + std::string(octets - 5, 'x') + "\r\n";  // the line feed is not counted
  };
  CHECK(reads(line(limits::kReplyLineBytes)));
  CHECK_FALSE(reads(line(limits::kReplyLineBytes + 1)));
  std::string lines;
  for (std::size_t i = 1; i < limits::kReplyLines; ++i) lines += "250-x\r\n";
  CHECK(reads(lines + "250 x\r\n"));
  CHECK_FALSE(reads(lines + "250-x\r\n250 x\r\n"));
  for (const char* nonsense : {"\r\n", "25\r\n", "2500\r\n", "abc d\r\n", "150 a\r\n", "650 a\r\n",
                               "250-a\r\n251 b\r\n", "250_a\r\n"}) {
    CAPTURE(nonsense);
    CHECK_FALSE(reads(nonsense));
  }
}

TEST_CASE("the times of mail are these where nobody is in a hurry") {
  using namespace std::chrono_literals;
  const Patience patience;
  CHECK(patience.connect == limits::kConnectMax);
  CHECK(patience.reply == limits::kReplyMax);
  CHECK(patience.content == limits::kContentMax);
  CHECK(patience.accepted == limits::kAcceptedMax);
  CHECK(patience.idle == limits::kIdleMax);
  CHECK(limits::kMailMax >= limits::kAcceptedMax + limits::kReplyMax);
  CHECK(limits::kStopMax + limits::kQuitMax <= 10s);  // what a service manager waits for
  CHECK(limits::kAwayFirst < limits::kAwayMax);
  CHECK(limits::kScanSoon < limits::kScanEvery);
}
