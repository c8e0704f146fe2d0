#include "connectors/sms/alert_text.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <vector>

#include "connectors/sms/gsm_text.hpp"
#include "connectors/sms/limits.hpp"
#include "connectors/sms/plain_text.hpp"

namespace connectors::sms {
namespace {

using engine::cap::Alert;
using engine::cap::Info;
using engine::cap::MsgType;
using engine::cap::Status;

/// Every fixed word. All of them are in the GSM alphabet, so that they make no text a long one.
struct Words {
  std::string_view exercise;
  std::string_view test;
  std::string_view update;
  std::string_view cancelled;
  std::string_view ignore;  // a sentence
  std::string_view reason;
  std::string_view check;
  std::string_view an_alert;  // where what is cancelled is not known
  std::array<std::string_view, 12> months;
};

constexpr Words kEnglish = {
    "EXERCISE",
    "TEST",
    "UPDATE",
    "CANCELLED",
    "Do not act on it.",
    "Reason: ",
    "Check ",
    "alert",
    {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}};

// Welsh: to be read by somebody who speaks it before it is used. "Ignore the warning" stands for
// "Do not act on it", since the nearer "Peidiwch â gweithredu arno" is not in the GSM alphabet.
constexpr Words kWelsh = {
    "YMARFER",
    "PRAWF",
    "DIWEDDARIAD",
    "CANSLWYD",
    "Anwybyddwch y rhybudd.",
    "Rheswm: ",
    "Gwirio ",
    "rhybudd",
    {"Ion", "Chwef", "Maw", "Ebr", "Mai", "Meh", "Gorff", "Awst", "Medi", "Hyd", "Tach", "Rhag"}};

std::string_view first_subtag(std::string_view tag) { return tag.substr(0, tag.find('-')); }

bool same_letters(std::string_view left, std::string_view right) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [&](char a, char b) { return lower(a) == lower(b); });
}

const Info* info_in(const Alert& alert, std::string_view language) {
  const auto& infos = alert.infos;
  auto found = std::find_if(infos.begin(), infos.end(), [&](const Info& info) {
    return same_letters(info.language, language);
  });
  if (found == infos.end()) {
    found = std::find_if(infos.begin(), infos.end(), [&](const Info& info) {
      return same_letters(first_subtag(info.language), first_subtag(language));
    });
  }
  if (found != infos.end()) return &*found;
  return infos.empty() ? nullptr : &infos.front();
}

/// The clocks of the United Kingdom: an hour ahead from the last Sunday in March to the last one in
/// October, both at 01:00 UTC.
std::string clock_time(engine::Time time, const Words& words) {
  using namespace std::chrono;
  const auto year = year_month_day(floor<days>(time)).year();
  const auto summer = sys_days(year / March / Sunday[last]) + hours(1);
  const auto winter = sys_days(year / October / Sunday[last]) + hours(1);
  const auto local = time >= summer && time < winter ? time + hours(1) : time;
  const auto day = floor<days>(local);
  const year_month_day date(day);
  const hh_mm_ss clock(floor<minutes>(local - day));
  const auto two = [](long value) { return (value < 10 ? "0" : "") + std::to_string(value); };
  return two(clock.hours().count()) + ":" + two(clock.minutes().count()) + " " +
         std::to_string(static_cast<unsigned>(date.day())) + " " +
         std::string(words.months[static_cast<unsigned>(date.month()) - 1]);
}

/// What a text is made of; what shortening changes.
struct Draft {
  std::string marks;  // "EXERCISE: UPDATE: "
  std::string place;
  std::string what;
  std::string to_do;
  std::string fixed;   // a sentence that is never cut
  std::string reason;  // with its word before it
  std::string time;
  std::string sender;
  std::string check;
};

/// A sentence behind what is there; its full stop where it has none of its own.
void append_sentence(std::string& text, std::string_view sentence) {
  if (sentence.empty()) return;
  if (!text.empty() && !text.ends_with(' ')) text += ' ';
  text += sentence;
  while (text.ends_with(',') || text.ends_with(';') || text.ends_with(':')) text.pop_back();
  if (!text.ends_with('.') && !text.ends_with('!') && !text.ends_with('?')) text += '.';
}

std::string put_together(const Draft& draft) {
  const bool placed = draft.place.empty() || draft.what.find(draft.place) != std::string::npos;
  std::string text = draft.marks;
  append_sentence(text, placed ? draft.what : draft.place + ": " + draft.what);
  append_sentence(text, draft.to_do);
  append_sentence(text, draft.fixed);
  append_sentence(text, draft.reason);
  append_sentence(text, draft.sender.empty() ? draft.time : draft.time + ", " + draft.sender);
  return text + " " + draft.check;
}

/// In the alphabet that is best for it.
std::string written(std::string text) {
  std::string plain = with_plain_marks(text);
  return size_of(plain).coding == Coding::gsm ? plain : text;
}

/// The text if it takes no more than the parts that are aimed at, and `more` beside them.
std::optional<std::string> fitting(const Draft& draft, std::size_t more) {
  std::string text = put_together(draft);
  if (length_in_characters(text) >
      std::max(160 * (1 + more), 70 * (limits::kWidePartsAimed + more)))
    return std::nullopt;
  text = written(std::move(text));
  const TextSize size = size_of(text);
  const std::size_t aimed = size.coding == Coding::gsm ? 1 : limits::kWidePartsAimed;
  if (size.parts > std::min(aimed + more, limits::kPartsMax)) return std::nullopt;
  return text;
}

