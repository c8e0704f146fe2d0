#include "connectors/web/routes.hpp"

#include <algorithm>

#include "connectors/dashboard/page_files.hpp"
#include "connectors/web/answers.hpp"
#include "engine/limits.hpp"

namespace connectors::web {

namespace limits = engine::limits;

namespace {

using To = Route::To;
constexpr auto kEveryone = Route::For::everyone;
constexpr auto kOperators = Route::For::operators;

constexpr Route kRoutes[] = {
    {"GET", "/v1/alerts", To::list_alerts, kEveryone, "Alerts of the log, oldest first",
     Route::Answer::list},
    {"POST", "/v1/alerts", To::post_alert, kEveryone, "Take in a signed alert, or try it"},
    {"GET", "/v1/alerts/{alert}", To::get_alert, kEveryone,
     "One alert: the object, its signed bytes, or a rendition"},
    {"GET", "/v1/alerts/{alert}/reach", To::reach, kEveryone, "Whom an alert has reached so far"},
    {"POST", "/v1/receipts", To::post_receipts, kEveryone,
     "Say that alerts were shown or answered"},
    {"GET", "/v1/stream", To::stream, kEveryone, "Alerts as they come"},
    {"GET", "/v1/feed.atom", To::feed, kEveryone, "Active alerts as an Atom feed",
     Route::Answer::list},
    {"GET", "/v1/session", To::get_session, kEveryone, "Who is signed in"},
    {"POST", "/v1/session", To::post_session, kEveryone, "Sign a browser in"},
    {"DELETE", "/v1/session", To::delete_session, kEveryone, "Sign a browser out"},
    {"GET", "/v1/organisation", To::get_organisation, kEveryone,
     "What is kept of the organisation that is signed in"},
    {"PUT", "/v1/organisation", To::put_organisation, kEveryone,
     "Change where it is, whom to reach, what it hears of"},
    {"DELETE", "/v1/organisation", To::delete_organisation, kEveryone,
     "Leave: everything of it is erased"},
    {"POST", "/v1/organisation/codes", To::post_code, kEveryone,
     "Have a code sent to a telephone or an e-mail address"},
    {"POST", "/v1/organisation/confirmations", To::post_confirmation, kEveryone,
     "Confirm that address by the code"},
    {"GET", "/answer/{code}", To::get_answer, kEveryone,
     "The page behind an e-mail's link, to answer an alert on"},
    {"POST", "/answer/{code}", To::post_answer, kEveryone, "Answer an alert"},
    {"GET", "/unsubscribe/{code}", To::get_leaving, kEveryone,
     "The page on which e-mails to one address are stopped"},
    {"POST", "/unsubscribe/{code}", To::post_leaving, kEveryone,
     "Stop e-mails to one address (RFC 8058)"},
    {"GET", "/v1/trust", To::trust, kEveryone, "The trust document, as it was signed"},
    {"GET", "/v1/trust/revocations", To::revocations, kEveryone,
     "Revocations, one envelope a line"},
    {"POST", "/v1/trust", To::post_trust, kEveryone, "A newer trust document, or a revocation"},
    {"GET", "/livez", To::livez, kOperators, "Whether the process answers"},
    {"GET", "/readyz", To::readyz, kOperators, "Whether alerts are taken in, and every worry"},
    {"GET", "/metrics", To::metrics, kOperators, "Numbers for Prometheus"},
    {"GET", "/v1/openapi.json", To::openapi, kEveryone, "This description"},
    {"GET", "/", To::page, kEveryone, "The page"},
};

/// Whether `path` is that of `route`; the page stands for all of its files.
bool leads(const Route& route, std::string_view path) {
  if (route.to == To::page) return dashboard::page_file(path) != nullptr;
  return match(route, path).hit;
}

}  // namespace

std::span<const Route> routes() { return kRoutes; }

PathMatch match(const Route& route, std::string_view path) {
  const std::string_view pattern = route.path;
  const auto open = pattern.find('{');
  if (open == std::string_view::npos) return {pattern == path, {}};
  const std::string_view before = pattern.substr(0, open);
  const std::string_view after = pattern.substr(pattern.find('}') + 1);
  if (path.size() <= before.size() + after.size() || !path.starts_with(before) ||
      !path.ends_with(after)) {
    return {};
  }
  path.remove_prefix(before.size());
  path.remove_suffix(after.size());
  if (path.find('/') != std::string_view::npos) return {};
  return {true, path};
}

const Route* find_route(std::string_view method, std::string_view path, std::string& allowed) {
  const auto allow = [&allowed](std::string_view name) {
    if (!allowed.empty()) allowed += ", ";
    allowed += name;
  };
  for (const Route& route : kRoutes) {
    if (!leads(route, path)) continue;
    const bool head = route.method == "GET";
    if (method == route.method || (head && method == "HEAD")) return &route;
    allow(route.method);
    if (head) allow("HEAD");
  }
  return nullptr;
}

namespace {
const Route* route_of(const Request& request) {
  std::string allowed;
  return find_route(request.method, request.path, allowed);
}
}  // namespace

bool is_stream(const Request& request) {
  const Route* route = route_of(request);
  return route != nullptr && route->to == To::stream && request.method == "GET";
}

std::size_t answer_bytes_max(const Request& request) {
  const Route* route = route_of(request);
  if (route == nullptr || route->answer != Route::Answer::list) return 0;
  constexpr std::size_t kLargest = 2 * limits::kBodyBytes;  // of one alert
  std::size_t most = limits::kListMax;
  if (route->to == To::list_alerts) {
    const std::string* limit = value_of(request, "limit");
    if (limit != nullptr) most = std::min(whole_number(*limit).value_or(most), most);
  }
  // A list is full once it has kListBytes; the alert that fills it may be a large one.
  return std::min(most * kLargest, limits::kListBytes + kLargest);
}

}  // namespace connectors::web
