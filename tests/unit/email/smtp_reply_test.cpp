#include "connectors/email/smtp_reply.hpp"

#include <doctest/doctest.h>

using namespace connectors::email;
using engine::Fate;

TEST_CASE("a server's answer says whether it was sent, may be later or cannot be, and of whom") {
  struct Row {
    int code;
    const char* enhanced;
    const char* text;
    Fate fate;
    bool dead;
  };
  for (const Row& row : {
           Row{250, "2.1.5", "OK", Fate::sent, false},
           {200, "", "", Fate::sent, false},
           {299, "", "", Fate::sent, false},
           {199, "", "", Fate::later, false},
           {300, "", "", Fate::later, false},
           {354, "", "go on", Fate::later, false},
           {0, "", "Connection reset", Fate::later, false},
           {421, "4.3.2", "closing", Fate::later, false},
           {450, "4.2.0", "Greylisted", Fate::later, false},
           {451, "5.1.1", "disagrees with itself", Fate::later, false},
           {452, "4.2.2", "full", Fate::later, false},
           {499, "", "", Fate::later, false},
           {500, "", "", Fate::permanent, false},
           {550, "5.1.1", "No such user", Fate::permanent, true},
           {550, "", "5.1.1 No such user", Fate::permanent, true},
           {550, "", "5.1.10 null MX", Fate::permanent, true},
           {550, "", "5.1.11 no such code", Fate::permanent, false},
           {550, "", "No such user", Fate::permanent, false},
           {550, "5.1.2", "no such domain", Fate::permanent, true},
           {553, "5.1.3", "bad syntax", Fate::permanent, true},
           {551, "5.1.6", "moved", Fate::permanent, true},
           {550, "5.1.8", "your domain", Fate::permanent, false},
           {550, "5.2.1", "disabled", Fate::permanent, false},
           {552, "5.2.2", "mailbox full", Fate::permanent, false},
           {552, "5.3.4", "too big", Fate::permanent, false},
           {550, "5.7.1", "spam", Fate::permanent, false},
           {554, "5.7.26", "unauthenticated", Fate::permanent, false},
           {550, "4.1.1", "disagrees with itself", Fate::permanent, false},
           {454, "4.7.0", "TLS not available", Fate::later, false},
           {530, "5.7.0", "Must issue a STARTTLS command first", Fate::later, false},
           {534, "5.7.9", "mechanism too weak", Fate::later, false},
           {535, "5.7.8", "credentials invalid", Fate::later, false},
           {538, "5.7.11", "encryption required", Fate::later, false},
           {599, "", "", Fate::permanent, false},
           {600, "", "", Fate::later, false},
       }) {
    CAPTURE(row.code);
    CAPTURE(row.text);
    const auto outcome = outcome_of(row.code, row.enhanced, row.text);
    CHECK(outcome.fate == row.fate);
    CHECK(outcome.contact_dead == row.dead);
  }
}

TEST_CASE("what a server says is kept on one line without anything hidden") {
  CHECK(outcome_of(550, "5.1.1", "No\r\n such \t user").why == "550 5.1.1 No such user");
  CHECK(outcome_of(550, "5.1.1", "5.1.1 No such user").why == "550 5.1.1 No such user");
  CHECK(outcome_of(0, "", "timed out").why == "timed out");
  CHECK(shown_reply(" \x1b[2Jred\xc3\xa4\x7f ") == "?[2Jred???");
  CHECK(shown_reply("") == "");
}

TEST_CASE("what is kept of it has kReplyBytes at most") {
  CHECK(shown_reply(std::string(kReplyBytes, 'a')) == std::string(kReplyBytes, 'a'));
  CHECK(shown_reply(std::string(kReplyBytes + 1, 'a')) == std::string(kReplyBytes, 'a'));
  CHECK(shown_reply(std::string(kReplyBytes - 2, 'a') + " bc").size() == kReplyBytes);
  CHECK(outcome_of(550, "5.1.1", std::string(100'000, 'a')).why.size() == kReplyBytes);
}

TEST_CASE("a status of RFC 3463 is found at the beginning of a text alone") {
  CHECK(outcome_of(550, "", "5.1.1").contact_dead);
  for (const char* none : {"5.1", "5.1.", "5..1", "x5.1.1", " 5.1.1", "5.1.1.1", "5.1.1000000"}) {
    CAPTURE(none);
    CHECK_FALSE(outcome_of(550, "", none).contact_dead);
  }
}
