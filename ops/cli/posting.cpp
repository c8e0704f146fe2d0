#include "ops/cli/posting.hpp"

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
  const auto url = parse_url(session.server);
  if (!url) return url.error();
  auto answered = exchange(*url, request);
  if (!answered && answered.error().when == Unanswered::When::maybe_sent) {
    session.terminal->say("The connection broke; sending it once more, which is safe.");
    std::this_thread::sleep_for(std::chrono::seconds{1});
    answered = exchange(*url, request);
  }
  if (!answered) return unreachable(session, answered.error());
  if (answered->status >= 400) return problem_of(session, *answered);
  return std::move(*answered);
}

}  // namespace ops::cli
