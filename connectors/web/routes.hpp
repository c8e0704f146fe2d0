#pragma once
// Every request that is answered, as a table: what api.cpp dispatches by, Allow names, and
// schemas/openapi.json describes. Immutable; any thread.
#include <span>
#include <string>
#include <string_view>

#include "connectors/web/http_message.hpp"

namespace connectors::web {

struct Route {
  std::string_view method;  // GET is HEAD too
  std::string_view path;    // `{name}` is one segment, of whatever it holds
  enum class To {
    list_alerts,
    post_alert,
    get_alert,
    reach,
    post_receipts,
    stream,
    feed,
    get_session,
    post_session,
    delete_session,
    get_organisation,
    put_organisation,
    delete_organisation,
    post_code,
    post_confirmation,
    get_answer,
    post_answer,
    get_leaving,
    post_leaving,
    trust,
    revocations,
    post_trust,
    openapi,
    livez,
    readyz,
    metrics,
    page,
  } to;
  enum class For { everyone, operators } audience;
  std::string_view summary;
  enum class Answer { small, list } answer = Answer::small;  // list: as long as kListBytes
};

std::span<const Route> routes();

/// Whether a request's path is that of a route, and what stands at its `{name}`.
struct PathMatch {
  bool hit = false;
  std::string_view name;
};
PathMatch match(const Route& route, std::string_view path);

/// The route of a request; null where there is none. `allowed` then names the methods of its path,
/// and is empty where the path is nobody's.
const Route* find_route(std::string_view method, std::string_view path, std::string& allowed);

/// Whether what is asked for is a stream, if anything.
bool is_stream(const Request& request);
/// What an answer may take in memory while it is made; little is not counted.
std::size_t answer_bytes_max(const Request& request);

}  // namespace connectors::web
