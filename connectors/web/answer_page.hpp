#pragma once
// The pages behind an e-mail's links, in English or Welsh: HTML without script, that a screen
// reader reads and a keyboard fills in. Pure; any thread.
#include <string>
#include <string_view>

#include "connectors/web/http_message.hpp"
#include "engine/answer.hpp"
#include "engine/cap/alert.hpp"

namespace connectors::web {

enum class PageLanguage { english, welsh };

/// `lang=cy` in the query is Welsh, anything else English.
PageLanguage page_language(const Request& request);

/// An alert's headline as a page shows it, and the language that it is in where that is another
/// one than the page's.
struct Headline {
  std::string text;
  std::string language = {};
};
/// Of its first info in the page's language; where there is none of the first one in English, else
/// of the first. As much of it as the outbox keeps.
Headline headline_in(const engine::cap::Alert& alert, PageLanguage language);

/// Where one may say how one is. `title` is the alert's; `ended`: another has taken its place. What
/// is not Actual says so first, as everywhere.
struct AskPage {
  Headline title;
  engine::cap::Status status = engine::cap::Status::actual;
  bool ended = false;
  bool incomplete = false;  // what was sent says nothing: it is asked again
};
Response ask_page(const AskPage& page, PageLanguage language);
/// What was said of an alert of that status is kept.
Response thanks_page(const engine::Answer& answer, engine::cap::Status status,
                     PageLanguage language);
/// Where one may say that one wants no more messages, and that this was done.
Response leave_page(PageLanguage language);
Response left_page(PageLanguage language);

/// Why there is no page: of these the link is wrong or over, the others pass.
enum class NoPage { unknown, over, not_now, too_often };
Response no_page(NoPage why, PageLanguage language);

}  // namespace connectors::web
