// Alerts in and out: POST and GET /v1/alerts, and one of them.
#include <fmt/format.h>

#include "connectors/web/answers.hpp"
#include "connectors/web/api.hpp"
#include "connectors/web/listing.hpp"
#include "engine/limits.hpp"

namespace connectors::web {

namespace limits = engine::limits;
using engine::Code;
using engine::Position;
using engine::Refusal;
using engine::Sequence;

namespace {

// Signed XML opened in a browser runs nothing and reaches nothing.
constexpr std::string_view kSandbox = "default-src 'none'; sandbox";

}  // namespace

void Api::post_alert(const Asked& asked) const {
  const Answer& answer = asked.answer;
  if (!asked.request.query.empty()) {
    return answer(refuse(Code::bad_query,
                         "POST /v1/alerts takes no parameters in this version; dry runs are not "
                         "offered. Nothing was sent."));
  }
  engine_.ingest(asked.body, [this, answer](engine::AppendAnswer outcome) {
    if (const auto* refusal = std::get_if<Refusal>(&outcome)) return answer(problem(*refusal));
    const auto& appended = std::get<engine::Appended>(outcome);
    Response response = text_response(
        kJson,
        fmt::format(R"({{"seq":{},"epoch":"{}","id":"{}","at":"{}"}})", number(appended.sequence),
                    engine_.log().epoch(), engine::to_hex(engine::view(appended.id)),
                    engine::format_time(appended.at)),
        kNoStore);
    response.status = appended.repeat ? 200 : 201;
    response.fields.emplace_back("Location",
                                 fmt::format("/v1/alerts/{}", number(appended.sequence)));
    answer(std::move(response));
  });
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
  auto filter = engine::Filter::parse(request.query, engine_.default_status(), engine_.places());
  if (const auto* refusal = std::get_if<Refusal>(&filter)) return answer(refuse(*refusal));
  query.filter = std::get<engine::Filter>(std::move(filter));
  list(engine_, std::move(query), [this, answer](engine::Result<Listed> listed) {
    if (!listed) return answer(refuse(Code::log_unavailable, listed.error().what));
    Response response = text_response("application/x-ndjson", std::move(listed->lines), kNoStore);
    response.fields.emplace_back("Tocsin-Position",
                                 Position{engine_.log().epoch(), listed->through}.text());
    answer(std::move(response));
  });
}

void Api::get_alert(const Asked& asked) const {
  const Answer& answer = asked.answer;
  std::string_view name = asked.name;
  const bool xml_suffix = name.ends_with(".xml");
  if (xml_suffix) name.remove_suffix(4);
  const bool xml = xml_suffix || asked.request.has_token("accept", "application/cap+xml");

  auto done = [this, xml, answer](engine::Result<std::optional<engine::Record>> found) {
    if (!found) return answer(refuse(Code::log_unavailable, found.error().what));
    if (!*found || !(*found)->bulletin->outline.shown()) {
      return answer(refuse(Code::not_found, "There is no such alert."));
    }
    const engine::Record& record = **found;
    if (!engine::may_read(record.bulletin->outline, {})) {
      return answer(refuse(Code::unauthenticated, "This alert is for signed-in organisations."));
    }
    Response response =
        xml ? text_response("application/cap+xml", record.bulletin->envelope.payload, kNoCache)
            : text_response(kJson, engine::alert_json(record), kNoCache);
    response.fields.emplace_back("Vary", "Accept");
    if (xml) response.fields.emplace_back("Content-Security-Policy", kSandbox);
    answer(std::move(response));
  };
  if (const auto sequence = whole_number(name)) {
    return engine_.log().find(Sequence{*sequence}, std::move(done));
  }
  const auto octets = engine::from_hex(name);
  const auto id = octets ? engine::exactly<32>(*octets) : std::nullopt;
  if (!id) return answer(refuse(Code::not_found, "Name an alert by its sequence or its id."));
  engine_.log().find(*id, std::move(done));
}

}  // namespace connectors::web
