#include "connectors/email/mail.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "connectors/email/address.hpp"
#include "connectors/email/mail_text.hpp"
#include "connectors/email/mime.hpp"
#include "engine/base/ensure.hpp"

namespace connectors::email {

using engine::Failure;
using engine::cap::Alert;
using engine::cap::MsgType;
using engine::cap::Status;

namespace {

constexpr std::string_view kIdBegins = "<d.";

std::string_view domain_of(std::string_view address) {
  return address.substr(address.find('@') + 1);
}

/// An address that a header's value and a sentence hold as it is: ASCII without what ends it.
bool is_link(std::string_view url) {
  return url.starts_with("https://") && url.size() <= kLinkBytes &&
         std::all_of(url.begin(), url.end(), [](char c) {
           return c > ' ' && c < '\x7f' && c != '<' && c != '>' && c != '"' && c != ',';
         });
}

/// Which of the earlier mails are named: the first, by which a thread is known, and the newest.
std::string references_of(const Letter& letter) {
  const auto& earlier = letter.earlier;
  const std::string_view domain = domain_of(letter.from);
  std::string ids;
  for (std::size_t i = 0; i < earlier.size(); ++i) {
    if (i > 0 && i + kReferences - 1 < earlier.size()) continue;
    if (!ids.empty()) ids += ' ';
    ids += message_id(earlier[i].delivery, domain);
  }
  return ids;
}

/// Both at once are what filters and calendars of people go by; never for a drill, and not for
/// what takes an alert back.
bool is_important(const Alert& alert) {
  return alert.status == Status::actual && alert.msg_type != MsgType::cancel &&
         engine::cap::rank(engine::cap::severity_of(alert)) >=
             engine::cap::rank(engine::cap::Severity::severe);
}

std::string sender_of(const Letter& letter) {
  if (clean_line(letter.from_name).empty()) return letter.from;
  return display_name(letter.from_name) + " <" + letter.from + ">";
}

std::string header_of(const Letter& letter, Language language) {
  const std::string_view domain = domain_of(letter.from);
  std::string head = structured("Date", mail_date(letter.date));
  head += structured("From", sender_of(letter));
  head += structured("To", letter.to);
  head += unstructured("Subject", subject_of(letter));
  head += structured("Message-ID", message_id(letter.delivery, domain));
  if (!letter.earlier.empty()) {
    head += structured("In-Reply-To", message_id(letter.earlier.back().delivery, domain));
    head += structured("References", references_of(letter));
  }
  head += structured("Content-Language", tag_of(language));
  // Answering machines keep silent (RFC 3834; the second is what Exchange asks for). No Precedence:
  // `bulk` would let servers put a warning behind other mail.
  head += structured("Auto-Submitted", "auto-generated");
  head += structured("X-Auto-Response-Suppress", "All");
  if (is_important(*letter.alert)) head += structured("Importance", "high");
  if (!letter.unsubscribe.empty()) {
    head += structured("List-Unsubscribe", "<" + letter.unsubscribe + ">");
    head += structured("List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
  }
  return head + structured("MIME-Version", "1.0");
}

/// Neither quoted-printable nor base64 ever holds `=_`, so no text can end a part.
std::string boundary(const Letter& letter, std::string_view what) {
  return "=_" + std::string(what) + "_" + engine::to_hex(engine::view(letter.delivery));
}

std::string text_part(std::string_view type, Language language, std::string_view text) {
  return structured("Content-Type", std::string(type) + "; charset=utf-8") +
         structured("Content-Language", tag_of(language)) +
         structured("Content-Transfer-Encoding", "quoted-printable") + "\r\n" +
         quoted_printable(text);
}

std::string attachment(std::string_view type, std::string_view name, engine::BytesView octets) {
  const std::string file = "\"" + std::string(name) + "\"";
  return structured("Content-Type", std::string(type) + "; name=" + file) +
         structured("Content-Disposition", "attachment; filename=" + file) +
         structured("Content-Transfer-Encoding", "base64") + "\r\n" + base64_lines(octets);
}

std::string multipart(std::string_view type, const std::string& border,
                      const std::vector<std::string>& parts) {
  std::string out = structured("Content-Type",
                               "multipart/" + std::string(type) + "; boundary=\"" + border + "\"") +
                    "\r\n";
  for (const std::string& part : parts) out += "--" + border + "\r\n" + part;
  return out + "--" + border + "--\r\n";
}

}  // namespace

std::string mail_date(engine::Time time) {
  constexpr std::string_view kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::string_view kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::seconds>(time - day)};
  return fmt::format(
      "{}, {:02} {} {:04} {:02}:{:02}:{:02} +0000", kDays[std::chrono::weekday{day}.c_encoding()],
      static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
      static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
      clock.seconds().count());
}

std::string subject_of(const Letter& letter) {
  const Language language = language_of(letter.language);
  const Words& words = words_of(language);
  const Alert& alert = *letter.alert;
  std::string subject;
  if (alert.status == Status::exercise) subject = std::string(words.exercise_short) + ": ";
  if (alert.status != Status::actual && alert.status != Status::exercise) {
    subject = std::string(words.test_short) + ": ";
  }
  if (alert.msg_type == MsgType::cancel) {
    const std::string& title = letter.earlier.empty() ? std::string() : letter.earlier.back().title;
    return subject + std::string(words.cancelled) + (title.empty() ? "" : ": " + clean_line(title));
  }
  if (alert.msg_type == MsgType::update) subject += std::string(words.updated) + ": ";
  subject += severity_word(engine::cap::severity_of(alert), language);
  const auto infos = infos_for(alert, language);
  std::string title;
  if (!infos.empty()) title = infos[0]->headline.empty() ? infos[0]->event : infos[0]->headline;
  if (title.empty()) title = words.no_headline;
  return subject + ": " + title;
}

std::string message_id(const engine::DeliveryId& delivery, std::string_view domain) {
  std::string id(kIdBegins);
  id += engine::to_hex(engine::view(delivery)) + "@";
  id += domain;
  return id + ">";
}

std::optional<engine::DeliveryId> delivery_in_message_id(std::string_view text) {
  constexpr std::size_t kHexDigits = 32;
  if (!text.starts_with(kIdBegins) || text.size() <= kIdBegins.size() + kHexDigits ||
      text[kIdBegins.size() + kHexDigits] != '@' || text.back() != '>') {
    return std::nullopt;
  }
  const auto octets = engine::from_hex(text.substr(kIdBegins.size(), kHexDigits));
  return octets ? engine::exactly<16>(*octets) : std::nullopt;
}

engine::Result<std::string> write_mail(const Letter& letter) {
  ENSURE(letter.alert != nullptr);
  for (const std::string* address : {&letter.from, &letter.to}) {
    if (const auto checked = check_address(*address); !checked) return checked.error();
  }
  for (const std::string* link : {&letter.answer, &letter.unsubscribe}) {
    if (link->empty() || is_link(*link)) continue;
    return Failure{"A link of our own is https, in ASCII, of at most 500 characters."};
  }
  const Language language = language_of(letter.language);
  const auto passages = passages_of(letter);
  const std::string alternative =
      multipart("alternative", boundary(letter, "text"),
                {text_part("text/plain", language, as_text(passages)),
                 text_part("text/html", language,
                           as_html(passages, clean_line(subject_of(letter)), language))});
  return header_of(letter, language) +
         multipart("mixed", boundary(letter, "mixed"),
                   {alternative, attachment("application/cap+xml", "alert.cap.xml", letter.payload),
                    attachment("application/vnd.dsse+json", "envelope.json", letter.envelope)});
}

}  // namespace connectors::email
