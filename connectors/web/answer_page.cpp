#include "connectors/web/answer_page.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "connectors/web/answers.hpp"
#include "connectors/web/text.hpp"
#include "engine/trust/signature.hpp"

namespace connectors::web {

using engine::Answer;
using engine::cap::Status;

namespace {

/// Black on white, large, with a focus that is seen; targets of 44 px.
constexpr std::string_view kStyle =
    "body{margin:0;background:#fff;color:#0b0c0c;font:19px/1.4 Arial,Helvetica,sans-serif}"
    "main{max-width:38em;margin:0 auto;padding:16px}"
    "h1{font-size:32px;line-height:1.15;margin:0 0 16px;overflow-wrap:anywhere}"
    "fieldset{border:0;margin:0 0 16px;padding:0}legend{font-weight:bold;padding:0}"
    ".one{display:flex;align-items:center;gap:12px;min-height:44px}"
    "input[type=radio]{width:28px;height:28px;margin:0;flex:none}"
    "label{display:inline-block;padding:8px 0}"
    "input[type=text],textarea{font:inherit;border:2px solid #0b0c0c;padding:8px;"
    "box-sizing:border-box;background:#fff;color:#0b0c0c}textarea{width:100%}"
    "button{font:inherit;font-weight:bold;background:#00703c;color:#fff;border:0;padding:12px 24px;"
    "min-height:44px}"
    ":focus{outline:4px solid #0b0c0c;outline-offset:2px;box-shadow:0 0 0 8px #fd0}"
    ".note{border:4px solid #0b0c0c;padding:12px;font-weight:bold}"
    "a{color:#1d4f91}";

struct Words {
  std::string_view tag, other_tag, other_name;
  std::string_view exercise, exercise_short, test, test_short;
  std::string_view answer_title, about, ended, emergency, incomplete, how, safe, help, shelter,
      places, words, own_words, send;
  std::string_view thanks_title, kept, again;
  std::string_view leave_title, leave_what, leave_does, leave_button, left_title, left;
  std::string_view unknown_title, unknown, over_title, over, not_now_title, not_now,
      too_often_title, too_often;
};

constexpr Words kEnglish = {
    .tag = "en-GB",
    .other_tag = "cy",
    .other_name = "Cymraeg",
    .exercise = "EXERCISE EXERCISE EXERCISE: this is a drill. Nothing of it is happening.",
    .exercise_short = "EXERCISE",
    .test = "TEST TEST TEST: this is a test of the system. Nothing of it is happening.",
    .test_short = "TEST",
    .answer_title = "Answer this alert",
    .about = "Tell the control room how your organisation is. You can answer again if it changes.",
    .ended = "A newer message has taken the place of this alert. Read that one too.",
    .emergency = "This page calls nobody to you. In an emergency call 999.",
    .incomplete = "Nothing was sent. Choose one of the answers below.",
    .how = "How are you?",
    .safe = "We are safe",
    .help = "We need help",
    .shelter = "We can shelter others",
    .places = "For how many people, if you know",
    .words = "Anything else that the control room should know",
    .own_words = "Something else: I write it below",
    .send = "Send the answer",
    .thanks_title = "Your answer is kept",
    .kept = "The control room can see it:",
    .again = "Answer again",
    .leave_title = "Stop these e-mails",
    .leave_what =
        "Alerts are sent to this e-mail address because your organisation asked for them.",
    .leave_does =
        "After this, no alert is sent to this address any more, however severe. Other people and "
        "telephones of your organisation are still told.",
    .leave_button = "Stop e-mails to this address",
    .left_title = "No more e-mails",
    .left = "No alert is sent to this address any more. Your organisation can change that.",
    .unknown_title = "This link is not known",
    .unknown = "It may have been cut. Open it from the e-mail again, whole.",
    .over_title = "This link is over",
    .over = "The alert that it belongs to has ended, or the address is not yours any more.",
    .not_now_title = "Not now",
    .not_now = "Nothing was changed. Try again in a minute.",
    .too_often_title = "Too often",
    .too_often = "Too much was asked from where you are. Try again in a minute.",
};

constexpr Words kWelsh = {
    .tag = "cy",
    .other_tag = "en-GB",
    .other_name = "English",
    .exercise = "YMARFER YMARFER YMARFER: ymarfer yw hwn. Nid oes dim o hyn yn digwydd.",
    .exercise_short = "YMARFER",
    .test = "PRAWF PRAWF PRAWF: prawf o'r system yw hwn. Nid oes dim o hyn yn digwydd.",
    .test_short = "PRAWF",
    .answer_title = "Ateb y rhybudd hwn",
    .about =
        "Dywedwch wrth yr ystafell reoli sut mae eich sefydliad. Gallwch ateb eto os yw'n newid.",
    .ended = "Mae neges fwy newydd wedi cymryd lle'r rhybudd hwn. Darllenwch honno hefyd.",
    .emergency = "Nid yw'r dudalen hon yn galw neb atoch. Mewn argyfwng ffoniwch 999.",
    .incomplete = "Ni anfonwyd dim. Dewiswch un o'r atebion isod.",
    .how = "Sut ydych chi?",
    .safe = "Rydym yn ddiogel",
    .help = "Mae angen cymorth arnom",
    .shelter = "Gallwn roi lloches i eraill",
    .places = "I faint o bobl, os ydych yn gwybod",
    .words = "Unrhyw beth arall y dylai'r ystafell reoli ei wybod",
    .own_words = "Rhywbeth arall: rwy'n ei ysgrifennu isod",
    .send = "Anfon yr ateb",
    .thanks_title = "Mae eich ateb wedi'i gadw",
    .kept = "Gall yr ystafell reoli ei weld:",
    .again = "Ateb eto",
    .leave_title = "Atal yr e-byst hyn",
    .leave_what =
        "Anfonir rhybuddion i'r cyfeiriad e-bost hwn am fod eich sefydliad wedi gofyn amdanynt.",
    .leave_does =
        "Ar \xc3\xb4l hyn, nid anfonir rhybudd i'r cyfeiriad hwn mwyach, pa mor ddifrifol bynnag. "
        "Dywedir o hyd wrth bobl a ffonau eraill eich sefydliad.",
    .leave_button = "Atal e-byst i'r cyfeiriad hwn",
    .left_title = "Dim mwy o e-byst",
    .left = "Nid anfonir rhybudd i'r cyfeiriad hwn mwyach. Gall eich sefydliad newid hynny.",
    .unknown_title = "Nid yw'r ddolen hon yn hysbys",
    .unknown = "Efallai iddi gael ei thorri. Agorwch hi o'r e-bost eto, yn gyfan.",
    .over_title = "Mae'r ddolen hon ar ben",
    .over = "Mae'r rhybudd y mae'n perthyn iddo wedi dod i ben, neu nid eich cyfeiriad chi ydyw.",
    .not_now_title = "Nid nawr",
    .not_now = "Ni newidiwyd dim. Rhowch gynnig arall arni mewn munud.",
    .too_often_title = "Yn rhy aml",
    .too_often = "Gofynnwyd gormod o'r lle rydych chi. Rhowch gynnig arall arni mewn munud.",
};

const Words& words_of(PageLanguage language) {
  return language == PageLanguage::welsh ? kWelsh : kEnglish;
}

std::string html(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else {
      out += c;
    }
  }
  return out;
}

/// No script, no frame, nothing from anywhere but the style in it; forms go back to where they came
/// from.
const std::string& policy() {
  static const std::string text = "default-src 'none'; style-src 'sha256-" +
                                  engine::to_base64(engine::view(engine::trust::sha256(kStyle))) +
                                  "'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
  return text;
}

std::string paragraph(std::string_view text, std::string_view attributes = "") {
  return fmt::format("<p{}>{}</p>\n", attributes, html(text));
}

Response page(PageLanguage language, std::string_view title, const std::string& body) {
  const Words& words = words_of(language);
  const bool welsh = language == PageLanguage::welsh;
  Response response = text_response(
      "text/html; charset=utf-8",
      fmt::format("<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n"
                  "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                  "<meta name=\"robots\" content=\"noindex\">\n<title>{}</title>\n"
                  "<style>{}</style>\n</head>\n<body>\n<main>\n{}"
                  "<p><a href=\"?lang={}\" lang=\"{}\" hreflang=\"{}\">{}</a></p>\n"
                  "</main>\n</body>\n</html>\n",
                  words.tag, html(title), kStyle, body, welsh ? "en" : "cy", words.other_tag,
                  words.other_tag, words.other_name),
      kNoStore);
  response.fields.emplace_back("Content-Security-Policy", policy());
  response.fields.emplace_back("Referrer-Policy", "no-referrer");
  response.fields.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
  response.fields.emplace_back("Content-Language", words.tag);
  return response;
}

/// A headline with its own language around it, so that a screen reader reads it in that.
std::string titled(const Headline& headline) {
  if (headline.language.empty()) return html(headline.text);
  return fmt::format("<span lang=\"{}\">{}</span>", html(headline.language), html(headline.text));
}

std::string heading(std::string_view text) { return "<h1>" + html(text) + "</h1>\n"; }

std::string_view drill_word(Status status, const Words& words) {
  if (status == Status::actual) return "";
  return status == Status::exercise ? words.exercise_short : words.test_short;
}

/// In front of everything else on the page; nothing where it is real.
std::string drill_note(Status status, const Words& words) {
  if (status == Status::actual) return "";
  return paragraph(status == Status::exercise ? words.exercise : words.test, " class=\"note\"");
}

/// A drill's title never stands alone.
std::string drill_title(Status status, std::string_view title, const Words& words) {
  const auto word = drill_word(status, words);
  return word.empty() ? std::string(title) : fmt::format("{}: {}", word, title);
}

std::string choice(std::string_view value, std::string_view label) {
  return fmt::format(
      "<div class=\"one\"><input type=\"radio\" id=\"{0}\" name=\"answer\" value=\"{0}\" required>"
      "<label for=\"{0}\">{1}</label></div>\n",
      value, html(label));
}

}  // namespace

