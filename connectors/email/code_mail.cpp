#include "connectors/email/code_mail.hpp"

#include <fmt/format.h>

#include "connectors/email/address.hpp"
#include "connectors/email/mail.hpp"
#include "connectors/email/mime.hpp"
#include "connectors/email/words.hpp"

namespace connectors::email {

namespace {

struct CodeWords {
  std::string_view subject;  // of {}, the system
  std::string_view text;     // the system, the code, minutes
};

constexpr CodeWords kEnglish = {
    "Your code for {}",
    "Your code for {} is {}.\n\n"
    "Type it in where you asked for it. It counts for {} minutes. Nobody will ever ask you for it "
    "by telephone.\n\n"
    "If you did not ask for it, ignore this mail: without the code, no alerts are sent to this "
    "address because of it.\n"};
constexpr CodeWords kWelsh = {
    "Eich cod ar gyfer {}",
    "Eich cod ar gyfer {} yw {}.\n\n"
    "Teipiwch y cod lle y gofynnoch amdano. Mae'n cyfrif am {} munud. Ni fydd neb byth yn gofyn "
    "amdano dros y ff\xc3\xb4n.\n\n"
    "Os na ofynnoch amdano, anwybyddwch yr e-bost hwn: heb y cod, ni chaiff rhybuddion eu hanfon "
    "i'r cyfeiriad hwn o'i herwydd.\n"};

}  // namespace

engine::Result<std::string> write_code_mail(const CodeLetter& letter) {
  const engine::CodeMessage& message = letter.message;
  for (const std::string* address : {&letter.from, &message.address}) {
    if (const auto checked = check_address(*address); !checked) return checked.error();
  }
  const Language language = language_of(message.language);
  const CodeWords& words = language == Language::welsh ? kWelsh : kEnglish;
  const std::string system = clean_line(message.from);
  const auto minutes =
      std::chrono::floor<std::chrono::minutes>(message.expires - letter.date).count();
  const std::string domain = letter.from.substr(letter.from.find('@') + 1);
  std::string mail = structured("Date", mail_date(letter.date));
  mail += structured("From", display_name(letter.from_name.empty() ? system : letter.from_name) +
                                 " <" + letter.from + ">");
  mail += structured("To", message.address);
  mail += unstructured("Subject", fmt::format(fmt::runtime(words.subject), system));
  mail += structured("Message-ID",
                     "<c." + engine::to_hex(engine::view(letter.id)) + "@" + domain + ">");
  mail += structured("Content-Language", tag_of(language));
  mail += structured("Auto-Submitted", "auto-generated");
  mail += structured("X-Auto-Response-Suppress", "All");
  mail += structured("MIME-Version", "1.0");
  mail += structured("Content-Type", "text/plain; charset=utf-8");
  mail += structured("Content-Transfer-Encoding", "quoted-printable");
  return mail + "\r\n" +
         quoted_printable(fmt::format(fmt::runtime(words.text), system, message.code, minutes));
}

}  // namespace connectors::email
