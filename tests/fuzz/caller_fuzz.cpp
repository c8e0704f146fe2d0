// Any text in the fields that say who asks and for whom: lines, each a letter that names the field
// and its value. What a stranger says of others is not looked at; behind a proxy, nothing that
// stands before what the proxy wrote itself changes whom it wrote; and what was meant to sign in
// is one token or refused, never an anonymous request.
#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "connectors/web/addresses.hpp"
#include "connectors/web/caller.hpp"
#include "engine/base/ensure.hpp"

namespace {

using namespace connectors::web;
using boost::asio::ip::make_address;

const Address kProxy = make_address("10.0.0.1");
const Address kStranger = make_address("198.51.100.7");
const Address kClient = make_address("203.0.113.9");

const Networks& proxies() {
  static const Networks all = [] {
    Networks networks;
    networks.add("10.0.0.0/8").value();
    networks.add("fd00::/8").value();
    return networks;
  }();
  return all;
}

std::string_view name_of(char letter) {
  switch (letter) {
    case 'f':
      return "forwarded";
    case 'x':
      return "x-forwarded-for";
    case 'a':
      return "authorization";
    case 'c':
      return "cookie";
    case 'o':
      return "origin";
    default:
      return "host";
  }
}

Request request_of(std::string_view lines) {
  Request request;
  while (!lines.empty() && request.fields.size() < 64) {
    const auto end = std::min(lines.find('\n'), lines.size());
    const std::string_view line = lines.substr(0, end);
    lines.remove_prefix(std::min(end + 1, lines.size()));
    if (!line.empty()) request.fields.emplace_back(name_of(line.front()), line.substr(1));
  }
  return request;
}

std::size_t count_of(const Request& request, std::string_view name) {
  return static_cast<std::size_t>(
      std::count_if(request.fields.begin(), request.fields.end(),
                    [&](const Field& field) { return field.first == name; }));
}

std::optional<Address> told(const Request& request) {
  const auto visitor = visitor_of(request, kProxy, proxies());
  if (const auto* refusal = std::get_if<engine::Refusal>(&visitor)) {
    ENSURE(refusal->code == engine::Code::bad_query && refusal->detail.ends_with('.'));
    return std::nullopt;
  }
  ENSURE(std::get<Visitor>(visitor).via == Visitor::Via::proxy);
  return std::get<Visitor>(visitor).address;
}

Request without(Request request, std::string_view name) {
  std::erase_if(request.fields, [&](const Field& field) { return field.first == name; });
  return request;
}

/// Where the client left a quote of Forwarded open, the proxy's words cannot be told from its own.
bool leaves_quote_open(const Request& request) {
  bool quoted = false;
  const std::string all = request.field("forwarded");
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i] == '"') quoted = !quoted;
    if (quoted && all[i] == '\\') ++i;
  }
  return quoted;
}

/// The proxy writes whom it speaks for behind whatever it was given, in that field alone.
void check_appended(const Request& request, std::string_view name, std::string_view other,
                    const std::string& prefix) {
  Request alone = without(request, other);
  const auto before = told(alone);
  const bool open = name == "forwarded" && leaves_quote_open(alone);
  alone.fields.emplace_back(name, prefix + "203.0.113.9");
  if (open) {
    ENSURE(!told(alone));
    alone.fields.back().second = prefix + "\"[2001:db8::7]:4711\"";
    ENSURE(!told(alone));
    alone.fields.back().second = prefix + "203.0.113.9;host=\"a\\\"b\"";
    ENSURE(!told(alone));
    return;
  }
  ENSURE(told(alone) == kClient);
  alone.fields.back().second = prefix + "\"[2001:db8::7]:4711\"";
  ENSURE(told(alone) == make_address("2001:db8::7"));
  // One more proxy in between changes nothing, unless there was nobody.
  alone.fields.back().second = prefix + "10.9.9.9";
  if (before) ENSURE(told(alone) == before);
  // Where the two fields differ nobody is believed.
  alone.fields.back().second = prefix + "203.0.113.9";
  alone.fields.emplace_back(other, other == "forwarded" ? "for=192.0.2.1" : "192.0.2.1");
  ENSURE(!told(alone));
}

void check_visitor(const Request& request) {
  const auto direct = visitor_of(request, kStranger, proxies());
  ENSURE(std::get<Visitor>(direct) == (Visitor{kStranger, Visitor::Via::itself}));
  const bool says = is_forwarded(request);
  ENSURE(says == (count_of(request, "forwarded") + count_of(request, "x-forwarded-for") > 0));
  const auto visitor = told(request);
  if (visitor) {
    ENSURE(says && unmapped(*visitor) == *visitor);
    ENSURE(counted_as(*visitor).size() == (visitor->is_v4() ? 4U : 8U));
  }
  check_appended(request, "forwarded", "x-forwarded-for", "for=");
  check_appended(request, "x-forwarded-for", "forwarded", "");
}

/// A network that is taken holds its own address, and another of the same bits and no more.
void check_network(std::string_view text) {
  Networks networks;
  if (!networks.add(text)) return;
  const auto slash = std::min(text.find('/'), text.size());
  const Address base = unmapped(make_address(std::string(text.substr(0, slash))));
  ENSURE(networks.contains(base));
  const unsigned most = base.is_v4() ? 32 : 128;
  const unsigned bits =
      slash == text.size() ? most
                           : static_cast<unsigned>(std::stoul(std::string(text.substr(slash + 1))));
  ENSURE(bits <= most);
  if (!base.is_v4()) return;
  for (unsigned bit = 0; bit < most; ++bit) {
    const Address other =
        boost::asio::ip::make_address_v4(base.to_v4().to_uint() ^ 1U << (31 - bit));
    ENSURE(networks.contains(other) == (bit >= bits));
  }
}

void check_credentials(const Request& request) {
  const auto credentials = credentials_of(request);
  const bool header = count_of(request, "authorization") > 0;
  const auto* known = std::get_if<Credentials>(&credentials);
  if (known == nullptr) {
    const auto& refusal = std::get<engine::Refusal>(credentials);
    ENSURE(refusal.code == engine::Code::unauthenticated && refusal.detail.ends_with('.'));
    ENSURE(header || count_of(request, "cookie") > 0);
    ENSURE(!wrong_origin(request));  // it is refused for what it carries
    return;
  }
  using From = Credentials::From;
  ENSURE((known->from == From::nowhere) == known->token.empty());
  ENSURE(!header || known->from == From::header);
  ENSURE(known->token.find_first_of(" \t\r\n,;\"") == std::string::npos);
  ENSURE(known->token.size() <= 256);
  const auto refusal = wrong_origin(request);
  if (!known->by_cookie() || request.field("origin").empty()) ENSURE(!refusal);
  if (!refusal) return;
  ENSURE(refusal->code == engine::Code::forbidden);
  // The same request with the token in the header is not a page's.
  Request own = request;
  own.fields.emplace_back("authorization", "Bearer " + known->token);
  ENSURE(!wrong_origin(own));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_network(text);
  const Request request = request_of(text);
  check_visitor(request);
  check_credentials(request);
  return 0;
}