PageLanguage page_language(const Request& request) {
  const std::string* lang = value_of(request, "lang");
  return lang != nullptr && *lang == "cy" ? PageLanguage::welsh : PageLanguage::english;
}

Headline headline_in(const engine::cap::Alert& alert, PageLanguage language) {
  const auto primary = [](const engine::cap::Info& info) {
    std::string tag = info.language.substr(0, info.language.find('-'));
    for (char& c : tag) c = lower(c);
    return tag;
  };
  const auto first_in = [&](std::string_view wanted) {
    return std::find_if(alert.infos.begin(), alert.infos.end(),
                        [&](const auto& info) { return primary(info) == wanted; });
  };
  const std::string_view own = language == PageLanguage::welsh ? "cy" : "en";
  auto info = first_in(own);
  if (info == alert.infos.end()) info = first_in("en");
  if (info == alert.infos.end()) info = alert.infos.begin();
  if (info == alert.infos.end()) return {};
  constexpr std::size_t kHeadlineBytes = 200;
  Headline headline{
      engine::one_line(info->headline.empty() ? info->event : info->headline, kHeadlineBytes)};
  if (primary(*info) != own) headline.language = info->language;
  return headline;
}

Response ask_page(const AskPage& asked, PageLanguage language) {
  const Words& words = words_of(language);
  std::string body = drill_note(asked.status, words);
  if (asked.incomplete) {
    body += paragraph(words.incomplete, " class=\"note\" role=\"alert\" id=\"fault\"");
  }
  const auto word = drill_word(asked.status, words);
  body += "<h1>" + (word.empty() ? "" : html(word) + ": ") +
          (asked.title.text.empty() ? html(words.answer_title) : titled(asked.title)) + "</h1>\n";
  if (asked.ended) body += paragraph(words.ended, " class=\"note\"");
  body += paragraph(words.about);
  body += paragraph(words.emergency);
  body += fmt::format("<form method=\"post\">\n<fieldset{}>\n<legend>{}</legend>\n",
                      asked.incomplete ? " aria-describedby=\"fault\"" : "", html(words.how));
  body += choice("safe", words.safe);
  body += choice("help", words.help);
  body += choice("shelter", words.shelter);
  body += choice("words", words.own_words);
  body += fmt::format(
      "</fieldset>\n<p><label for=\"places\">{}</label><br>\n<input type=\"text\" id=\"places\" "
      "name=\"places\" inputmode=\"numeric\" pattern=\"[0-9]*\" maxlength=\"4\" size=\"5\" "
      "autocomplete=\"off\"></p>\n",
      html(words.places));
  body += fmt::format(
      "<p><label for=\"more\">{}</label><br>\n<textarea id=\"more\" name=\"words\" rows=\"4\" "
      "maxlength=\"{}\"></textarea></p>\n<p><button type=\"submit\">{}</button></p>\n</form>\n",
      html(words.words), engine::kAnswerWordsBytes, html(words.send));
  Response response = page(language, drill_title(asked.status, words.answer_title, words), body);
  if (asked.incomplete) response.status = 400;
  return response;
}

