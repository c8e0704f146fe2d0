#include "connectors/email/bounce.hpp"

#include <algorithm>
#include <vector>

#include "connectors/email/mail.hpp"
#include "connectors/email/return_path.hpp"
#include "connectors/email/smtp_reply.hpp"

namespace connectors::email {

using engine::BytesView;
using Kind = Bounce::Kind;
using Known = Bounce::Known;

namespace {

constexpr std::size_t kBoundaryBytes = 70;  // RFC 2046, section 5.1.1

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same(std::string_view one, std::string_view other) {
  return one.size() == other.size() &&
         std::equal(one.begin(), one.end(), other.begin(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

bool begins(std::string_view text, std::string_view with) {
  return text.size() >= with.size() && same(text.substr(0, with.size()), with);
}

std::string_view trim(std::string_view text) {
  const auto space = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!text.empty() && space(text.front())) text.remove_prefix(1);
  while (!text.empty() && space(text.back())) text.remove_suffix(1);
  return text;
}

/// Takes the next line off a text, whichever line ends it has.
std::string_view take_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

struct Halves {
  std::string_view header;
  std::string_view body;
};
Halves halves_of(std::string_view text) {
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t at = text.size() - rest.size();
    if (take_line(rest).empty()) return {text.substr(0, at), rest};
  }
  return {text, {}};
}

/// The value of the first such field, on one line; empty where there is none.
std::string field_of(std::string_view header, std::string_view name) {
  std::string value;
  bool found = false;
  while (!header.empty()) {
    const std::string_view line = take_line(header);
    if (found && (line.starts_with(' ') || line.starts_with('\t'))) {
      value += ' ';
      value += trim(line);
    } else if (found) {
      break;
    } else if (begins(line, name) && line.substr(name.size()).starts_with(':')) {
      found = true;
      value = trim(line.substr(name.size() + 1));
    }
    if (value.size() > kFieldBytes) {
      value.resize(kFieldBytes);
      break;
    }
  }
  return value;
}

/// `boundary=…` of a Content-Type; empty where there is none that could be.
std::string boundary_in(std::string_view type) {
  while (true) {
    const std::size_t semicolon = type.find(';');
    if (semicolon == std::string_view::npos) return {};
    type = trim(type.substr(semicolon + 1));
    constexpr std::string_view kName = "boundary=";
    if (!begins(type, kName)) continue;
    type.remove_prefix(kName.size());
    const bool quoted = type.starts_with('"');
    if (quoted) type.remove_prefix(1);
    const std::string_view value = trim(type.substr(0, type.find_first_of(quoted ? "\"" : "; ")));
    return std::string(value.size() <= kBoundaryBytes ? value : std::string_view());
  }
}

/// What stands between the borders, the first kBounceParts of them.
std::vector<std::string_view> parts_of(std::string_view body, std::string_view boundary) {
  std::vector<std::string_view> parts;
  const std::string border = "--" + std::string(boundary);
  std::string_view rest = body;
  std::size_t begin = 0;
  bool inside = false;
  while (!rest.empty()) {
    const std::size_t at = body.size() - rest.size();
    const std::string_view line = take_line(rest);
    if (!line.starts_with(border)) continue;
    const std::string_view behind = trim(line.substr(border.size()));
    if (!behind.empty() && behind != "--") continue;
    if (inside) parts.push_back(body.substr(begin, at - begin));
    if (behind == "--" || parts.size() == kBounceParts) return parts;
    inside = true;
    begin = body.size() - rest.size();
  }
  if (inside) parts.push_back(body.substr(begin));  // cut off, by us or on the way
  return parts;
}

/// `smtp; 550 5.1.1 No such user` without the type before it.
std::string_view words_of_diagnostic(std::string_view diagnostic) {
  const std::size_t semicolon = diagnostic.find(';');
  return semicolon == std::string_view::npos ? diagnostic : trim(diagnostic.substr(semicolon + 1));
}

/// What is said of one recipient.
void judge(std::string_view group, Bounce& bounce) {
  const std::string action = field_of(group, "Action");
  const std::string status = field_of(group, "Status");
  const std::string diagnostic = field_of(group, "Diagnostic-Code");
  Kind kind = Kind::unclear;
  if (same(action, "failed")) kind = status.starts_with("4.") ? Kind::gave_up : Kind::failed;
  if (same(action, "delayed")) kind = Kind::delayed;
  if (same(action, "delivered") || same(action, "relayed") || same(action, "expanded")) {
    kind = Kind::delivered;
  }
  if (kind >= bounce.kind) return;  // of several the worst counts: its words, its address
  const std::string_view number = std::string_view(status).substr(0, status.find(' '));
  bounce.kind = kind;
  bounce.contact_dead = kind == Kind::failed && says_dead(number);
  const std::string_view words = words_of_diagnostic(diagnostic);
  bounce.why = shown_reply(words.empty() ? std::string_view(status) : words);
}

/// What a report says about each recipient, and which delivery it names itself.
std::string read_status(std::string_view report, Bounce& bounce) {
  const Halves first = halves_of(report);
  std::string_view rest = first.body;
  for (std::size_t group = 0; group < kBounceRecipients && !rest.empty(); ++group) {
    while (rest.starts_with('\n') || rest.starts_with("\r\n")) take_line(rest);
    const Halves next = halves_of(rest);
    judge(next.header, bounce);
    rest = next.body;
  }
  return field_of(first.header, "Original-Envelope-Id");
}

struct Report {
  std::string envelope_id;
  std::string message_id;  // of the mail that it is about
};

/// OpenSMTPD sends its reports as `multipart/mixed`: what makes one is the status among its parts.
bool is_report(std::string_view type) {
  return begins(type, "multipart/report") || begins(type, "multipart/mixed");
}

Report read_parts(BytesView message, Bounce& bounce) {
  Report report;
  const Halves whole = halves_of(message);
  const std::string type = field_of(whole.header, "Content-Type");
  const std::string boundary = boundary_in(type);
  if (!is_report(type) || boundary.empty()) return report;
  bool status_read = false;
  for (const std::string_view part : parts_of(whole.body, boundary)) {
    const Halves halves = halves_of(part);
    const std::string of = field_of(halves.header, "Content-Type");
    const bool status =
        begins(of, "message/delivery-status") || begins(of, "message/global-delivery-status");
    if (status && !status_read) {
      report.envelope_id = read_status(halves.body, bounce);
      status_read = true;
    }
    if (begins(of, "message/rfc822") || begins(of, "text/rfc822-headers") ||
        begins(of, "message/global")) {
      if (status) continue;
      const std::string id = field_of(halves_of(halves.body).header, "Message-ID");
      if (report.message_id.empty()) report.message_id = id;
    }
  }
  return report;
}

/// The id as our mails carry it to servers that report it back (ENVID): 32 hexadecimal digits.
std::optional<engine::DeliveryId> delivery_in_envelope_id(std::string_view text) {
  const auto octets = engine::from_hex(text);
  return octets ? engine::exactly<16>(*octets) : std::nullopt;
}

}  // namespace

std::optional<Bounce> read_bounce(BytesView message, std::string_view recipient, BytesView key) {
  Bounce bounce;
  const Report report = read_parts(message.substr(0, kBounceBytes), bounce);
  if (const auto id = delivery_of(recipient, key)) {
    bounce.delivery = *id;
    return bounce;
  }
  bounce.contact_dead = false;
  if (const auto id = delivery_in_envelope_id(report.envelope_id)) {
    bounce.delivery = *id;
    bounce.known = Known::envelope_id;
    return bounce;
  }
  if (const auto id = delivery_in_message_id(report.message_id)) {
    bounce.delivery = *id;
    bounce.known = Known::message_id;
    return bounce;
  }
  return std::nullopt;
}

}  // namespace connectors::email
