#include "connectors/webhook/guard.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace connectors::webhook {

using engine::Failure;
using engine::Octets;
using engine::Result;

namespace {

constexpr int kAddressBits = 128;
constexpr int kMappedBits = 96;
constexpr std::size_t kNameBytes = 253;
constexpr std::size_t kLabelBytes = 63;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

template <std::size_t N>
bool in_any(const Address& address, const std::array<std::string_view, N>& texts) {
  return std::any_of(texts.begin(), texts.end(), [&](std::string_view text) {
    return Network::parse(text).value().holds(address);
  });
}

/// What IANA's registry of special purposes does not call globally reachable, and multicast, and
/// what is reserved. 192.88.99.0/24 was the way into 6to4.
constexpr auto kSpecialV4 = std::to_array<std::string_view>(
    {"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
     "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
     "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"});
/// Of 2000::/3, which is all of IPv6 that is global unicast: protocols (Teredo among them),
/// documentation, 6to4.
constexpr auto kSpecialV6 =
    std::to_array<std::string_view>({"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"});
constexpr std::string_view kGlobalV6 = "2000::/3";
constexpr std::string_view kNat64 = "64:ff9b::/96";

bool is_global(const Address& address) {
  if (address.is_v4()) return !in_any(address, kSpecialV4);
  return Network::parse(kGlobalV6)->holds(address) && !in_any(address, kSpecialV6);
}

bool allowed_by(const Guard& guard, const Address& address) {
  return std::any_of(guard.networks.begin(), guard.networks.end(),
                     [&](const Network& network) { return network.holds(address); });
}

std::optional<int> number_in(std::string_view text, int most) {
  int number = 0;
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  if (!std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number > most) {
    return std::nullopt;
  }
  return number;
}

bool is_label(std::string_view label) {
  if (label.empty() || label.size() > kLabelBytes) return false;
  if (label.front() == '-' || label.back() == '-') return false;
  return std::all_of(label.begin(), label.end(),
                     [](char c) { return is_digit(c) || is_letter(c) || c == '-'; });
}

/// A name of DNS whose last label no reader takes for a number: those that are meant as addresses
/// must be addresses as everybody writes them.
bool is_name(std::string_view host) {
  if (host.empty() || host.size() > kNameBytes) return false;
  while (true) {
    const std::size_t dot = host.find('.');
    const std::string_view label = host.substr(0, dot);
    if (!is_label(label)) return false;
    if (dot == std::string_view::npos) return !is_digit(label.front());
    host.remove_prefix(dot + 1);
  }
}

/// Names that mean this machine or its neighbours wherever they are looked up.
bool is_local(std::string_view name) {
  for (const std::string_view end : {".localhost", ".local", ".internal"}) {
    if (name.ends_with(end) || name == end.substr(1)) return true;
  }
  return name.find('.') == std::string_view::npos;
}

bool is_plain_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < '\x7f' && c != '\\' && c != '"' && c != '<' && c != '>';
  });
}

/// The scheme and what stands behind `://`.
std::optional<std::string_view> after_scheme(std::string_view text, std::string_view scheme) {
  if (text.size() < scheme.size() + 3) return std::nullopt;
  for (std::size_t i = 0; i < scheme.size(); ++i) {
    if (lower(text[i]) != scheme[i]) return std::nullopt;
  }
  if (text.substr(scheme.size(), 3) != "://") return std::nullopt;
  return text.substr(scheme.size() + 3);
}

/// The port behind a host, `rest` being empty or beginning with a colon.
Result<int> port_in(std::string_view rest, const Url& url, const Guard& guard) {
  const int usual = url.scheme == "https" ? 443 : 80;
  if (rest.empty()) return usual;
  const auto port = number_in(rest.substr(1), 65'535);
  if (rest.front() != ':' || !port || *port == 0) {
    return Failure{"The port of a webhook is a number from 1 to 65535."};
  }
  if (*port != usual && *port < kUnprivilegedPort && guard.plain == Guard::Plain::refused) {
    return Failure{"The port of a webhook is 443, or 1024 and above."};
  }
  return *port;
}

/// Host and port into `url`; the sentence of what is wrong, or nothing.
std::optional<Failure> read_authority(std::string_view text, const Guard& guard, Url& url) {
  std::string_view host = text.substr(0, text.find(':'));
  std::string_view rest = text.substr(host.size());
  const bool bracketed = text.starts_with('[');
  if (bracketed) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return Failure{"An IPv6 address stands in brackets."};
    host = text.substr(1, end - 1);
    rest = text.substr(end + 1);
  }
  const auto port = port_in(rest, url, guard);
  if (!port) return port.error();
  url.port = *port;
  url.address = Address::parse(host);
  const bool v6 = host.find(':') != std::string_view::npos;
  if (bracketed && (!url.address || !v6)) return Failure{"An IPv6 address stands in brackets."};
  if (!url.address && !is_name(host)) {
    return Failure{"The host of a webhook is a name in ASCII (xn--… for others), or an address."};
  }
  for (const char c : host) url.host += lower(c);
  const bool reachable =
      url.address ? address_allowed(*url.address, guard)
                  : !is_local(url.host) || !guard.networks.empty();  // its addresses decide
  if (!reachable) return Failure{"A webhook's host must be one on the public internet."};
  return std::nullopt;
}

}  // namespace

