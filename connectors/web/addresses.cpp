#include "connectors/web/addresses.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/address_v6.hpp>
#include <charconv>

#include "connectors/web/text.hpp"

namespace connectors::web {

namespace ip = boost::asio::ip;
using engine::Code;
using engine::Failure;
using engine::Refusal;
using engine::Result;

namespace {

std::string octets_of(const Address& address) {
  std::string octets;
  const auto append = [&octets](const auto& bytes) {
    for (const auto byte : bytes) octets += static_cast<char>(byte);
  };
  if (address.is_v4()) {
    append(address.to_v4().to_bytes());
  } else {
    append(address.to_v6().to_bytes());
  }
  return octets;
}

std::optional<Address> parse_address(std::string_view text) {
  boost::system::error_code error;
  const auto address = ip::make_address(std::string(text), error);
  if (error) return std::nullopt;
  return unmapped(address);
}

bool starts_with_for(std::string_view text) {
  return text.size() >= 4 && (text[0] | 0x20) == 'f' && (text[1] | 0x20) == 'o' &&
         (text[2] | 0x20) == 'r' && text[3] == '=';
}

/// `1.2.3.4`, `1.2.3.4:80`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:80`, in quotes or not.
std::optional<Address> node_address(std::string_view node) {
  node = trimmed(node);
  if (node.size() >= 2 && node.front() == '"' && node.back() == '"') {
    node = node.substr(1, node.size() - 2);
  }
  if (node.starts_with('[')) {
    const auto end = node.find(']');
    const bool at_end = end + 1 == node.size();
    if (end == std::string_view::npos || !(at_end || node[end + 1] == ':')) return std::nullopt;
    return parse_address(node.substr(1, end - 1));
  }
  const auto colon = node.find(':');
  const bool with_port = colon != std::string_view::npos && colon == node.rfind(':');
  return parse_address(with_port ? node.substr(0, colon) : node);
}

enum class Said { forwarded, x_forwarded_for };

/// What stands between commas, the last first. In Forwarded a proxy may quote what its client sent,
/// and that may hold commas and semicolons; X-Forwarded-For knows no quotes.
std::vector<std::string_view> elements_backwards(std::string_view list, Said field) {
  std::vector<std::string_view> elements;
  const bool ends_open = list.empty() || list.back() == ',';
  while (!list.empty()) {
    elements.push_back(field == Said::forwarded ? cut_outside_quotes(list, ',') : cut(list, ','));
  }
  if (ends_open) elements.emplace_back();  // the last proxy named nobody
  std::reverse(elements.begin(), elements.end());
  return elements;
}

/// Whether what is quoted is a whole value (RFC 7239 section 4). A quote that a client left open
/// swallows what the proxy wrote behind it, and ends where the proxy's own begin: then nothing
/// here can be told from the client's invention.
bool whole_quotes(std::string_view pair) {
  const auto quote = pair.find('"');
  if (quote == std::string_view::npos) return true;
  if (quote == 0 || pair[quote - 1] != '=') return false;
  for (auto at = quote + 1; at < pair.size(); ++at) {
    if (pair[at] == '"') return at + 1 == pair.size();
    if (pair[at] == '\\') ++at;
  }
  return false;
}

/// The value of `for=` in one element of Forwarded; empty where there is none, or two, or quotes
/// are not whole.
std::string_view for_of(std::string_view element) {
  std::string_view found;
  while (!element.empty()) {
    const std::string_view pair = cut_outside_quotes(element, ';');
    if (!whole_quotes(pair)) return {};
    if (!starts_with_for(pair)) continue;
    if (!found.empty()) return {};
    found = pair.substr(4);
  }
  return found;
}

/// The last that is not a proxy itself; where all are, the first. Nothing where an address on the
/// way there is none.
std::optional<Address> named_in(std::string_view list, Said field, const Networks& proxies) {
  std::optional<Address> found;
  for (const std::string_view element : elements_backwards(list, field)) {
    found = node_address(field == Said::forwarded ? for_of(element) : element);
    if (!found || !proxies.contains(*found)) return found;
  }
  return found;
}

Refusal not_told(std::string what) {
  Refusal refusal;
  refusal.code = Code::bad_query;
  refusal.detail = std::move(what) +
                   " The proxy in front has to name the client in Forwarded (for=) or in "
                   "X-Forwarded-For; on the engine's own machine, ask at admin.listen.";
  return refusal;
}

}  // namespace

Address unmapped(const Address& address) {
  if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address;
  return ip::make_address_v4(ip::v4_mapped, address.to_v6());
}

std::string counted_as(const Address& address) {
  return octets_of(address).substr(0, address.is_v4() ? 4 : 8);
}

Result<void> Networks::add(std::string_view text) {
  const Failure wrong{fmt::format("{} is not a network such as 10.0.0.0/8", text)};
  const auto slash = text.find('/');
  const auto base = parse_address(text.substr(0, slash));
  if (!base) return wrong;
  unsigned bits = base->is_v4() ? 32 : 128;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    unsigned given = 0;
    const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), given);
    if (fault != std::errc{} || end != digits.data() + digits.size() || given > bits) return wrong;
    bits = given;
  }
  networks_.push_back({*base, bits});
  return {};
}

bool Networks::contains(const Address& address) const {
  const std::string octets = octets_of(address);
  return std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
    if (network.base.is_v4() != address.is_v4()) return false;
    const std::string base = octets_of(network.base);
    const std::size_t whole = network.bits / 8;
    if (octets.compare(0, whole, base, 0, whole) != 0) return false;
    const unsigned rest = network.bits % 8;
    if (rest == 0) return true;
    const unsigned differing =
        static_cast<unsigned char>(octets[whole]) ^ static_cast<unsigned char>(base[whole]);
    return differing >> (8 - rest) == 0;
  });
}

bool is_forwarded(const Request& request) {
  return std::any_of(request.fields.begin(), request.fields.end(), [](const Field& field) {
    return field.first == "forwarded" || field.first == "x-forwarded-for";
  });
}

std::variant<Visitor, Refusal> visitor_of(const Request& request, const Address& peer,
                                          const Networks& proxies) {
  if (!proxies.contains(peer)) return Visitor{peer, Visitor::Via::itself};
  std::optional<Address> named;
  for (const auto& [field, name] : {std::pair{Said::forwarded, "forwarded"},
                                    std::pair{Said::x_forwarded_for, "x-forwarded-for"}}) {
    const std::string list = request.field(name);
    if (list.empty()) continue;
    const auto address = named_in(list, field, proxies);
    if (!address) return not_told("What the proxy says of its client is not an address.");
    // A field that the proxy passes on unread is the client's own invention.
    if (named && *named != *address) {
      return not_told("Forwarded and X-Forwarded-For name different clients.");
    }
    named = address;
  }
  if (!named) return not_told("This request comes from a proxy and does not say for whom.");
  return Visitor{*named, Visitor::Via::proxy};
}

}  // namespace connectors::web
