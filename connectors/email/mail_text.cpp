#include "connectors/email/mail_text.hpp"

#include <algorithm>

#include "connectors/email/mime.hpp"
#include "engine/cap/text.hpp"
#include "engine/check_code.hpp"

namespace connectors::email {

using engine::cap::Alert;
using engine::cap::Info;
using engine::cap::MsgType;
using engine::cap::Status;

namespace {

using Kind = Passage::Kind;

std::string primary(std::string_view tag) {
  std::string subtag(tag.substr(0, tag.find('-')));
  for (char& c : subtag) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return subtag;
}

std::vector<const Info*> infos_in(const Alert& alert, std::string_view language) {
  std::vector<const Info*> found;
  for (const Info& info : alert.infos) {
    if (primary(info.language) == language) found.push_back(&info);
  }
  return found;
}

std::string joined(const std::vector<std::string>& pieces, std::string_view between) {
  std::string all;
  for (const std::string& piece : pieces) {
    if (!all.empty()) all += between;
    all += piece;
  }
  return all;
}

/// Collects what is said.
class Writer {
 public:
  Writer(const Letter& letter, Language language)
      : letter_(letter), alert_(*letter.alert), language_(language), words_(words_of(language)) {}

  std::vector<Passage> all() && {
    banner();
    if (alert_.msg_type == MsgType::cancel) {
      cancelled();
    } else {
      for (const Info* info : infos_for(alert_, language_)) shown(*info);
      if (alert_.msg_type == MsgType::update && !letter_.earlier.empty()) own(words_.replaces);
      if (!letter_.answer.empty()) answerable();
    }
    fact(words_.sent, spoken_time(alert_.sent, language_));
    fact(words_.code, engine::check_code(letter_.id));
    how_to_verify();
    banner();
    return std::move(passages_);
  }

 private:
  void banner() {
    if (alert_.status == Status::actual) return;
    const bool drill = alert_.status == Status::exercise;
    passages_.push_back({Kind::banner, {}, std::string(drill ? words_.exercise : words_.test), {}});
  }

  void shown(const Info& info) {
    foreign_ = language_of(info.language) == language_ &&
                       primary(info.language) == primary(tag_of(language_))
                   ? ""
                   : info.language;
    const std::string& headline = info.headline.empty() ? info.event : info.headline;
    theirs(Kind::title, {}, headline.empty() ? std::string(words_.no_headline) : headline);
    fact(words_.severity, std::string(severity_word(info.severity, language_)));
    fact(words_.urgency, std::string(urgency_word(info.urgency, language_)));
    theirs(Kind::fact, words_.sender, sender(info.sender_name));
    std::vector<std::string> areas;
    for (const auto& area : info.areas) areas.push_back(clean_line_whole(area.description));
    if (!areas.empty()) theirs(Kind::fact, words_.where, joined(areas, "; "));
    if (info.onset) fact(words_.when, spoken_time(*info.onset, language_));
    fact(words_.until,
         spoken_time(info.expires.value_or(engine::cap::expires_of(alert_)), language_));
    heading(words_.action);
    if (info.instruction.empty()) {
      own(words_.no_action);
    } else {
      theirs(Kind::text, {}, info.instruction);
    }
    if (!info.description.empty()) {
      heading(words_.what);
      theirs(Kind::text, {}, info.description);
    }
    if (!info.web.empty()) theirs(Kind::fact, "Web", info.web);
    if (!info.contact.empty()) theirs(Kind::fact, words_.contact, info.contact);
  }

  /// A Cancel's own areas, severity and instructions are never shown: what it ends, and why.
  void cancelled() {
    foreign_.clear();
    passages_.push_back({Kind::title, {}, clean_line(subject_of(letter_)), {}});
    own(words_.is_cancelled);
    std::vector<std::string> named;
    for (const Earlier& earlier : letter_.earlier) named.push_back(clean_line(earlier.title));
    if (named.empty()) {
      for (const auto& one : alert_.references) named.push_back(clean_line(one.identifier));
    }
    theirs(Kind::fact, words_.cancelled_note, joined(named, "; "));
    std::string reason = alert_.note;
    const auto infos = infos_for(alert_, language_);
    if (reason.empty() && !infos.empty()) reason = infos.front()->description;
    if (!reason.empty()) theirs(Kind::fact, words_.reason, reason);
    theirs(Kind::fact, words_.sender, sender({}));
  }

  /// A name that people know, and the address that signs; the alert's own name first.
  std::string sender(const std::string& named) const {
    const std::string& name = named.empty() ? letter_.sender_name : named;
    if (name.empty() || name == alert_.sender) return alert_.sender;
    return name + " (" + alert_.sender + ")";
  }

  bool has_link() const { return alert_.msg_type != MsgType::cancel && !letter_.answer.empty(); }
  void answerable() {
    heading(words_.answer);
    own(words_.answer_what);
    passages_.push_back({Kind::link, std::string(words_.answer_link), letter_.answer, {}});
  }

  void how_to_verify() {
    heading(words_.verify);
    own(words_.verify_code);
    own(words_.verify_files);
    own(has_link() ? words_.one_link : words_.links);
    own(words_.why_you);
  }

