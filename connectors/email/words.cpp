#include "connectors/email/words.hpp"

#include <fmt/format.h>

#include <array>

#include "engine/base/uk_time.hpp"

namespace connectors::email {

using engine::cap::Severity;
using engine::cap::Urgency;

namespace {

constexpr Words kEnglish = {
    .exercise = "EXERCISE EXERCISE EXERCISE: this is a drill. Nothing of it is happening.",
    .test = "TEST TEST TEST: this is a test of the system. Nothing of it is happening.",
    .exercise_short = "EXERCISE",
    .test_short = "TEST",
    .cancelled = "Cancelled",
    .updated = "Update",
    .severity = "Severity",
    .urgency = "Urgency",
    .sender = "Who warns you",
    .where = "Where",
    .when = "From",
    .what = "What is happening",
    .action = "What to do",
    .contact = "Contact",
    .until = "Until",
    .sent = "Sent",
    .code = "Check code",
    .no_headline = "Alert",
    .is_cancelled = "This alert is cancelled. You need not follow it any more.",
    .reason = "Why",
    .cancelled_note = "What was cancelled",
    .replaces = "This replaces what you were sent before about it.",
    .no_action = "The sender gives no instruction.",
    .verify = "Is this real?",
    .verify_code =
        "Compare the check code with the one on the dashboard or in the text message about the "
        "same alert. It tells alerts apart; it proves nothing by itself.",
    .verify_files =
        "What proves it is attached: alert.cap.xml is the alert as its officers signed it, and "
        "envelope.json holds their signatures. \"tocsin verify envelope.json\" checks them.",
    .links =
        "Nothing in this mail is a link. If you want to look something up, type the address "
        "yourself.",
    .one_link =
        "The one link in this mail is the one to answer by. If you want to look something up, type "
        "the address yourself.",
    .answer = "Say how you are",
    .answer_what =
        "Tell the control room whether you are safe, need help, or can shelter others. This calls "
        "nobody to you: in an emergency call 999.",
    .answer_link = "Answer this alert",
    .why_you = "You are sent this because your organisation asked to be warned at this address.",
};

constexpr Words kWelsh = {
    .exercise = "YMARFER YMARFER YMARFER: ymarfer yw hwn. Nid oes dim o hyn yn digwydd.",
    .test = "PRAWF PRAWF PRAWF: prawf o'r system yw hwn. Nid oes dim o hyn yn digwydd.",
    .exercise_short = "YMARFER",
    .test_short = "PRAWF",
    .cancelled = "Wedi'i ganslo",
    .updated = "Diweddariad",
    .severity = "Difrifoldeb",
    .urgency = "Brys",
    .sender = "Pwy sy'n eich rhybuddio",
    .where = "Ble",
    .when = "O",
    .what = "Beth sy'n digwydd",
    .action = "Beth i'w wneud",
    .contact = "Cyswllt",
    .until = "Hyd at",
    .sent = "Anfonwyd",
    .code = "Cod gwirio",
    .no_headline = "Rhybudd",
    .is_cancelled = "Mae'r rhybudd hwn wedi'i ganslo. Nid oes angen ei ddilyn mwyach.",
    .reason = "Pam",
    .cancelled_note = "Beth gafodd ei ganslo",
    .replaces = "Mae hwn yn disodli'r hyn a anfonwyd atoch o'r blaen amdano.",
    .no_action = "Nid yw'r anfonwr yn rhoi cyfarwyddyd.",
    .verify = "Ydy hwn yn ddilys?",
    .verify_code =
        "Cymharwch y cod gwirio \xc3\xa2'r un ar y dangosfwrdd neu yn y neges destun am yr un "
        "rhybudd. Mae'n gwahaniaethu rhwng rhybuddion; nid yw'n profi dim ar ei ben ei hun.",
    .verify_files =
        "Mae'r prawf ynghlwm: alert.cap.xml yw'r rhybudd fel y cafodd ei lofnodi gan y "
        "swyddogion, ac mae envelope.json yn dal eu llofnodion. Mae \"tocsin verify "
        "envelope.json\" yn eu gwirio.",
    .links =
        "Nid oes dolen yn yr e-bost hwn. Os ydych am chwilio am rywbeth, teipiwch y cyfeiriad "
        "eich hun.",
    .one_link =
        "Yr unig ddolen yn yr e-bost hwn yw'r un i ateb drwyddi. Os ydych am chwilio am rywbeth, "
        "teipiwch y cyfeiriad eich hun.",
    .answer = "Dywedwch sut ydych chi",
    .answer_what =
        "Dywedwch wrth yr ystafell reoli a ydych yn ddiogel, a oes angen cymorth arnoch, neu a "
        "allwch roi lloches i eraill. Nid yw hyn yn galw neb atoch: mewn argyfwng ffoniwch 999.",
    .answer_link = "Ateb y rhybudd hwn",
    .why_you =
        "Anfonwyd hwn atoch am fod eich sefydliad wedi gofyn am gael ei rybuddio yn y cyfeiriad "
        "hwn.",
};

using Table = std::array<std::string_view, 5>;
constexpr Table kSeverities = {"Extreme", "Severe", "Moderate", "Minor",
                               "Unknown: treat as Extreme"};
constexpr Table kSeveritiesWelsh = {"Eithafol", "Difrifol", "Cymedrol", "Bach",
                                    "Anhysbys: dylid ei drin fel Eithafol"};
constexpr Table kUrgencies = {"Act now", "Act soon, within the next hour", "Act in the near future",
                              "Nothing more to do", "Unknown: treat as now"};
constexpr Table kUrgenciesWelsh = {"Gweithredwch nawr", "Gweithredwch yn fuan, o fewn yr awr nesaf",
                                   "Gweithredwch yn y dyfodol agos", "Dim byd arall i'w wneud",
                                   "Anhysbys: dylid ei drin fel nawr"};

constexpr std::array<std::string_view, 7> kDays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                   "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 7> kDaysWelsh = {"dydd Sul",     "dydd Llun", "dydd Mawrth",
                                                        "dydd Mercher", "dydd Iau",  "dydd Gwener",
                                                        "dydd Sadwrn"};
constexpr std::array<std::string_view, 12> kMonths = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};
constexpr std::array<std::string_view, 12> kMonthsWelsh = {
    "Ionawr",     "Chwefror", "Mawrth", "Ebrill", "Mai",      "Mehefin",
    "Gorffennaf", "Awst",     "Medi",   "Hydref", "Tachwedd", "Rhagfyr"};

}  // namespace

