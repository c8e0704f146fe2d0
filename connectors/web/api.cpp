#include "connectors/web/api.hpp"

#include <fmt/format.h>

#include "connectors/web/answers.hpp"
#include "connectors/web/caller.hpp"
#include "connectors/web/feed.hpp"
#include "engine/directory/limits.hpp"
#include "engine/limits.hpp"

namespace connectors::web {

namespace limits = engine::limits;
using engine::Code;

Api::Api(engine::Engine& engine, Clerk& clerk, std::size_t streams_max, OwnParts own,
         engine::Outbox* outbox, AnswerParts answers)
    : engine_(engine),
      clerk_(clerk),
      outbox_(outbox),
      streams_max_(streams_max),
      briefs_(std::make_shared<Briefs>()),
      own_(std::move(own)),
      answers_(std::move(answers)),
      reach_board_(std::make_shared<ReachBoard>(outbox, engine.places(), engine.clock())),
      reach_watchers_(std::make_shared<std::atomic<std::size_t>>(0)),
      guesses_(limits::kGuessesAtOnce, limits::kGuessEvery),
      receipts_(limits::kReceiptsAtOnce, limits::kReceiptEvery),
      trust_offers_(limits::kTrustAtOnce, limits::kTrustEvery),
      links_(limits::kLinksAtOnce, limits::kLinkEvery),
      own_asked_(limits::kOwnAtOnce, limits::kOwnEvery),
      codes_to_(limits::kCodesToOne, limits::kCodeToOneEvery),
      codes_of_all_(limits::kCodesOfAll, limits::kCodeOfAllEvery) {}

void Api::handle(const Request& request, std::string_view body, const Peer& peer,
                 Answer answer) const {
  std::string allowed;
  const Route* route = find_route(request.method, request.path, allowed);
  if (route == nullptr && allowed.empty()) {
    return answer(refuse(Code::not_found, "There is nothing at this path."));
  }
  if (route == nullptr) {
    Response response = refuse(Code::method_not_allowed, fmt::format("Here one may {}.", allowed));
    response.fields.emplace_back("Allow", allowed);
    return answer(std::move(response));
  }
  if (route->audience == Route::For::operators && !peer.loopback && peer.door != Door::admin) {
    return answer(refuse(Code::forbidden, "Ask from the machine itself, or on admin.listen."));
  }
  dispatch(route->to, {request, match(*route, request.path).name, body, peer, answer});
}

void Api::dispatch(Route::To to, const Asked& asked) const {
  switch (to) {
    case Route::To::list_alerts:
      return list_alerts(asked);
    case Route::To::post_alert:
      return post_alert(asked);
    case Route::To::get_alert:
      return get_alert(asked);
    case Route::To::reach:
      return reach(asked);
    case Route::To::feed:
      return feed(asked);
    case Route::To::post_receipts:
      return post_receipts(asked);
    case Route::To::get_session:
      return get_session(asked);
    case Route::To::post_session:
      return post_session(asked);
    case Route::To::delete_session:
      return delete_session(asked);
    case Route::To::get_organisation:
      return get_organisation(asked);
    case Route::To::put_organisation:
      return put_organisation(asked);
    case Route::To::delete_organisation:
      return delete_organisation(asked);
    case Route::To::post_code:
      return post_code(asked);
    case Route::To::post_confirmation:
      return post_confirmation(asked);
    case Route::To::get_answer:
      return get_answer(asked);
    case Route::To::post_answer:
      return post_answer(asked);
    case Route::To::get_leaving:
      return get_leaving(asked);
    case Route::To::post_leaving:
      return post_leaving(asked);
    case Route::To::stream:
      return asked.answer(stream_head(asked.request));
    case Route::To::trust:
      return asked.answer(trust(asked.request));
    case Route::To::post_trust:
      return post_trust(asked);
    case Route::To::revocations:
      return asked.answer(revocations());
    case Route::To::livez:
      return asked.answer(livez());
    case Route::To::readyz:
      return asked.answer(readyz());
    case Route::To::metrics:
      return asked.answer(metrics());
    case Route::To::openapi:
      return asked.answer(openapi(asked.request));
    case Route::To::page:
      return asked.answer(page(asked.request));
  }
}

std::variant<engine::Member, engine::Refusal> Api::caller(const Request& request) const {
  return caller_of(request, engine_.directory());
}

void Api::hand_to_clerk(Clerk::Work work, const Answer& answer) const {
  if (clerk_.take(std::move(work))) return;
  engine::Refusal refusal =
      refusal_of(Code::too_many, "Too many such requests are on their way; try again.");
  refusal.retry_after_s = 1;
  answer(refuse(refusal));
}

Response Api::refuse(Code code, std::string detail) const {
  return refuse(refusal_of(code, std::move(detail)));
}

Response Api::refuse(const engine::Refusal& refusal) const {
  engine::count_refusal(engine_.metrics(), refusal);
  return problem(refusal);
}

}  // namespace connectors::web
