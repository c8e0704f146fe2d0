// POST, GET and DELETE /v1/session: how a browser signs in. Programs send their token with each
// request instead.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "connectors/web/answers.hpp"
#include "connectors/web/api.hpp"
#include "connectors/web/caller.hpp"
#include "engine/limits.hpp"
#include "engine/trust/strict_json.hpp"

namespace connectors::web {

namespace json = boost::json;
namespace limits = engine::limits;
using engine::Code;
using engine::Member;
using engine::Refusal;

namespace {

struct SignIn {
  enum class By { token, invitation } by = By::token;
  std::string secret;
};

/// {"token": "..."} or {"invitation": "..."}, and nothing beside it.
std::variant<SignIn, Refusal> read_sign_in(const Request& request, std::string_view body) {
  if (body.size() > limits::kSessionBytes) {
    return refusal_of(Code::too_large, fmt::format("The body has {} octets; at most {}.",
                                                   body.size(), limits::kSessionBytes));
  }
  // Forms of other pages cannot send this type, so nobody is signed in by somebody else's page.
  const std::string type = request.field("content-type");
  if (type.substr(0, type.find(';')) != kJson) {
    return refusal_of(Code::bad_query, "Send Content-Type: application/json.");
  }
  const auto wrong = [] {
    return refusal_of(Code::bad_query,
                      R"(Send {"token": "..."} or {"invitation": "..."}, and nothing else.)");
  };
  const auto value = engine::trust::parse_strict_json(body, 2);
  if (!value || !value->is_object() || value->get_object().size() != 1) return wrong();
  const auto& member = *value->get_object().begin();
  if (!member.value().is_string()) return wrong();
  SignIn sign_in;
  sign_in.secret = std::string(member.value().as_string());
  if (member.key() == "invitation") {
    sign_in.by = SignIn::By::invitation;
  } else if (member.key() != "token") {
    return wrong();
  }
  return sign_in;
}

std::string cookie_of(std::string_view token, std::chrono::seconds max_age) {
  return fmt::format("{}={}; HttpOnly; SameSite=Strict; Path=/; Max-Age={}", kSessionCookie, token,
                     max_age.count());
}

Response signed_in_as(const engine::Directory& directory, const Member& member) {
  const auto organisation = directory.find(member.organisation);
  json::object session;
  session["organisation"] = nullptr;
  session["name"] = nullptr;
  json::array groups;
  if (organisation) {
    session["organisation"] = organisation->key;
    session["name"] = organisation->name;
    for (const auto& group : organisation->groups) groups.emplace_back(group);
  }
  session["groups"] = std::move(groups);
  Response response = text_response(kJson, json::serialize(session), kNoStore);
  response.fields.emplace_back("Vary", kVaryCaller);
  return response;
}

Response signed_in_with(const engine::Directory& directory, const Member& member,
                        std::string_view token) {
  Response response = signed_in_as(directory, member);
  response.fields.emplace_back("Set-Cookie", cookie_of(token, limits::kSessionMax));
  return response;
}

}  // namespace

Response Api::wrong_secret(const Peer& peer, std::string detail) const {
  if (!peer.loopback) guesses_.take(peer.address, engine_.clock().now());
  return refuse(Code::unauthenticated, std::move(detail));
}

void Api::post_session(const Asked& asked) const {
  if (const auto wrong = wrong_parameter(asked.request, {}, Filters::unknown)) {
    return asked.answer(refuse(Code::bad_query, *wrong));
  }
  auto read = read_sign_in(asked.request, asked.body);
  if (const auto* refusal = std::get_if<Refusal>(&read)) return asked.answer(refuse(*refusal));
  if (!asked.peer.loopback && !guesses_.has_room(asked.peer.address, engine_.clock().now())) {
    Refusal refusal =
        refusal_of(Code::too_many, "Too many wrong secrets from here; wait a little.");
    refusal.retry_after_s = guesses_.retry_after_s();
    return asked.answer(refuse(refusal));
  }
  auto& sign_in = std::get<SignIn>(read);
  if (sign_in.by == SignIn::By::invitation) {
    return accept_invitation(std::move(sign_in.secret), asked.peer, asked.answer);
  }
  const auto member = engine_.directory().member_of(sign_in.secret);
  if (!member) {
    return asked.answer(wrong_secret(
        asked.peer, "Nobody has this token (any more). Ask whoever runs this engine for another."));
  }
  asked.answer(signed_in_with(engine_.directory(), *member, sign_in.secret));
}

void Api::accept_invitation(std::string invitation, const Peer& peer, const Answer& answer) const {
  auto work = [this, invitation = std::move(invitation), peer, answer] {
    auto& directory = engine_.directory();
    const auto token = directory.accept(invitation);
    const auto member = token ? directory.member_of(token->text) : std::nullopt;
    if (member) return answer(signed_in_with(directory, *member, token->text));
    if (!directory.writable()) {
      return answer(refuse(Code::log_unavailable,
                           "The directory could not be written, so nobody can be signed in by an "
                           "invitation. It was not used up; tell whoever runs this engine."));
    }
    answer(wrong_secret(peer, token ? "This organisation is not known any more."
                                    : "Not signed in: " + token.error().what + "."));
  };
  hand_to_clerk(std::move(work), answer);
}

Response Api::get_session(const Request& request) const {
  const auto member = caller(request);
  if (const auto* refusal = std::get_if<Refusal>(&member)) {
    Response response = refuse(*refusal);
    // A cookie that signs nobody in would be sent with every request from now on.
    response.fields.emplace_back("Set-Cookie", cookie_of("", std::chrono::seconds{0}));
    return response;
  }
  return signed_in_as(engine_.directory(), std::get<Member>(member));
}

Response Api::delete_session() const {
  Response response = text_response(kJson, {}, kNoStore);
  response.status = 204;
  response.fields.emplace_back("Set-Cookie", cookie_of("", std::chrono::seconds{0}));
  return response;
}

}  // namespace connectors::web
