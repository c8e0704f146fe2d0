#include "connectors/email/code_mail.hpp"

#include <doctest/doctest.h>

#include "engine/directory/limits.hpp"

using namespace connectors::email;

namespace {

const engine::Time kNow = engine::parse_time("2026-11-22T12:00:00Z").value();

engine::Result<std::string> mail_for(const engine::CodeMessage& message,
                                     std::string from_name = "") {
  return write_code_mail({message, "alerts@example.org", std::move(from_name), {}, kNow});
}

engine::CodeMessage message_to(std::string address, std::string language = "en") {
  return {std::move(address), std::move(language), "012345", "exercise-gb",
          kNow + engine::limits::kCodeLife};
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a code's mail says whose it is, how long it counts and what else to do") {
  const std::string mail = mail_for(message_to("door@acme.example")).value();
  CHECK(has(mail, "Date: Sun, 22 Nov 2026 12:00:00 +0000\r\n"));
  CHECK(has(mail, "From: \"exercise-gb\" <alerts@example.org>\r\n"));
  CHECK(has(mail, "To: door@acme.example\r\n"));
  CHECK(has(mail, "Subject: Your code for exercise-gb\r\n"));
  CHECK(has(mail, "Auto-Submitted: auto-generated\r\n"));
  CHECK(has(mail, "Your code for exercise-gb is 012345."));
  CHECK(has(mail, "10 minutes"));
  CHECK_FALSE(has(mail, "http"));
  CHECK(has(mail_for(message_to("door@acme.example"), "Thames").value(), "\"Thames\""));
  const std::string welsh = mail_for(message_to("door@acme.example", "cy")).value();
  CHECK(has(welsh, "Content-Language: cy\r\n"));
  CHECK(has(welsh, "Eich cod ar gyfer exercise-gb yw 012345."));
}

TEST_CASE("a code's mail is short lines of ASCII and none is written to what is no address") {
  engine::CodeMessage message = message_to("door@acme.example", "cy");
  message.from = "Yr Wyddfa\r\nBcc: all@example.org \xc5\xb5" + std::string(500, 'x');
  const std::string mail = mail_for(message).value();
  CHECK_FALSE(has(mail, "\nBcc:"));
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = mail.find("\r\n", begin)) != std::string::npos;
       begin = end + 2) {
    CHECK(end - begin <= 998);
  }
  CHECK(begin == mail.size());
  for (const char c : mail) CHECK(static_cast<unsigned char>(c) < 0x80);
  CHECK_FALSE(mail_for(message_to("door@acme.example\r\nBcc: x@y.org")).has_value());
  CHECK_FALSE(mail_for(message_to("d\xc3\xb4r@acme.example")).has_value());
}
