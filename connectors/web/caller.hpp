#pragma once
// Who asks: the organisation whose token a request carries, or anybody. One answer for every route
// and both kinds of stream. No I/O; any thread.
#include <optional>
#include <string>
#include <variant>

#include "connectors/web/http_message.hpp"
#include "engine/directory.hpp"
#include "engine/member.hpp"

namespace connectors::web {

/// The cookies that POST /v1/session sets. One that was set by way of https has a name that
/// browsers hold to that: it comes by https alone and nobody on the way can put another in its
/// place.
inline constexpr std::string_view kSessionCookie = "tocsin_session";
inline constexpr std::string_view kSecureSessionCookie = "__Host-tocsin_session";

/// The secret a request carries, as it stands there. Never traced, never in an answer.
struct Credentials {
  enum class From : std::uint8_t { nowhere, header, cookie, secure_cookie } from = From::nowhere;
  std::string token;
  bool by_cookie() const { return from == From::cookie || from == From::secure_cookie; }
};

/// `Authorization: Bearer TOKEN`, or else the session cookie: where both are there, the header
/// alone counts, and the secure cookie before the other. Refused (`unauthenticated`) is whatever is
/// there and is not one token: another scheme, several Authorization fields, two different cookies
/// of the name, octets no token has. What was meant to sign in never becomes an anonymous request.
std::variant<Credentials, engine::Refusal> credentials_of(const Request& request);

/// Whose request it is; the anonymous member where it carries nothing. Refused
/// (`unauthenticated`) where credentials_of() refuses, and for a token that nobody has (any more).
std::variant<engine::Member, engine::Refusal> caller_of(const Request& request,
                                                        const engine::Directory& directory);

/// A page of somewhere else must not open a stream in the name of whoever looks at it: a request
/// that carries the cookie, not the header, and names an Origin, names its own Host there.
/// `forbidden` otherwise.
std::optional<engine::Refusal> wrong_origin(const Request& request);

}  // namespace connectors::web
