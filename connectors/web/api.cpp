#include "connectors/web/api.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>

#include "connectors/dashboard/page_files.hpp"
#include "connectors/web/listing.hpp"
#include "engine/limits.hpp"

namespace connectors::web {

namespace json = boost::json;
namespace limits = engine::limits;
using engine::Code;
using engine::Position;
using engine::Refusal;
using engine::Sequence;

namespace {

constexpr std::string_view kNoStore = "no-store";
// Signed XML opened in a browser runs nothing and reaches nothing.
constexpr std::string_view kSandbox = "default-src 'none'; sandbox";

Response text_response(std::string_view type, std::string body, std::string_view cache) {
  Response response;
  response.content_type = type;
  response.body = std::move(body);
  response.fields.emplace_back("Cache-Control", cache);
  return response;
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  return value;
}

const std::string* value_of(const Request& request, std::string_view name) {
  const auto found = std::find_if(request.query.begin(), request.query.end(),
                                  [&](const auto& parameter) { return parameter.first == name; });
  return found == request.query.end() ? nullptr : &found->second;
}

/// The first parameter that is neither a filter nor one of `known`, or one that is there twice.
std::optional<std::string> wrong_parameter(const Request& request,
                                           std::initializer_list<std::string_view> known) {
  std::vector<std::string_view> seen;
  for (const auto& [name, value] : request.query) {
    if (engine::Filter::knows(name)) continue;
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return fmt::format("The parameter {} is not known here.", name.substr(0, 40));
    }
    if (std::find(seen.begin(), seen.end(), name) != seen.end()) {
      return fmt::format("The parameter {} is there twice.", name);
    }
    seen.emplace_back(name);
  }
  return std::nullopt;
}

std::string json_text(std::string_view text) { return json::serialize(json::string(text)); }

}  // namespace

std::optional<engine::Start> parse_start(std::string_view after) {
  if (after == "0") return Position{};
  if (after == "active") return engine::FromActive{};
  if (auto position = Position::parse(after)) return *position;
  return std::nullopt;
}

// --- routing

struct Api::Route {
  std::string_view path;  // ends in `/` where a name follows
  std::string_view methods;
  enum class To { alerts, alert, stream, trust, livez, readyz, metrics } to;
  enum class For { everyone, operators } audience = For::everyone;
};

const Api::Route Api::kRoutes[] = {
    {"/v1/alerts", "GET, HEAD, POST", Route::To::alerts},
    {"/v1/alerts/", "GET, HEAD", Route::To::alert},
    {"/v1/stream", "GET", Route::To::stream},
    {"/v1/trust", "GET, HEAD", Route::To::trust},
    {"/livez", "GET, HEAD", Route::To::livez, Route::For::operators},
    {"/readyz", "GET, HEAD", Route::To::readyz, Route::For::operators},
    {"/metrics", "GET, HEAD", Route::To::metrics, Route::For::operators},
};

void Api::handle(const Request& request, std::string_view body, Door door, bool loopback,
                 Answer answer) const {
  const Route* route = nullptr;
  for (const Route& candidate : kRoutes) {
    const bool named = candidate.path.ends_with('/');
    const bool hit =
        named ? request.path.starts_with(candidate.path) : request.path == candidate.path;
    if (hit) route = &candidate;
  }
  const std::string_view methods = route != nullptr ? route->methods : "GET, HEAD";
  const bool known = route != nullptr || dashboard::page_file(request.path) != nullptr;
  if (!known) return answer(refuse(Code::not_found, "There is nothing at this path."));
  if ((", " + std::string(methods) + ",").find(", " + request.method + ",") == std::string::npos) {
    Response response = refuse(Code::method_not_allowed, fmt::format("Here one may {}.", methods));
    response.fields.emplace_back("Allow", methods);
    return answer(std::move(response));
  }
  if (route == nullptr) return answer(page(request));
  if (route->audience == Route::For::operators && !loopback && door != Door::admin) {
    return answer(refuse(Code::forbidden, "Ask from the machine itself, or on admin.listen."));
  }
  switch (route->to) {
    case Route::To::alerts:
      if (request.method == "POST") return post_alert(request, body, answer);
      return list_alerts(request, answer);
    case Route::To::alert:
      return get_alert(request, answer);
    case Route::To::stream:
      return answer(refuse(Code::upgrade_required, "Ask for a WebSocket."));
    case Route::To::trust:
      return answer(trust());
    case Route::To::livez:
      return answer(livez());
    case Route::To::readyz:
      return answer(readyz());
    case Route::To::metrics:
      return answer(metrics());
  }
}

// --- bulletins

