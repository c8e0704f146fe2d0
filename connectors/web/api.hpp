#pragma once
// What is asked over HTTP and what is answered (schemas/http.md). routes.cpp has the table,
// api.cpp finds the way, and a file a subject has the handlers. Holds no connection; any thread.
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "connectors/web/address_rate.hpp"
#include "connectors/web/answer_page.hpp"
#include "connectors/web/answer_parts.hpp"
#include "connectors/web/clerk.hpp"
#include "connectors/web/http_message.hpp"
#include "connectors/web/own_parts.hpp"
#include "connectors/web/reach_board.hpp"
#include "connectors/web/routes.hpp"
#include "connectors/web/socket_lease.hpp"
#include "engine/engine.hpp"
#include "engine/links.hpp"
#include "engine/subscriber.hpp"

namespace connectors::web {

/// A stream that may begin: its kind, the head of the answer, what it is to carry and from where.
struct AcceptedStream {
  enum class Kind : std::uint8_t { websocket, events } kind;
  Response head;
  engine::Filter filter;
  engine::Start start;
};
struct Refused {
  engine::Refusal refusal;
  Response response;
};

/// Where a request came from.
struct Peer {
  Door door = Door::front;
  bool loopback = false;
  std::string address;  // what limits per address count by
};

class Briefs;
struct OwnAddress;

class Api {
 public:
  /// `streams_max`: how many streams may be open at once. The clerk and the outbox outlive the last
  /// answer; `outbox`: null where nobody is told who is not connected.
  Api(engine::Engine& engine, Clerk& clerk, std::size_t streams_max, OwnParts own = {},
      engine::Outbox* outbox = nullptr, AnswerParts answers = {});

  using Answer = std::function<void(Response)>;

  /// Answers every request but a stream's; `answer` runs once, on this thread or another.
  void handle(const Request& request, std::string_view body, const Peer& peer, Answer answer) const;

  std::variant<AcceptedStream, Refused> accept_stream(const Request& request) const;

  /// Whether so many receipts more are taken from there, which then counts them: those of anonymous
  /// readers are bounded by address, whatever road they come.
  bool may_report(const engine::Member& member, const Peer& peer, std::size_t receipts) const;

  /// The counts of an alert, which whoever asks may read: one JSON object. `done` runs once, on any
  /// thread.
  void reach_of(engine::Sequence sequence, engine::Done<engine::Result<std::string>> done) const;

 private:
  Response stream_head(const Request& request) const;
  std::variant<AcceptedStream, engine::Refusal> open_stream(const Request& request,
                                                            AcceptedStream::Kind kind) const;

  /// One request on its way. Views hold until the handler returns.
  struct Asked {
    const Request& request;
    std::string_view name;  // what stands at the path's `{name}`
    std::string_view body;
    const Peer& peer;
    const Answer& answer;
  };
  void dispatch(Route::To to, const Asked& asked) const;

