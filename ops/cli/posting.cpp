#include "ops/cli/posting.hpp"

#include <fmt/format.h>

#include <chrono>
#include <thread>

#include "ops/cli/engine_link.hpp"

namespace ops::cli {

Outcome<Response> post_signed(Session& session, const std::string& target,
                              const std::string& body) {
  Request request;
  request.method = "POST";
  request.target = target;
  request.content_type = "application/json";
  request.body = body;
  const auto url = url_of(session);
  if (!url) return url.error();
  auto answered = exchange(*url, request);
  if (!answered && answered.error().when == Unanswered::When::maybe_sent) {
    session.terminal->say("The connection broke; sending it once more, which is safe.");
    std::this_thread::sleep_for(std::chrono::seconds{1});
    answered = exchange(*url, request);
  }
  if (!answered) return unreachable(session, answered.error());
  if (answered->status < 400 && !is_success(*answered)) {
    return trouble(
        Exit::unreachable,
        fmt::format("the answer {} is not an engine's: it is unknown whether it was taken",
                    answered->status),
        "check --server, then send it again; that is safe");
  }
  if (!is_success(*answered)) return problem_of(session, *answered);
  return std::move(*answered);
}

}  // namespace ops::cli