Language language_of(std::string_view tag) {
  const auto is = [&](std::size_t i, char c) { return (tag[i] | 0x20) == c; };
  const bool welsh =
      tag.size() >= 2 && is(0, 'c') && is(1, 'y') && (tag.size() == 2 || tag[2] == '-');
  return welsh ? Language::welsh : Language::english;
}

std::string_view tag_of(Language language) { return language == Language::welsh ? "cy" : "en-GB"; }

const Words& words_of(Language language) { return language == Language::welsh ? kWelsh : kEnglish; }

std::string_view severity_word(Severity severity, Language language) {
  const Table& table = language == Language::welsh ? kSeveritiesWelsh : kSeverities;
  return table[static_cast<std::size_t>(severity)];
}

std::string_view urgency_word(Urgency urgency, Language language) {
  const Table& table = language == Language::welsh ? kUrgenciesWelsh : kUrgencies;
  return table[static_cast<std::size_t>(urgency)];
}

std::string spoken_time(engine::Time time, Language language) {
  const bool welsh = language == Language::welsh;
  const engine::UkTime uk = engine::uk_time(time);
  const std::size_t month = static_cast<unsigned>(uk.date.month()) - 1;
  return fmt::format("{:02}:{:02}{}{} {} {} {} ({})", uk.hour, uk.minute, welsh ? ", " : " on ",
                     (welsh ? kDaysWelsh : kDays)[uk.weekday.c_encoding()],
                     static_cast<unsigned>(uk.date.day()), (welsh ? kMonthsWelsh : kMonths)[month],
                     static_cast<int>(uk.date.year()), welsh ? "amser y DU" : "UK time");
}

}  // namespace connectors::email