/// One step of shortening after another, up to what to do.
std::vector<Draft> shorter_drafts(const Draft& whole, const std::string& event) {
  std::vector<Draft> drafts = {whole};
  Draft draft = whole;
  const auto next = [&](std::string& field, std::string value) {
    if (field == value) return;
    field = std::move(value);
    drafts.push_back(draft);
  };
  next(draft.reason, shortened(draft.reason, limits::kToDoLeast));
  next(draft.reason, "");
  if (!event.empty() && event.size() < draft.what.size()) next(draft.what, event);
  next(draft.place, shortened(draft.place, limits::kPlaceLeast));
  next(draft.sender, shortened(draft.sender, limits::kSenderLeast));
  next(draft.what, shortened(draft.what, limits::kWhatLeast));
  return drafts;
}

std::string shortest_fitting(const Draft& whole, const std::string& event) {
  const auto drafts = shorter_drafts(whole, event);
  const auto beginnings_to_do = beginnings(whole.to_do, limits::kToDoLeast);
  Draft last = drafts.back();
  for (std::size_t more = 0; more < limits::kPartsMax; ++more) {
    for (const Draft& draft : drafts) {
      if (auto text = fitting(draft, more)) return *text;
    }
    for (const std::string& beginning : beginnings_to_do) {
      last.to_do = beginning;
      if (auto text = fitting(last, more)) return *text;
    }
    last.to_do = shortened(whole.to_do, limits::kToDoLeast);
    if (auto text = fitting(last, more)) return *text;
  }
  return written(put_together(last));  // not come to: the least of all fields fits
}

std::string places_of(const Info& info) {
  std::string places;
  for (const auto& area : info.areas) {
    const std::string place = plain_line(area.description);
    if (place.empty()) continue;
    if (!places.empty()) places += ", ";
    places += place;
    if (places.size() > limits::kFieldMax) break;
  }
  return places;
}

/// "alert GB-2026-0017": by the names of what a Cancel ends, where nothing else is known of it.
std::string unknown_subject(const Alert& alert, const Words& words) {
  std::string names;
  if (alert.msg_type == MsgType::cancel) {
    for (const auto& reference : alert.references) {
      names += " " + plain_line(reference.identifier);
      if (names.size() > limits::kFieldMax) break;
    }
  }
  return std::string(words.an_alert) + names;
}

std::string marks_of(const Alert& alert, const Words& words) {
  std::string marks;
  if (alert.status != Status::actual) {
    marks += alert.status == Status::test ? words.test : words.exercise;
    marks += ": ";
  }
  if (alert.msg_type == MsgType::update) marks += std::string(words.update) + ": ";
  if (alert.msg_type == MsgType::cancel) marks += std::string(words.cancelled) + ": ";
  return marks;
}

}  // namespace

std::string check_code(const engine::BulletinId& id) {
  constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < 7; ++i) bits = bits << 8U | id[i];
  bits >>= 6U;  // 50 of 56
  std::string code;
  for (int shift = 45; shift >= 0; shift -= 5) {
    code += kAlphabet[bits >> static_cast<unsigned>(shift) & 31U];
    if (shift == 25) code += '-';
  }
  return code;
}

std::string_view reply_words(std::string_view language) {
  return same_letters(first_subtag(language), "cy") ? " Ateb: 1 DIOGEL, 2 CYMORTH"
                                                    : " Reply 1 SAFE, 2 HELP";
}

std::string alert_text(const AlertTextSource& source) {
  const Alert& alert = source.alert;
  const bool cancel = alert.msg_type == MsgType::cancel;
  const Words& words = same_letters(first_subtag(source.language), "cy") ? kWelsh : kEnglish;
  const Info* own = info_in(alert, source.language);
  // Of a Cancel nothing is told but what it ends and why.
  const Alert* subject = cancel ? source.ended : &alert;
  const Info* told = subject != nullptr ? info_in(*subject, source.language) : nullptr;

  Draft draft;
  draft.marks = marks_of(alert, words);
  draft.time = clock_time(alert.sent, words);
  draft.check = std::string(words.check) + check_code(source.id);
  draft.sender = plain_line(source.sender_name);
  if (draft.sender.empty() && own) draft.sender = plain_line(own->sender_name);
  std::string event;
  if (told) {
    event = plain_line(told->event);
    draft.what = plain_line(told->headline);
    draft.place = places_of(*told);
  }
  if (draft.what.empty()) draft.what = event;
  if (draft.what.empty()) draft.what = unknown_subject(alert, words);
  if (cancel) {
    draft.fixed = words.ignore;
    draft.reason = plain_line(alert.note);
    if (draft.reason.empty() && own) draft.reason = plain_line(own->description);
    if (!draft.reason.empty()) draft.reason.insert(0, words.reason);
  } else if (told) {
    draft.to_do = plain_line(told->instruction);
    if (draft.to_do.empty()) draft.to_do = plain_line(told->description);
  }
  return shortest_fitting(draft, event);
}

}  // namespace connectors::sms