  static std::string clean_line_whole(std::string_view text) {
    const std::string clean = clean_text(text);
    std::string line;
    for (const auto word : engine::cap::split(clean)) {
      if (!line.empty()) line += ' ';
      line += word;
    }
    return line;
  }

  void heading(std::string_view text) {
    passages_.push_back({Kind::heading, {}, std::string(text), {}});
  }
  void fact(std::string_view label, std::string text) {
    passages_.push_back({Kind::fact, std::string(label), std::move(text), {}});
  }
  void own(std::string_view text) { passages_.push_back({Kind::text, {}, std::string(text), {}}); }
  /// What stands in the alert, in its language.
  void theirs(Kind kind, std::string_view label, std::string_view text) {
    std::string clean = kind == Kind::text ? std::string(engine::cap::trim(clean_text(text)))
                                           : clean_line_whole(text);
    passages_.push_back({kind, std::string(label), std::move(clean), foreign_});
  }

  const Letter& letter_;
  const Alert& alert_;
  const Language language_;
  const Words& words_;
  std::string foreign_;  // the tag of the info at hand, where it is not in the mail's language
  std::vector<Passage> passages_;
};

constexpr std::string_view kBody =
    "margin:0;padding:16px;background:#ffffff;color:#0b0c0c;"
    "font:19px/1.4 Arial,Helvetica,sans-serif";
constexpr std::string_view kBanner =
    "margin:0 0 16px;padding:12px;border:6px solid #0b0c0c;background:#ffdd00;color:#0b0c0c;"
    "font-weight:bold;font-size:24px";
constexpr std::string_view kTitle = "margin:0 0 16px;font-size:32px;line-height:1.1";
constexpr std::string_view kHeading = "margin:24px 0 8px;font-size:24px;line-height:1.2";
constexpr std::string_view kLink = "color:#1d4f91;font-weight:bold";
constexpr std::string_view kParagraph = "margin:0 0 12px;max-width:38em";

/// `<tag style="…" lang="…">`
std::string opened(std::string_view tag, std::string_view style, const std::string& language) {
  std::string out = "<" + std::string(tag) + " style=\"" + std::string(style) + "\"";
  if (!language.empty()) out += " lang=\"" + html(language) + "\"";
  return out + ">";
}

/// Paragraphs where empty lines stand, and line breaks within them.
std::string paragraphs(const Passage& passage) {
  std::string out;
  std::string_view rest = passage.text;
  while (!rest.empty()) {
    const std::size_t end = rest.find("\n\n");
    std::string text = html(rest.substr(0, end));
    for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 5)) {
      text.replace(at, 1, "<br>\n");
    }
    out += opened("p", kParagraph, passage.language) + text + "</p>\n";
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end);
    rest.remove_prefix(std::min(rest.find_first_not_of('\n'), rest.size()));
  }
  return out;
}

std::string html_of(const Passage& passage) {
  const std::string text = html(passage.text);
  switch (passage.kind) {
    case Kind::banner:
      return opened("p", kBanner, "") + "<strong>" + text + "</strong></p>\n";
    case Kind::title:
      return opened("h1", kTitle, passage.language) + text + "</h1>\n";
    case Kind::heading:
      return opened("h2", kHeading, "") + text + "</h2>\n";
    case Kind::fact:
      return opened("p", kParagraph, "") + "<strong>" + html(passage.label) + ":</strong> " +
             (passage.language.empty()
                  ? text
                  : "<span lang=\"" + html(passage.language) + "\">" + text + "</span>") +
             "</p>\n";
    case Kind::link:
      return opened("p", kParagraph, "") + "<a style=\"" + std::string(kLink) + "\" href=\"" +
             text + "\">" + html(passage.label) + "</a></p>\n";
    case Kind::text:
      return paragraphs(passage);
  }
  return {};
}

}  // namespace

std::vector<const Info*> infos_for(const Alert& alert, Language language) {
  auto found = infos_in(alert, primary(tag_of(language)));
  if (found.empty()) found = infos_in(alert, "en");
  if (found.empty() && !alert.infos.empty()) {
    found = infos_in(alert, primary(alert.infos.front().language));
  }
  return found;
}

std::vector<Passage> passages_of(const Letter& letter) {
  return Writer(letter, language_of(letter.language)).all();
}

std::string as_text(const std::vector<Passage>& passages) {
  std::string out;
  bool fact_before = false;
  for (const Passage& passage : passages) {
    const bool fact = passage.kind == Kind::fact;
    if (!out.empty() && !(fact && fact_before)) out += '\n';
    if (fact) out += passage.label + ": ";
    out += passage.text;
    out += '\n';
    if (passage.kind == Kind::title) out += "====\n";
    if (passage.kind == Kind::heading) out += "----\n";
    fact_before = fact;
  }
  return out;
}

std::string as_html(const std::vector<Passage>& passages, std::string_view title,
                    Language language) {
  const std::string tag(tag_of(language));
  std::string out = "<!DOCTYPE html>\n<html lang=\"" + tag +
                    "\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
                    "content=\"width=device-width, initial-scale=1\">\n<title>" +
                    html(title) + "</title>\n</head>\n<body style=\"" + std::string(kBody) +
                    "\">\n<main lang=\"" + tag + "\">\n";
  for (const Passage& passage : passages) out += html_of(passage);
  return out + "</main>\n</body>\n</html>\n";
}

}  // namespace connectors::email