Address Address::v4(const Octets<4>& octets) {
  Address address;
  address.octets[10] = address.octets[11] = 0xff;
  std::copy(octets.begin(), octets.end(), address.octets.begin() + 12);
  return address;
}

std::optional<Address> Address::parse(std::string_view text) {
  if (text.size() >= INET6_ADDRSTRLEN || text.find('\0') != std::string_view::npos) return {};
  const std::string whole(text);
  Octets<4> four{};
  if (inet_pton(AF_INET, whole.c_str(), four.data()) == 1) return v4(four);
  Address address;
  if (inet_pton(AF_INET6, whole.c_str(), address.octets.data()) == 1) return address;
  return std::nullopt;
}

bool Address::is_v4() const {
  const auto zero = [](std::uint8_t octet) { return octet == 0; };
  return std::all_of(octets.begin(), octets.begin() + 10, zero) && octets[10] == 0xff &&
         octets[11] == 0xff;
}

std::optional<Network> Network::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = Address::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  const bool short_form = text.substr(0, slash).find(':') == std::string_view::npos;
  Network network{*address, kAddressBits};
  if (slash != std::string_view::npos) {
    const auto bits = number_in(text.substr(slash + 1), short_form ? 32 : kAddressBits);
    if (!bits) return std::nullopt;
    network.bits = short_form ? kMappedBits + *bits : *bits;
  }
  for (int bit = network.bits; bit < kAddressBits; ++bit) {
    if ((address->octets[static_cast<std::size_t>(bit / 8)] >> (7 - bit % 8) & 1) != 0) return {};
  }
  return network;
}

bool Network::holds(const Address& other) const {
  const auto whole = static_cast<std::size_t>(bits / 8);
  if (!std::equal(address.octets.begin(), address.octets.begin() + whole, other.octets.begin())) {
    return false;
  }
  if (bits % 8 == 0) return true;
  return (address.octets[whole] ^ other.octets[whole]) >> (8 - bits % 8) == 0;
}

bool address_allowed(const Address& address, const Guard& guard) {
  if (Network::parse(kNat64)->holds(address)) {
    Octets<4> hidden{};
    std::copy(address.octets.begin() + 12, address.octets.end(), hidden.begin());
    return allowed_by(guard, address) && address_allowed(Address::v4(hidden), guard);
  }
  return is_global(address) || allowed_by(guard, address);
}

Result<Url> read_url(std::string_view text, const Guard& guard) {
  if (text.size() > kUrlBytes) return Failure{"The address of a webhook has at most 2048 octets."};
  if (!is_plain_ascii(text)) {
    return Failure{"The address of a webhook is ASCII without spaces, quotes and backslashes."};
  }
  Url url;
  url.scheme = "https";
  auto rest = after_scheme(text, url.scheme);
  if (!rest && guard.plain == Guard::Plain::allowed) {
    url.scheme = "http";
    rest = after_scheme(text, url.scheme);
  }
  if (!rest) return Failure{"The address of a webhook begins with https://."};
  if (rest->find('#') != std::string_view::npos) {
    return Failure{"The address of a webhook has no fragment (#)."};
  }
  const std::string_view authority = rest->substr(0, rest->find_first_of("/?"));
  if (authority.find('@') != std::string_view::npos) {
    return Failure{"The address of a webhook holds no user name and no password."};
  }
  if (const auto wrong = read_authority(authority, guard, url)) return *wrong;
  url.target = rest->substr(authority.size());
  if (!url.target.starts_with('/')) url.target.insert(0, 1, '/');
  return url;
}

}  // namespace connectors::webhook
