// tocsin alert list, tocsin alert show.
#include <fmt/format.h>

#include <unistd.h>

#include "engine/position.hpp"
#include "ops/cli/commands.hpp"
#include "ops/cli/engine_link.hpp"
#include "ops/cli/fetching.hpp"
#include "ops/cli/reading.hpp"
#include "ops/cli/telling.hpp"
#include "ops/cli/visible.hpp"
#include "ops/cli/words.hpp"

namespace ops::cli {

namespace cap = engine::cap;

namespace {

constexpr std::uint64_t kPage = 100;
// In a row; the engine looks at 20,000 alerts for each of them.
constexpr int kEmptyPagesMax = 1000;

/// Every status unless the person chose: whoever sent a Test looks for it here.
Filters with_statuses(Filters filters) {
  if (filters.statuses.empty()) filters.statuses = {"Actual", "Exercise", "Test"};
  return filters;
}

std::string target_of(const AlertList& options, const std::string& after, std::uint64_t limit) {
  return fmt::format("/v1/alerts?limit={}{}{}{}", limit,
                     after.empty() ? "" : "&after=" + query_value(after),
                     options.which == AlertList::Which::active ? "&active=1" : "",
                     query_of(with_statuses(options.filters)));
}

struct Listing {
  Exit exit = Exit::done;
  std::uint64_t shown = 0;
};

void show_page(Session& session, std::string_view body, const Trusted& trusted, Form form,
               Listing& listing) {
  while (!body.empty()) {
    const auto end = body.find('\n');
    const std::string_view line = body.substr(0, end);
    body.remove_prefix(end == std::string_view::npos ? body.size() : end + 1);
    if (line.empty()) continue;
    if (show_item(session, line, trusted, form) != Exit::done) listing.exit = Exit::bad_signature;
    ++listing.shown;
  }
}

Trouble no_list(std::string what) {
  return trouble(Exit::unreachable, std::move(what),
                 "is this address a Tocsin engine? See --server");
}

/// Whether a list that came to `after` may go on from `next`: further in the same log.
bool goes_on(const std::string& after, const engine::Position& next) {
  const auto last = engine::Position::parse(after);
  if (!last) return true;
  return next.epoch == last->epoch && next.sequence > last->sequence;
}

/// Shows page after page. Its position says where the next one begins, and that is the engine's
/// word: it has to be one, to move forward, and to come to an end.
Outcome<Listing> show_all(Session& session, const AlertList& options, const Trusted& trusted) {
  Listing listing;
  std::string after = options.after;
  int empty_pages = 0;
  while (!session.terminal->closed()) {
    std::uint64_t page = kPage;
    if (options.limit) page = std::min(page, *options.limit - listing.shown);
    if (page == 0) break;
    Request request;
    request.target = target_of(options, after, page);
    request.accept = "application/x-ndjson";
    const auto response = ask(session, request);
    if (!response) return response.error();
    const auto position = engine::Position::parse(response->position);
    if (!position) return no_list("the answer is not an engine's: it does not say where it stands");
    const std::uint64_t shown = listing.shown;
    show_page(session, response->body, trusted, options.form, listing);
    if (response->position == after) break;
    empty_pages = listing.shown > shown ? 0 : empty_pages + 1;
    if (empty_pages > kEmptyPagesMax || !goes_on(after, *position)) {
      return no_list("the answer is not an engine's: the list comes to no end");
    }
    after = response->position;
  }
  return listing;
}

}  // namespace

Outcome<Exit> alert_list(Session& session, const AlertList& options) {
  const auto trusted = trust_for_reading(session);
  if (!trusted) return trusted.error();
  const auto all = show_all(session, options, *trusted);
  if (!all) return all.error();
  const Listing& listing = *all;
  if (listing.shown == 0) {
    // No alert says whose list this is: the engine has to, before nothing is taken for all clear.
    const auto* given = session.trust_file.empty() ? nullptr : trusted->before_revocations.get();
    if (given != nullptr) {
      if (auto held = trust_held_to(session, given); !held) return held.error();
    }
    session.terminal->say(options.which == AlertList::Which::active ? "Nothing is active."
                                                                    : "There is nothing to list.");
  }
  return listing.exit;
}

namespace {

void show_words(Session& session, const Bulletins::Item& item, const Verified& verified,
                Trusted::Source source) {
  Terminal& terminal = *session.terminal;
  const cap::Alert& alert = verified.alert;
  std::string text = fmt::format(
      "{} on system {}\n", terminal.out_ink(status_ink(alert.status), status_word(alert.status)),
      visible(system_of(alert)));
  text += fmt::format("{:<13}{}, admitted {}\n{:<13}{}\n", "sequence", item.sequence,
                      item.admitted ? engine::format_time(*item.admitted) : "?", "id", item.id);
  text += fmt::format("{:<13}{} ({})\n", "signed by", names_text(verified.signers),
                      verified_word(source));
  tell(terminal, text);
  terminal.out(alert.msg_type == cap::MsgType::cancel
                   ? cancel_words(alert, terminal.columns())
                   : full_words(alert, session.now(), terminal.columns()));
  for (const auto& remark : verified.remarks) terminal.warn(remark);
}

}  // namespace

Outcome<Exit> alert_show(Session& session, const AlertShow& options) {
  if (options.what == AlertShow::What::failed) return alert_failed(session, options);
  if (options.what == AlertShow::What::answers) return alert_answers(session, options);
  if (options.form == Form::csv || !options.data.empty()) {
    return trouble(Exit::usage, "--csv and --data are for the lists of --failed and --answers",
                   "give one of these with them");
  }
  if (const auto named = alert_path(options.alert); !named) return named.error();
  const auto trusted = trust_for_reading(session);
  if (!trusted) return trusted.error();
  const auto found = fetch(session, options.alert);
  if (!found) return found.error();
  const auto& item = found->item;
  if (options.form == Form::json) return show_item(session, found->line, *trusted, Form::json);
  const auto verified = verify_item(item, *trusted->document);
  if (!verified) {
    Trouble no = verified.error();
    no.what = fmt::format("alert {} does not verify and is not shown: {}", visible(options.alert),
                          no.what);
    return no;
  }
  if (auto asked = is_asked_for(*verified, options.alert); !asked) return asked.error();
  if (options.form == Form::text) {
    show_words(session, item, *verified, trusted->source);
    return Exit::done;
  }
  session.terminal->say(fmt::format("Signed by {} ({}).", names_text(verified->signers),
                                    verified_word(trusted->source)));
  session.terminal->out_bytes(item.envelope.payload);
  return Exit::done;
}

}  // namespace ops::cli
