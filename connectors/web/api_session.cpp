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

/// By way of https the cookie is Secure.
enum class Road : std::uint8_t { plain, https };

/// Of the request that signs in: browsers say with each POST where its page came from, also where a
/// proxy in front of this engine ends the https.
Road road_of(const Request& request) {
  if (request.by_tls) return Road::https;
  return request.field("origin").starts_with("https://") ? Road::https : Road::plain;
}

std::string cookie_of(Road road, std::string_view token, std::chrono::seconds max_age) {
  return fmt::format("{}={}; HttpOnly; SameSite=Strict; Path=/; Max-Age={}{}",
                     road == Road::https ? kSecureSessionCookie : kSessionCookie, token,
                     max_age.count(), road == Road::https ? "; Secure" : "");
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
                        std::string_view token, Road road) {
  Response response = signed_in_as(directory, member);
  response.fields.emplace_back("Set-Cookie", cookie_of(road, token, limits::kSessionMax));
  return response;
}

}  // namespace

void take_cookies_away(Response& response) {
  for (const Road road : {Road::plain, Road::https}) {
    response.fields.emplace_back("Set-Cookie", cookie_of(road, "", std::chrono::seconds{0}));
  }
}

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
    return accept_invitation(std::move(sign_in.secret), asked);
  }
  const auto member = engine_.directory().member_of(sign_in.secret);
  if (!member) {
    return asked.answer(wrong_secret(
        asked.peer, "Nobody has this token (any more). Ask whoever runs this engine for another."));
  }
  asked.answer(
      signed_in_with(engine_.directory(), *member, sign_in.secret, road_of(asked.request)));
}

void Api::accept_invitation(std::string invitation, const Asked& asked) const {
  auto work = [this, invitation = std::move(invitation), road = road_of(asked.request),
               peer = asked.peer, answer = asked.answer] {
    auto& directory = engine_.directory();
    const auto token = directory.accept(invitation);
    const auto member = token ? directory.member_of(token->text) : std::nullopt;
    if (member) return answer(signed_in_with(directory, *member, token->text, road));
    if (!directory.writable()) {
      return answer(refuse(Code::log_unavailable,
                           "The directory could not be written, so nobody can be signed in by an "
                           "invitation. It was not used up; tell whoever runs this engine."));
    }
    if (!token && (directory.full() || directory.busy())) {
      return answer(refuse(Code::log_unavailable,
                           "The disk is full or too slow at the moment, so nobody can be signed in "
                           "by an invitation. It was not used up; try again."));
    }
    answer(wrong_secret(peer, token ? "This organisation is not known any more."
                                    : "Not signed in: " + token.error().what + "."));
  };
  hand_to_clerk(std::move(work), asked.answer);
}

void Api::get_session(const Asked& asked) const {
  const auto caught = caller(asked.request);
  if (const auto* refusal = std::get_if<Refusal>(&caught)) {
    Response response = refuse(*refusal);
    // A cookie that signs nobody in would be sent with every request from now on.
    take_cookies_away(response);
    return asked.answer(std::move(response));
  }
  const auto& member = std::get<Member>(caught);
  const auto credentials = std::get<Credentials>(credentials_of(asked.request));
  if (!credentials.by_cookie()) return asked.answer(signed_in_as(engine_.directory(), member));
  // Whoever keeps coming stays signed in: the cookie is set anew, and with it what of the token
  // runs out.
  const bool secure = asked.request.by_tls || credentials.from == Credentials::From::secure_cookie;
  const Road road = secure ? Road::https : Road::plain;
  Response response = signed_in_with(engine_.directory(), member, credentials.token, road);
  const auto expires = engine_.directory().expiry_of(credentials.token);
  const auto now = engine_.clock().now();
  if (expires && *expires <= now + limits::kSessionMax - limits::kSessionRenewed) {
    // Where the clerk or the disk is not to be had now, one of the next requests renews it.
    auto work = [this, token = credentials.token, answer = asked.answer, response] {
      (void)engine_.directory().renew(token);
      answer(response);
    };
    if (clerk_.take(std::move(work))) return;
  }
  asked.answer(std::move(response));
}

void Api::delete_session(const Asked& asked) const {
  Response out = text_response(kJson, {}, kNoStore);
  out.status = 204;
  take_cookies_away(out);
  const auto credentials = credentials_of(asked.request);
  const auto* known = std::get_if<Credentials>(&credentials);
  // A token that came by an invitation is in this cookie and nowhere else.
  if (known == nullptr || !known->by_cookie() || !engine_.directory().expiry_of(known->token)) {
    return asked.answer(std::move(out));
  }
  auto work = [this, token = known->token, answer = asked.answer, out = std::move(out)] {
    auto& directory = engine_.directory();
    const auto revoked = directory.revoke(token);
    if (revoked || !directory.member_of(token)) return answer(out);
    Response response = refuse(
        Code::log_unavailable,
        "This browser is signed out, but its token could not be revoked and counts until it runs "
        "out; tell whoever runs the engine.");
    take_cookies_away(response);
    answer(std::move(response));
  };
  hand_to_clerk(std::move(work), asked.answer);
}

}  // namespace connectors::web
