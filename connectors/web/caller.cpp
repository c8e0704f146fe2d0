#include "connectors/web/caller.hpp"

#include <algorithm>

#include "connectors/web/text.hpp"

namespace connectors::web {

using engine::Code;
using engine::Directory;
using engine::Member;
using engine::Refusal;

namespace {

constexpr std::size_t kTokenBytes = 256;  // ours have 52

constexpr std::string_view kSignInAgain =
    " Send `Authorization: Bearer TOKEN` once, or sign in again.";

Refusal unauthenticated(std::string what) {
  Refusal refusal;
  refusal.code = Code::unauthenticated;
  refusal.detail = std::move(what) + std::string(kSignInAgain);
  return refusal;
}

bool same(std::string_view one, std::string_view other) {
  return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

/// RFC 6750's b64token, and a bound.
bool is_token(std::string_view text) {
  constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/";
  if (text.empty() || text.size() > kTokenBytes) return false;
  const auto pad = text.find_last_not_of('=');
  if (pad == std::string_view::npos) return false;
  return text.substr(0, pad + 1).find_first_not_of(kLetters) == std::string_view::npos;
}

/// The token of an Authorization field; empty where it is not `Bearer TOKEN`.
std::string_view bearer_token(std::string_view value) {
  constexpr std::string_view kScheme = "bearer";
  const auto space = std::min(value.find(' '), value.size());
  if (!same(value.substr(0, space), kScheme)) return {};
  const std::string_view token = trimmed(value.substr(space));
  return is_token(token) ? token : std::string_view{};
}

/// Every value that Cookie fields give this name.
std::vector<std::string_view> cookies_named(std::string_view cookie, const Request& request) {
  std::vector<std::string_view> values;
  for (const auto& [name, value] : request.fields) {
    if (name != "cookie") continue;
    std::string_view rest = value;
    while (!rest.empty()) {
      const std::string_view pair = cut(rest, ';');
      const auto equals = pair.find('=');
      if (equals == std::string_view::npos || pair.substr(0, equals) != cookie) continue;
      values.push_back(pair.substr(equals + 1));
    }
  }
  return values;
}

/// `host:port` without the port that its scheme means anyway.
std::string_view without_default_port(std::string_view authority, std::string_view scheme) {
  const std::string_view port = scheme == "https" ? ":443" : ":80";
  if (authority.ends_with(port)) authority.remove_suffix(port.size());
  return authority;
}

/// Whether an Origin (RFC 6454) is the page of the host that is asked. Which scheme it has is known
/// where the TLS is ours; else a proxy may have ended it.
bool is_of_host(std::string_view origin, const Request& request) {
  const std::string host = request.field("host");
  for (const std::string_view scheme : {"http", "https"}) {
    if (request.by_tls && scheme != "https") continue;
    const std::string before = std::string(scheme) + "://";
    if (!origin.starts_with(before)) continue;
    const std::string_view authority = origin.substr(before.size());
    return !authority.empty() &&
           same(without_default_port(authority, scheme), without_default_port(host, scheme));
  }
  return false;
}

}  // namespace

std::variant<Credentials, Refusal> credentials_of(const Request& request) {
  const auto is_authorization = [](const Field& field) { return field.first == "authorization"; };
  const auto count = std::count_if(request.fields.begin(), request.fields.end(), is_authorization);
  if (count > 1) return unauthenticated("There are several Authorization fields.");
  if (count == 1) {
    const auto field = std::find_if(request.fields.begin(), request.fields.end(), is_authorization);
    const std::string_view token = bearer_token(field->second);
    if (token.empty()) return unauthenticated("The Authorization field is not a bearer token.");
    return Credentials{Credentials::From::header, std::string(token)};
  }
  auto from = Credentials::From::secure_cookie;
  auto cookies = cookies_named(kSecureSessionCookie, request);
  if (cookies.empty()) {
    from = Credentials::From::cookie;
    cookies = cookies_named(kSessionCookie, request);
  }
  if (cookies.empty()) return Credentials{};
  const bool one = std::all_of(cookies.begin(), cookies.end(),
                               [&](std::string_view each) { return each == cookies.front(); });
  if (!one || !is_token(cookies.front())) {
    return unauthenticated("The session cookie is not one token.");
  }
  return Credentials{from, std::string(cookies.front())};
}

std::variant<Member, Refusal> caller_of(const Request& request, const Directory& directory) {
  auto credentials = credentials_of(request);
  if (auto* refusal = std::get_if<Refusal>(&credentials)) return std::move(*refusal);
  const auto& [from, token] = std::get<Credentials>(credentials);
  if (from == Credentials::From::nowhere) return Member{};
  auto member = directory.member_of(token);
  if (!member) return unauthenticated("Nobody has this token, or not any more.");
  return std::move(*member);
}

std::optional<Refusal> wrong_origin(const Request& request) {
  const auto credentials = credentials_of(request);
  const auto* known = std::get_if<Credentials>(&credentials);
  if (known == nullptr || !known->by_cookie()) return std::nullopt;
  const std::string origin = request.field("origin");
  if (origin.empty()) return std::nullopt;  // no browser leaves it out where it matters
  if (is_of_host(origin, request)) return std::nullopt;
  Refusal refusal;
  refusal.code = Code::forbidden;
  refusal.detail =
      "A page of another origin may not use this session. Open the page from this address; a proxy "
      "in front passes the Host field on as it came.";
  return refusal;
}

}  // namespace connectors::web
