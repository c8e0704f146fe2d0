#include "connectors/email/bounce.hpp"

#include <doctest/doctest.h>

#include "connectors/email/mail.hpp"
#include "connectors/email/return_path.hpp"
#include "connectors/email/smtp_reply.hpp"
#include "engine/trust/signature.hpp"
#include "tests/support/letter.hpp"

using namespace connectors::email;
using Kind = Bounce::Kind;
using Known = Bounce::Known;

namespace {

const std::string kKey(32, 'k');
const bool kStarted = engine::trust::start_crypto();

/// A report as mail servers write it.
struct Report {
  std::string type = "multipart/report; report-type=delivery-status; boundary=\"b/1\"";
  std::string per_message = "Reporting-MTA: dns; mx.example.org\n";
  std::string recipient =
      "Final-Recipient: rfc822; a@example.org\nAction: failed\nStatus: 5.1.1\n"
      "Diagnostic-Code: smtp; 550 5.1.1 <a@example.org>: no\n such user\n";
  std::string original = "Message-ID: " + message_id(tests::delivery(3), "tocsin.example") + "\n";

  std::string text() const {
    return "From: MAILER-DAEMON@example.org\nSubject: Undelivered\nContent-Type: " + type +
           "\n\nThis is a MIME message.\n--b/1\nContent-Type: text/plain\n\nSorry.\n--b/1\n"
           "Content-Type: message/delivery-status\n\n" +
           per_message + "\n" + recipient + "\n--b/1\nContent-Type: text/rfc822-headers\n\n" +
           original + "\n--b/1--\n";
  }
  std::optional<Bounce> read(std::string_view to) const { return read_bounce(text(), to, kKey); }
  Bounce to_return_path() const {
    return read(return_path(tests::delivery(1), "b.example", kKey)).value();
  }
};

Report saying(std::string_view action, std::string_view status, std::string_view words = "") {
  Report report;
  report.recipient = "Action: " + std::string(action) + "\nStatus: " + std::string(status) + "\n";
  if (!words.empty()) report.recipient += "Diagnostic-Code: " + std::string(words) + "\n";
  return report;
}

}  // namespace

TEST_CASE("a report says which delivery it is about by the address that it came to") {
  REQUIRE(kStarted);
  const Bounce bounce = Report().to_return_path();
  CHECK(bounce.delivery == tests::delivery(1));
  CHECK(bounce.known == Known::return_path);
  CHECK(bounce.kind == Kind::failed);
  CHECK(bounce.contact_dead);
  CHECK(bounce.why == "550 5.1.1 <a@example.org>: no such user");
}

TEST_CASE("a report that is known by an id alone counts and takes no address away") {
  const Bounce by_message = Report().read("postmaster@b.example").value();
  CHECK(by_message.delivery == tests::delivery(3));
  CHECK(by_message.known == Known::message_id);
  CHECK(by_message.kind == Kind::failed);
  CHECK_FALSE(by_message.contact_dead);
  Report report;
  report.per_message += "Original-Envelope-Id: 00112233445566778899aabbccddee02\n";
  const Bounce by_envelope = report.read("").value();
  CHECK(by_envelope.delivery == tests::delivery(2));
  CHECK(by_envelope.known == Known::envelope_id);
  CHECK_FALSE(by_envelope.contact_dead);
}

TEST_CASE("a report about no delivery of ours is nothing") {
  Report report;
  report.original = "Message-ID: <x@example.org>\n";
  CHECK_FALSE(report.read("").has_value());
  const std::string forged = return_path(tests::delivery(1), "b.example", std::string(32, 'x'));
  CHECK_FALSE(report.read(forged).has_value());
  CHECK_FALSE(read_bounce("", "", kKey).has_value());
}

TEST_CASE("what became of it is told from action and status") {
  struct Row {
    const char* action;
    const char* status;
    Kind kind;
    bool dead;
  };
  for (const Row& row : {Row{"failed", "5.1.1", Kind::failed, true},
                         {"Failed", "5.1.10 (null MX)", Kind::failed, true},
                         {"failed", "5.2.2", Kind::failed, false},
                         {"failed", "5.7.1", Kind::failed, false},
                         {"failed", "4.4.7", Kind::gave_up, false},
                         {"failed", "", Kind::failed, false},
                         {"delayed", "4.4.1", Kind::delayed, false},
                         {"delayed", "5.1.1", Kind::delayed, false},
                         {"delivered", "2.0.0", Kind::delivered, false},
                         {"relayed", "2.0.0", Kind::delivered, false},
                         {"expanded", "2.0.0", Kind::delivered, false},
                         {"lost", "5.1.1", Kind::unclear, false},
                         {"", "5.1.1", Kind::unclear, false}}) {
    CAPTURE(row.action);
    CAPTURE(row.status);
    const Bounce bounce = saying(row.action, row.status).to_return_path();
    CHECK(bounce.kind == row.kind);
    CHECK(bounce.contact_dead == row.dead);
  }
}