  // api_alerts.cpp
  void post_alert(const Asked& asked) const;
  void dry_run_alert(const Asked& asked) const;
  engine::DryRun with_forecast(engine::DryRun dry_run) const;
  void list_alerts(const Asked& asked) const;
  // api_alert.cpp
  void get_alert(const Asked& asked) const;
  /// The alert of that name, where the caller may read it; else the refusal.
  using Found = std::variant<engine::Record, engine::Refusal>;
  void find_alert(std::string_view name, const engine::Member& member,
                  std::function<void(Found)> done) const;
  // api_reach.cpp
  void reach(const Asked& asked) const;
  Response begin_watching(engine::Sequence sequence, const engine::Member& member) const;
  // api_feed.cpp
  void feed(const Asked& asked) const;
  // api_receipts.cpp
  void post_receipts(const Asked& asked) const;
  // api_session.cpp
  void post_session(const Asked& asked) const;
  void get_session(const Asked& asked) const;
  void delete_session(const Asked& asked) const;
  void accept_invitation(std::string invitation, const Asked& asked) const;
  Response wrong_secret(const Peer& peer, std::string detail) const;
  // api_organisation.cpp
  void get_organisation(const Asked& asked) const;
  void put_organisation(const Asked& asked) const;
  void delete_organisation(const Asked& asked) const;
  void post_code(const Asked& asked) const;
  void post_confirmation(const Asked& asked) const;
  /// Who asks about itself, which is counted; the refusal where nobody may.
  std::variant<engine::Member, engine::Refusal> own_caller(const Asked& asked) const;
  Response own_profile(const std::string& organisation, std::string_view if_none_match = "") const;
  void put_own(const std::string& key, engine::OwnWords own, const std::string& if_match,
               const Answer& answer) const;
  Response own_failure(const engine::Failure& failure) const;
  Response own_unwritten(const engine::Failure& failure) const;
  Response not_erased(const std::string& organisation, const engine::Failure& failure) const;
  Response unreadable() const;
  Response too_many_codes(std::string detail, engine::Duration wait) const;
  void send_code(const std::string& key, const OwnAddress& to, const Answer& answer) const;
  // api_answers.cpp
  void get_answer(const Asked& asked) const;
  void post_answer(const Asked& asked) const;
  void get_leaving(const Asked& asked) const;
  void post_leaving(const Asked& asked) const;
  /// How what a link opened is answered, and how it is refused, which is counted.
  struct LinkAnswer {
    Answer say;
    std::function<Response(NoPage)> refuse;
  };
  using Opened = std::function<void(const engine::DeliveryFound&, const LinkAnswer&)>;
  void with_link(engine::LinkFor purpose, const Asked& asked, Opened opened) const;
  void with_alert(const engine::DeliveryFound& found, PageLanguage language,
                  const LinkAnswer& answer, std::function<void(AskPage)> then) const;
  void for_contact(const engine::DeliveryFound& found, const LinkAnswer& answer,
                   std::function<void()> then) const;
  /// How it is told that an answer is kept, or is not.
  struct AnswerKept {
    LinkAnswer answer;
    engine::cap::Status status;
    PageLanguage language;
  };
  void keep_answer(const engine::DeliveryFound& found, const engine::Answer& said,
                   const AnswerKept& kept) const;
  // api_trust.cpp
  Response revocations() const;
  Response trust(const Request& request) const;
  void post_trust(const Asked& asked) const;
  Response offer_trust(const std::string& file) const;
  // api_status.cpp
  Response livez() const;
  Response readyz() const;
  Response metrics() const;
  Response openapi(const Request& request) const;
  Response page(const Request& request) const;

  /// The answer of a refusal, which it counts.
  Response refuse(engine::Code code, std::string detail) const;
  Response refuse(const engine::Refusal& refusal) const;

  /// Who asks; `unauthenticated` where the request carries what signs nobody in.
  std::variant<engine::Member, engine::Refusal> caller(const Request& request) const;
  /// Has the clerk do it; where that is too much, says so to whoever asked.
  void hand_to_clerk(Clerk::Work work, const Answer& answer) const;

  std::size_t streams() const;

  engine::Engine& engine_;
  Clerk& clerk_;
  engine::Outbox* const outbox_;
  const std::size_t streams_max_;
  const std::shared_ptr<Briefs> briefs_;  // of the log's reader thread
  const OwnParts own_;
  const AnswerParts answers_;
  const std::shared_ptr<ReachBoard> reach_board_;
  const std::shared_ptr<std::atomic<std::size_t>> reach_watchers_;  // who may outlive this
  mutable AddressRate guesses_, receipts_, trust_offers_, links_;
  // By organisation; by what a code is sent to; all codes together.
  mutable AddressRate own_asked_, codes_to_, codes_of_all_;
  mutable std::atomic<std::size_t> trust_waiting_{0};
};

/// So that the browser forgets who it was signed in as.
void take_cookies_away(Response& response);

/// Whether what is asked for is a stream of an alert's counts.
bool watches_reach(const Request& request);

/// `after`: a position, `0` for the beginning, `active`. Nothing where it is none of these.
std::optional<engine::Start> parse_start(std::string_view after);

}  // namespace connectors::web
