// Alerts in, and listed: POST and GET /v1/alerts.
#include <fmt/format.h>

#include "connectors/web/answers.hpp"
#include "connectors/web/api.hpp"
#include "connectors/web/listing.hpp"
#include "engine/admitted.hpp"
#include "engine/limits.hpp"

namespace connectors::web {

namespace limits = engine::limits;
using engine::Code;
using engine::Position;
using engine::Refusal;
using engine::Sequence;

void Api::post_alert(const Asked& asked) const {
  const Answer& answer = asked.answer;
  if (const auto wrong = wrong_parameter(asked.request, {"dry_run"}, Filters::unknown)) {
    return answer(refuse(Code::bad_query, *wrong + " Nothing was sent."));
  }
  if (const std::string* dry_run = value_of(asked.request, "dry_run")) {
    if (*dry_run == "1") return dry_run_alert(asked);
    return answer(refuse(Code::bad_query, "dry_run is 1 or absent. Nothing was sent."));
  }
  engine_.ingest(asked.body, [this, answer](engine::AppendAnswer outcome) {
    if (const auto* refusal = std::get_if<Refusal>(&outcome)) return answer(problem(*refusal));
    const auto& appended = std::get<engine::Appended>(outcome);
    Response response =
        text_response(kJson, engine::admitted_json(appended, engine_.log().epoch()), kNoStore);
    response.status = appended.repeat ? 200 : 201;
    response.fields.emplace_back("Location",
                                 fmt::format("/v1/alerts/{}", number(appended.sequence)));
    answer(std::move(response));
  });
}

void Api::dry_run_alert(const Asked& asked) const {
  engine_.dry_run(asked.body, [this, answer = asked.answer](engine::DryRunAnswer outcome) {
    if (const auto* refusal = std::get_if<Refusal>(&outcome)) return answer(problem(*refusal));
    // Contacts are read from the disk, for which no shard waits.
    hand_to_clerk(
        [this, answer, dry_run = std::get<engine::DryRun>(std::move(outcome))] {
          answer(text_response(kJson,
                               engine::dry_run_json(with_forecast(dry_run), engine_.log().epoch()),
                               kNoStore));
        },
        answer);
  });
}

/// And of those who are not connected, where somebody would be looked for: of what is in the log
/// already nobody is told again.
engine::DryRun Api::with_forecast(engine::DryRun dry_run) const {
  if (dry_run.repeat) return dry_run;
  std::array<bool, engine::kWays> ways{};
  for (std::size_t way = 0; way < engine::kWays; ++way) {
    ways[way] = outbox_ != nullptr && outbox_->tells_by(static_cast<engine::Way>(way));
  }
  dry_run.concerned =
      engine::forecast(engine_.directory(), *dry_run.bulletin, ways, engine_.clock().now());
  return dry_run;
}

void Api::list_alerts(const Asked& asked) const {
  const Request& request = asked.request;
  const Answer& answer = asked.answer;
  if (const auto wrong = wrong_parameter(request, {"after", "limit", "active"})) {
    return answer(refuse(Code::bad_query, *wrong));
  }
  ListingQuery query;
  query.limit = limits::kListDefault;
  if (const std::string* after = value_of(request, "after")) {
    const auto start = parse_start(*after);
    const auto* position = start ? std::get_if<Position>(&*start) : nullptr;
    if (position == nullptr) return answer(refuse(Code::bad_query, "after is 0 or EPOCH:SEQ."));
    const bool known = position->epoch.empty() || (position->epoch == engine_.log().epoch() &&
                                                   position->sequence <= engine_.log().head());
    if (!known) {
      return answer(
          refuse(Code::not_found,
                 fmt::format("This log has no position {}; its epoch is {} and its head "
                             "{}. Begin again with after=0.",
                             *after, engine_.log().epoch(), number(engine_.log().head()))));
    }
    query.after = position->sequence;
  }
  if (const std::string* limit = value_of(request, "limit")) {
    const auto value = whole_number(*limit);
    if (!value || *value == 0 || *value > limits::kListMax) {
      return answer(refuse(Code::bad_query, fmt::format("limit is 1 to {}.", limits::kListMax)));
    }
    query.limit = *value;
  }
  if (const std::string* active = value_of(request, "active")) {
    if (*active != "1") return answer(refuse(Code::bad_query, "active is 1 or absent."));
    query.of = ListingQuery::Of::active;
  }
  auto member = caller(request);
  if (const auto* refusal = std::get_if<Refusal>(&member)) return answer(refuse(*refusal));
  auto filter = engine_.filter_for(request.query, std::get<engine::Member>(member));
  if (const auto* refusal = std::get_if<Refusal>(&filter)) return answer(refuse(*refusal));
  query.filter = std::get<engine::Filter>(std::move(filter));
  list(engine_, std::move(query), [this, answer](engine::Result<Listed> listed) {
    if (!listed) return answer(refuse(Code::log_unavailable, listed.error().what));
    Response response = text_response("application/x-ndjson", std::move(listed->lines), kNoStore);
    response.fields.emplace_back("Vary", kVaryCaller);
    response.fields.emplace_back("Tocsin-Position",
                                 Position{engine_.log().epoch(), listed->through}.text());
    answer(std::move(response));
  });
}

}  // namespace connectors::web