TEST_CASE("of several recipients the worst counts, up to kBounceRecipients of them") {
  const auto with = [](std::size_t delivered) {
    Report report;
    report.recipient.clear();
    for (std::size_t i = 0; i < delivered; ++i) {
      report.recipient += "Action: delivered\nStatus: 2.0.0\n\n";
    }
    report.recipient += "Action: failed\nStatus: 5.1.1\n";
    return report.to_return_path().kind;
  };
  CHECK(with(0) == Kind::failed);
  CHECK(with(kBounceRecipients - 1) == Kind::failed);
  CHECK(with(kBounceRecipients) == Kind::delivered);
}

TEST_CASE("what is no report is unclear, whatever it says") {
  for (const char* type :
       {"text/plain", "multipart/alternative; boundary=\"b/1\"", "multipart/report",
        "multipart/report; boundary=\"other\"", "multipart/report; boundary=", ""}) {
    CAPTURE(type);
    Report report;
    report.type = type;
    CHECK(report.to_return_path().kind == Kind::unclear);
    CHECK_FALSE(report.to_return_path().contact_dead);
  }
}

TEST_CASE("OpenSMTPD calls its reports mixed, and what is mixed is none without a status") {
  Report report;
  report.type = "multipart/mixed;boundary=\"b/1\"";
  report.recipient = "Final-Recipient: rfc822; a@example.org\nAction: failed\nStatus: 5.0.0\n";
  const Bounce bounce = report.to_return_path();
  CHECK(bounce.kind == Kind::failed);
  CHECK_FALSE(bounce.contact_dead);
  CHECK(bounce.why == "5.0.0");
  std::string other = report.text();
  const std::string_view status = "message/delivery-status";
  other.replace(other.find(status), status.size(), "text/plain");
  const auto answer = read_bounce(other, return_path(tests::delivery(1), "b.example", kKey), kKey);
  REQUIRE(answer);
  CHECK(answer->kind == Kind::unclear);
}

TEST_CASE("a report is read with any line ends, folded fields and either form of its border") {
  for (const char* type :
       {"multipart/report; boundary=b/1", "Multipart/Report;\n\tBOUNDARY=\"b/1\"; a=b",
        "multipart/report; report-type=delivery-status; boundary=b/1 ; x=y"}) {
    CAPTURE(type);
    Report report;
    report.type = type;
    CHECK(report.to_return_path().kind == Kind::failed);
  }
  std::string crlf;
  for (const char c : Report().text()) crlf += c == '\n' ? std::string("\r\n") : std::string(1, c);
  const std::string to = return_path(tests::delivery(1), "b.example", kKey);
  CHECK(read_bounce(crlf, to, kKey) == Report().read(to));
}

TEST_CASE("a border has 70 characters and not one more") {
  for (const std::size_t size : {70U, 71U}) {
    const std::string border(size, 'b');
    std::string text = Report().text();
    for (std::size_t at = text.find("b/1"); at != std::string::npos; at = text.find("b/1", at)) {
      text.replace(at, 3, border);
    }
    const auto bounce = read_bounce(text, return_path(tests::delivery(1), "b.example", kKey), kKey);
    CHECK((bounce->kind == Kind::failed) == (size == 70));
  }
}

TEST_CASE("kBounceParts parts and kBounceBytes octets are looked at and no more") {
  const std::string to = return_path(tests::delivery(1), "b.example", kKey);
  const auto kind_with = [&](std::size_t parts, std::size_t padding) {
    std::string text = Report().text();
    std::string before;
    for (std::size_t i = 0; i < parts; ++i) before += "--b/1\nContent-Type: text/plain\n\n-\n";
    text.insert(text.find("--b/1"), before + std::string(padding, 'x') + "\n");
    return read_bounce(text, to, kKey)->kind;
  };
  CHECK(kind_with(kBounceParts - 2, 0) == Kind::failed);  // text and status stand there already
  CHECK(kind_with(kBounceParts - 1, 0) == Kind::unclear);
  CHECK(kind_with(0, kBounceBytes / 2) == Kind::failed);
  CHECK(kind_with(0, kBounceBytes) == Kind::unclear);
}

TEST_CASE("a server's words are bounded and harmless however long their field is") {
  const Bounce bounce =
      saying("failed", "5.0.0", "smtp; \x1b[2J" + std::string(2 * kFieldBytes, 'a'))
          .to_return_path();
  CHECK(bounce.why == "?[2J" + std::string(kReplyBytes - 4, 'a'));
  CHECK(saying("failed", "5.0.0").to_return_path().why == "5.0.0");
  CHECK(saying("failed", "5.0.0", "no type").to_return_path().why == "no type");
}

TEST_CASE("every piece of a report and every report with one octet changed is read to its end") {
  const std::string text = Report().text();
  const std::string to = return_path(tests::delivery(1), "b.example", kKey);
  for (std::size_t size = 0; size <= text.size(); ++size) {
    CHECK(read_bounce(text.substr(0, size), to, kKey)->delivery == tests::delivery(1));
    for (const char c : {'\n', ':', '-', ';', '"', '\0'}) {
      std::string changed = text;
      if (size < text.size()) changed[size] = c;
      REQUIRE(read_bounce(changed, to, kKey).has_value());
    }
  }
}
