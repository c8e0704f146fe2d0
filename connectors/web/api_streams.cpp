// GET /v1/stream: whether a stream may begin, and from where.
#include "connectors/web/answers.hpp"
#include "connectors/web/api.hpp"

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

}  // namespace connectors::web
