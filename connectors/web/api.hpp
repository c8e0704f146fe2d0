#pragma once
// What is asked over HTTP and what is answered (schemas/http.md): the routes, their queries and
// their refusals. Holds no connection; any thread.
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "connectors/web/http_message.hpp"
#include "connectors/web/socket_lease.hpp"
#include "engine/engine.hpp"
#include "engine/subscriber.hpp"

namespace connectors::web {

/// A stream that may begin: the answer to the upgrade, what it is to carry and from where.
struct AcceptedStream {
  Response switching;
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
  struct Route;
  static const Route kRoutes[];

  void post_alert(const Request& request, std::string_view body, const Answer& answer) const;
  void list_alerts(const Request& request, const Answer& answer) const;
  void get_alert(const Request& request, const Answer& answer) const;
  Response trust() const;
  Response livez() const;
  Response readyz() const;
  Response metrics() const;
  Response page(const Request& request) const;
  Response refuse(engine::Code code, std::string detail) const;
  Response refuse(const engine::Refusal& refusal) const;

  std::size_t streams() const;

  engine::Engine& engine_;
  const std::size_t streams_max_;
};

/// `after`: a position, `0` for the beginning, `active`. Nothing where it is none of these.
std::optional<engine::Start> parse_start(std::string_view after);

}  // namespace connectors::web