void Api::post_alert(const Request& request, std::string_view body, const Answer& answer) const {
  if (!request.query.empty()) {
    return answer(refuse(Code::bad_query,
                         "POST /v1/alerts takes no parameters in this version; dry runs are not "
                         "offered. Nothing was sent."));
  }
  engine_.ingest(body, [this, answer](engine::AppendAnswer outcome) {
    if (const auto* refusal = std::get_if<Refusal>(&outcome)) return answer(problem(*refusal));
    const auto& appended = std::get<engine::Appended>(outcome);
    Response response = text_response(
        "application/json",
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

void Api::list_alerts(const Request& request, const Answer& answer) const {
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

void Api::get_alert(const Request& request, const Answer& answer) const {
  std::string_view name = request.path;
  name.remove_prefix(std::string_view("/v1/alerts/").size());
  const bool xml_suffix = name.ends_with(".xml");
  if (xml_suffix) name.remove_suffix(4);
  const bool xml = xml_suffix || request.has_token("accept", "application/cap+xml");

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
        xml ? text_response("application/cap+xml", record.bulletin->envelope.payload, "no-cache")
            : text_response("application/json", engine::alert_json(record), "no-cache");
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

// --- streams

bool Api::is_stream(const Request& request) const {
  return request.path == "/v1/stream" && request.method == "GET";
}

std::variant<AcceptedStream, Refused> Api::accept_stream(const Request& request) const {
  const auto refused = [](Code code, std::string detail) {
    Refusal refusal;
    refusal.code = code;
    refusal.detail = std::move(detail);
    Response response = problem(refusal);
    if (code == Code::upgrade_required) {
      response.fields.emplace_back("Upgrade", "websocket");
      response.fields.emplace_back("Connection", "Upgrade");
      response.fields.emplace_back("Sec-WebSocket-Version", "13");
    }
    return Refused{std::move(refusal), std::move(response)};
  };
  if (!request.has_token("upgrade", "websocket") || !request.has_token("connection", "upgrade") ||
      request.field("sec-websocket-version") != "13") {
    return refused(Code::upgrade_required,
                   "A stream is a WebSocket (RFC 6455, version 13) with the protocol tocsin.v1.");
  }
  if (streams() >= streams_max_) {
    auto full =
        refused(Code::too_many, "There are as many streams as this engine takes; try again.");
    full.response.fields.emplace_back("Retry-After", "10");
    return full;
  }
  const std::string accept = websocket_accept(request.field("sec-websocket-key"));
  if (accept.empty())
    return refused(Code::bad_query, "Sec-WebSocket-Key is not 16 octets in base64.");
  const bool offers = !request.field("sec-websocket-protocol").empty();
  if (offers && !request.has_token("sec-websocket-protocol", "tocsin.v1")) {
    return refused(Code::bad_query, "The protocol spoken here is tocsin.v1.");
  }
  if (const auto wrong = wrong_parameter(request, {"after"})) {
    return refused(Code::bad_query, *wrong);
  }
  const std::string* after = value_of(request, "after");
  const auto start = after != nullptr ? parse_start(*after) : engine::Start{engine::FromNow{}};
  if (!start) return refused(Code::bad_query, "after is 0, active or EPOCH:SEQ.");
  auto filter = engine::Filter::parse(request.query, engine_.default_status(), engine_.places());
  if (auto* refusal = std::get_if<Refusal>(&filter)) {
    Response response = problem(*refusal);
    return Refused{std::move(*refusal), std::move(response)};
  }
  Response switching;
  switching.status = 101;
  switching.fields = {
      {"Upgrade", "websocket"}, {"Connection", "Upgrade"}, {"Sec-WebSocket-Accept", accept}};
  if (offers) switching.fields.emplace_back("Sec-WebSocket-Protocol", "tocsin.v1");
  return AcceptedStream{std::move(switching), std::get<engine::Filter>(std::move(filter)), *start};
}

std::size_t Api::streams() const {
  std::size_t sum = 0;
  for (const auto& shard : engine_.shards()) sum += shard->subscribers();
  return sum;
}

// --- what the engine says of itself

Response Api::trust() const {
  return text_response("application/json", engine_.trust()->envelope, "no-cache");
}

Response Api::livez() const {
  return text_response("application/json", R"({"live":true})", kNoStore);
}

Response Api::readyz() const {
  const engine::Readiness readiness = engine_.readiness();
  const auto trust = engine_.trust();
  const auto texts = [](const std::vector<std::string>& lines) {
    json::array array;
    for (const auto& line : lines) array.emplace_back(line);
    return json::serialize(array);
  };
  Response response = text_response(
      "application/json",
      fmt::format(
          R"({{"ready":{},"problems":{},"warnings":{},"node":{},"system":{},"kind":"{}",)"
          R"("epoch":"{}","head":{},"streams":{},"trust":{{"version":{},"expires":"{}"}}}})",
          readiness.ready, texts(readiness.problems), texts(readiness.warnings),
          json_text(engine_.options().node), json_text(trust->system), engine_.hello().kind,
          engine_.log().epoch(), number(engine_.log().head()), streams(), trust->version,
          engine::format_time(trust->expires)),
      kNoStore);
  response.status = readiness.ready ? 200 : 503;
  return response;
}

Response Api::metrics() const {
  return text_response("text/plain; version=0.0.4", engine_.metrics().text(), kNoStore);
}

Response Api::page(const Request& request) const {
  const auto* file = dashboard::page_file(request.path);
  Response response = text_response(file->content_type, std::string(file->body), "no-cache");
  response.fields.emplace_back("ETag", file->etag);
  response.fields.emplace_back("Content-Security-Policy", dashboard::kContentSecurityPolicy);
  response.fields.emplace_back("Referrer-Policy", "no-referrer");
  response.fields.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
  if (request.field("if-none-match") == file->etag) {
    response.status = 304;
    response.body.clear();
  }
  return response;
}

Response Api::refuse(Code code, std::string detail) const {
  Refusal refusal;
  refusal.code = code;
  refusal.detail = std::move(detail);
  return refuse(refusal);
}

Response Api::refuse(const Refusal& refusal) const {
  engine::count_refusal(engine_.metrics(), refusal);
  return problem(refusal);
}

}  // namespace connectors::web
