#pragma once
// What is asked over HTTP and what is answered (schemas/http.md). routes.cpp has the table,
// api.cpp finds the way, and a file a subject has the handlers. Holds no connection; any thread.
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "connectors/web/http_message.hpp"
#include "connectors/web/routes.hpp"
#include "connectors/web/socket_lease.hpp"
#include "engine/engine.hpp"
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

class Api {
 public:
  /// `streams_max`: how many streams may be open at once.
  Api(engine::Engine& engine, std::size_t streams_max)
      : engine_(engine), streams_max_(streams_max) {}

  using Answer = std::function<void(Response)>;

  /// Answers every request but a stream's; `answer` runs once, on this thread or the log's.
  void handle(const Request& request, std::string_view body, Door door, bool loopback,
              Answer answer) const;

  bool is_stream(const Request& request) const;
  std::variant<AcceptedStream, Refused> accept_stream(const Request& request) const;

 private:
  Response stream_head(const Request& request) const;
  std::variant<AcceptedStream, engine::Refusal> open_stream(const Request& request,
                                                            AcceptedStream::Kind kind) const;

  /// One request on its way. Views hold until the handler returns.
  struct Asked {
    const Request& request;
    std::string_view name;  // what stands at the path's `{name}`
    std::string_view body;
    const Answer& answer;
  };
  void dispatch(Route::To to, const Asked& asked) const;

  // api_alerts.cpp
  void post_alert(const Asked& asked) const;
  void list_alerts(const Asked& asked) const;
  void get_alert(const Asked& asked) const;
  // api_trust.cpp
  Response trust() const;
  Response revocations() const;
  // api_status.cpp
  Response livez() const;
  Response readyz() const;
  Response metrics() const;
  Response page(const Request& request) const;

  /// The answer of a refusal, which it counts.
  Response refuse(engine::Code code, std::string detail) const;
  Response refuse(const engine::Refusal& refusal) const;

  std::size_t streams() const;

  engine::Engine& engine_;
  const std::size_t streams_max_;
};

/// `after`: a position, `0` for the beginning, `active`. Nothing where it is none of these.
std::optional<engine::Start> parse_start(std::string_view after);

}  // namespace connectors::web
