#include "ops/cli/fetching.hpp"

namespace ops::cli {

Outcome<Fetched> fetch(Session& session, const std::string& name) {
  auto path = alert_path(name);
  if (!path) return path.error();
  Request request;
  request.target = std::move(*path);
  auto response = ask(session, request);
  if (!response) return response.error();
  auto item = read_bulletin(response->body);
  if (!item) return item.error();
  return Fetched{std::move(*item), std::move(response->body)};
}

Outcome<ToAnswer> fetch_to_answer(Session& session, const std::string& name,
                                  const Trusted& trusted) {
  auto found = fetch(session, name);
  if (!found) return found.error();
  auto verified = verify_envelope(found->item.envelope, *trusted.document, found->item.admitted);
  if (!verified) return verified.error();
  if (auto asked = is_asked_for(*verified, name); !asked) return asked.error();
  return ToAnswer{std::move(*verified), std::move(found->item.envelope.payload)};
}

}  // namespace ops::cli
