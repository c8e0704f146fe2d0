// GET /v1/stream: whether a stream may begin, and from where.
#include "connectors/web/answers.hpp"
#include "connectors/web/api.hpp"
#include "connectors/web/caller.hpp"
#include "connectors/web/event_stream.hpp"

namespace connectors::web {

using engine::Code;
using engine::Position;
using engine::Refusal;

std::optional<engine::Start> parse_start(std::string_view after) {
  if (after == "0") return Position{};
  if (after == "active") return engine::FromActive{};
  if (auto position = Position::parse(after)) return *position;
  return std::nullopt;
}

namespace {

using Kind = AcceptedStream::Kind;

/// What is asked for: a WebSocket where the request would become one, else events where they are
/// accepted. Nothing where it is neither.
std::optional<Kind> kind_of(const Request& request) {
  if (request.version == 11 && request.has_token("upgrade", "websocket") &&
      request.has_token("connection", "upgrade") &&
      request.field("sec-websocket-version") == "13") {
    return Kind::websocket;
  }
  if (request.accepts("text/event-stream")) return Kind::events;
  return std::nullopt;
}

Refused refused(Refusal refusal) {
  Response response = problem(refusal);
  if (refusal.code == Code::upgrade_required) {
    response.fields.emplace_back("Upgrade", "websocket");
    response.fields.emplace_back("Connection", "Upgrade");
    response.fields.emplace_back("Sec-WebSocket-Version", "13");
  }
  return {std::move(refusal), std::move(response)};
}

/// Where the reader stands: what its browser kept of the last event counts before the address it
/// was opened with, which never changes.
std::variant<engine::Start, Refusal> start_of(const Request& request, Kind kind) {
  const std::string* after = value_of(request, "after");
  const auto start = after != nullptr ? parse_start(*after) : engine::Start{engine::FromNow{}};
  if (!start) return refusal_of(Code::bad_query, "after is 0, active or EPOCH:SEQ.");
  const std::string last_id = kind == Kind::events ? request.field("last-event-id") : "";
  if (last_id.empty()) return *start;
  if (const auto position = Position::parse(last_id)) return engine::Start{*position};
  return refusal_of(Code::bad_query, "Last-Event-ID is EPOCH:SEQ, as the events name it.");
}

/// The answer to an upgrade.
std::variant<Response, Refusal> switching(const Request& request) {
  const std::string accept = websocket_accept(request.field("sec-websocket-key"));
  if (accept.empty()) {
    return refusal_of(Code::bad_query, "Sec-WebSocket-Key is not 16 octets in base64.");
  }
  const bool offers = !request.field("sec-websocket-protocol").empty();
  if (offers && !request.has_token("sec-websocket-protocol", "tocsin.v1")) {
    return refusal_of(Code::bad_query, "The protocol spoken here is tocsin.v1.");
  }
  Response response;
  response.status = 101;
  response.fields = {
      {"Upgrade", "websocket"}, {"Connection", "Upgrade"}, {"Sec-WebSocket-Accept", accept}};
  if (offers) response.fields.emplace_back("Sec-WebSocket-Protocol", "tocsin.v1");
  return response;
}

}  // namespace

std::variant<AcceptedStream, Refused> Api::accept_stream(const Request& request) const {
  const auto kind = kind_of(request);
  if (!kind) {
    return refused(refusal_of(Code::upgrade_required,
                              "A stream is a WebSocket (RFC 6455, version 13) with the protocol "
                              "tocsin.v1, or with Accept: text/event-stream server-sent events."));
  }
  auto opened = open_stream(request, *kind);
  if (auto* refusal = std::get_if<Refusal>(&opened)) return refused(std::move(*refusal));
  return std::get<AcceptedStream>(std::move(opened));
}

std::variant<AcceptedStream, Refusal> Api::open_stream(const Request& request, Kind kind) const {
  if (streams() >= streams_max_) {
    Refusal full =
        refusal_of(Code::too_many, "There are as many streams as this engine takes; try again.");
    full.retry_after_s = 10;
    return full;
  }
  AcceptedStream stream{kind, event_stream_response(), {}, {}};
  if (kind == Kind::websocket) {
    auto head = switching(request);
    if (auto* refusal = std::get_if<Refusal>(&head)) return std::move(*refusal);
    stream.head = std::get<Response>(std::move(head));
  }
  if (const auto wrong = wrong_parameter(request, {"after"})) {
    return refusal_of(Code::bad_query, *wrong);
  }
  auto start = start_of(request, kind);
  if (auto* refusal = std::get_if<Refusal>(&start)) return std::move(*refusal);
  stream.start = std::get<engine::Start>(start);
  auto caller = caller_of(request, engine_.directory());
  if (auto* refusal = std::get_if<Refusal>(&caller)) return std::move(*refusal);
  if (auto refusal = wrong_origin(request)) return std::move(*refusal);
  const auto& member = std::get<engine::Member>(caller);
  auto filter = engine_.filter_for(request.query, member);
  if (auto* refusal = std::get_if<Refusal>(&filter)) return std::move(*refusal);
  stream.filter = std::get<engine::Filter>(std::move(filter));
  return stream;
}

/// HEAD: what GET would begin with. A WebSocket begins with GET alone.
Response Api::stream_head(const Request& request) const {
  auto accepted = accept_stream(request);
  if (auto* refused = std::get_if<Refused>(&accepted)) {
    engine::count_refusal(engine_.metrics(), refused->refusal);
    return std::move(refused->response);
  }
  auto& stream = std::get<AcceptedStream>(accepted);
  if (stream.kind == Kind::events) return std::move(stream.head);
  return refuse(Code::upgrade_required, "A WebSocket begins with GET.");
}

std::size_t Api::streams() const {
  std::size_t sum = 0;
  for (const auto& shard : engine_.shards()) sum += shard->subscribers();
  return sum;
}

}  // namespace connectors::web