Response thanks_page(const Answer& answer, Status status, PageLanguage language) {
  const Words& words = words_of(language);
  std::string said;
  switch (answer.kind) {
    case Answer::Kind::safe:
      said = words.safe;
      break;
    case Answer::Kind::need_help:
      said = words.help;
      break;
    case Answer::Kind::can_shelter:
      said = words.shelter;
      if (answer.places > 0) said += ": " + std::to_string(answer.places);
      break;
    case Answer::Kind::words:
      break;
  }
  std::string body =
      drill_note(status, words) + heading(words.thanks_title) + paragraph(words.kept);
  if (!said.empty()) body += paragraph(said, " class=\"note\"");
  if (!answer.words.empty()) body += paragraph(answer.words, " class=\"note\" lang=\"\"");
  body += paragraph(words.emergency);
  const bool welsh = language == PageLanguage::welsh;
  body +=
      fmt::format("<p><a href=\"?lang={}\">{}</a></p>\n", welsh ? "cy" : "en", html(words.again));
  return page(language, drill_title(status, words.thanks_title, words), body);
}

Response leave_page(PageLanguage language) {
  const Words& words = words_of(language);
  return page(language, words.leave_title,
              heading(words.leave_title) + paragraph(words.leave_what) +
                  paragraph(words.leave_does) +
                  "<form method=\"post\">\n<input type=\"hidden\" name=\"List-Unsubscribe\" "
                  "value=\"One-Click\">\n<p><button type=\"submit\">" +
                  html(words.leave_button) + "</button></p>\n</form>\n");
}

Response left_page(PageLanguage language) {
  const Words& words = words_of(language);
  return page(language, words.left_title, heading(words.left_title) + paragraph(words.left));
}

Response no_page(NoPage why, PageLanguage language) {
  const Words& words = words_of(language);
  const auto say = [&](std::string_view title, std::string_view text, engine::Code code) {
    Response response = page(language, title, heading(title) + paragraph(text));
    response.status = engine::http_status(code);
    response.refused = code;
    return response;
  };
  switch (why) {
    case NoPage::unknown:
      return say(words.unknown_title, words.unknown, engine::Code::not_found);
    case NoPage::over:
      return say(words.over_title, words.over, engine::Code::not_found);
    case NoPage::not_now: {
      Response response = say(words.not_now_title, words.not_now, engine::Code::log_unavailable);
      response.fields.emplace_back("Retry-After", "60");
      return response;
    }
    case NoPage::too_often:
      break;
  }
  Response response = say(words.too_often_title, words.too_often, engine::Code::too_many);
  response.fields.emplace_back("Retry-After", "60");
  return response;
}

}  // namespace connectors::web
