// Whom an alert has reached: counts, once or as a stream of them.
#include <fmt/format.h>

#include "connectors/web/answers.hpp"
#include "connectors/web/api.hpp"
#include "connectors/web/event_stream.hpp"
#include "connectors/web/reach_limits.hpp"
#include "connectors/web/reach_stream.hpp"

namespace connectors::web {

using engine::Code;
using engine::Member;
using engine::Record;
using engine::Refusal;
using engine::Result;
using engine::Sequence;

namespace {

std::string counts_json(const engine::ReachCount& count) {
  return fmt::format(R"({{"connected":{},"displayed":{},"acknowledged":{},"answered":{}}})",
                     count.connected, count.displayed, count.acknowledged, count.answered);
}

}  // namespace

bool watches_reach(const Request& request) {
  std::string allowed;
  if (request.method != "GET" || !request.accepts("text/event-stream")) return false;
  const Route* route = find_route(request.method, request.path, allowed);
  return route != nullptr && route->to == Route::To::reach;
}

void Api::reach(const Asked& asked) const {
  const auto member = caller(asked.request);
  if (const auto* refusal = std::get_if<Refusal>(&member)) return asked.answer(refuse(*refusal));
  const bool streams = asked.request.accepts("text/event-stream");
  const bool watches = watches_reach(asked.request);
  auto count = [this, streams, watches, member = std::get<Member>(member),
                answer = asked.answer](Found found) {
    if (const auto* refusal = std::get_if<Refusal>(&found)) return answer(refuse(*refusal));
    const Sequence sequence = std::get<Record>(found).sequence;
    if (watches) return answer(begin_watching(sequence, member));
    if (streams) return answer(event_stream_response());  // HEAD
    reach_of(sequence, [this, answer](Result<std::string> counts) {
      if (!counts) return answer(refuse(Code::log_unavailable, counts.error().what));
      Response response = text_response(kJson, *std::move(counts), kNoStore);
      response.fields.emplace_back("Vary", kVaryReach);
      answer(std::move(response));
    });
  };
  find_alert(asked.name, std::get<Member>(member), std::move(count));
}

Response Api::begin_watching(Sequence sequence, const Member& member) const {
  const std::size_t most = member.signed_in() ? limits::kReachWatchers : limits::kReachStrangers;
  if (reach_watchers_->fetch_add(1) >= most) {
    reach_watchers_->fetch_sub(1);
    Refusal full = refusal_of(Code::too_many,
                              "As many watch counts as this engine lets; ask without Accept: "
                              "text/event-stream, or try again.");
    full.retry_after_s = 10;
    return refuse(full);
  }
  auto watch = std::make_shared<ReachWatch>();
  watch->sequence = sequence;
  watch->member = member;
  watch->place = Place([watchers = reach_watchers_] { watchers->fetch_sub(1); });
  Response response = event_stream_response();
  response.fields.emplace_back("Vary", kVaryReach);
  response.watch = std::move(watch);
  return response;
}

void Api::reach_of(Sequence sequence, engine::Done<Result<std::string>> done) const {
  const auto shared = std::make_shared<engine::Done<Result<std::string>>>(std::move(done));
  engine_.receipts().reach(sequence, [this, sequence, shared](Result<engine::ReachCounts> counts) {
    if (!counts) return (*shared)(counts.error());
    reach_board_->ask(
        sequence, [sequence, counts = *counts, shared](Result<ReachBoard::Text> text) {
          if (!text) return (*shared)(text.error());
          (*shared)(fmt::format(R"({{"seq":{},"organisations":{},"anonymous":{},{}}})",
                                number(sequence), counts_json(counts.organisations),
                                counts_json(counts.anonymous), **text));
        });
  });
}

}  // namespace connectors::web
