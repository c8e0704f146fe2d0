#include "connectors/web/api.hpp"

#include <fmt/format.h>

#include "connectors/web/answers.hpp"

namespace connectors::web {

using engine::Code;

void Api::handle(const Request& request, std::string_view body, Door door, bool loopback,
                 Answer answer) const {
  std::string allowed;
  const Route* route = find_route(request.method, request.path, allowed);
  if (route == nullptr && allowed.empty()) {
    return answer(refuse(Code::not_found, "There is nothing at this path."));
  }
  if (route == nullptr) {
    Response response = refuse(Code::method_not_allowed, fmt::format("Here one may {}.", allowed));
    response.fields.emplace_back("Allow", allowed);
    return answer(std::move(response));
  }
  if (route->audience == Route::For::operators && !loopback && door != Door::admin) {
    return answer(refuse(Code::forbidden, "Ask from the machine itself, or on admin.listen."));
  }
  dispatch(route->to, {request, match(*route, request.path).name, body, answer});
}

void Api::dispatch(Route::To to, const Asked& asked) const {
  switch (to) {
    case Route::To::list_alerts:
      return list_alerts(asked);
    case Route::To::post_alert:
      return post_alert(asked);
    case Route::To::get_alert:
      return get_alert(asked);
    case Route::To::stream:
      return asked.answer(stream_head(asked.request));
    case Route::To::trust:
      return asked.answer(trust());
    case Route::To::revocations:
      return asked.answer(revocations());
    case Route::To::livez:
      return asked.answer(livez());
    case Route::To::readyz:
      return asked.answer(readyz());
    case Route::To::metrics:
      return asked.answer(metrics());
    case Route::To::page:
      return asked.answer(page(asked.request));
  }
}

Response Api::refuse(Code code, std::string detail) const {
  return refuse(refusal_of(code, std::move(detail)));
}

Response Api::refuse(const engine::Refusal& refusal) const {
  engine::count_refusal(engine_.metrics(), refusal);
  return problem(refusal);
}

}  // namespace connectors::web
