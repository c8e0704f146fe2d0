#include "ops/cli/url.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>

#include "ops/cli/visible.hpp"

namespace ops::cli {

std::string Url::authority() const {
  const bool v6 = host.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", v6 ? "[" : "", host, v6 ? "]" : "", port);
}

bool Url::loopback() const {
  const bool numbers = host.find_first_not_of("0123456789.") == std::string::npos;
  return host == "localhost" || host == "::1" || (numbers && host.starts_with("127."));
}

namespace {

Trouble not_an_address(std::string_view text) {
  return trouble(Exit::usage, fmt::format("'{}' is not the address of an engine", visible(text)),
                 "write it as http://127.0.0.1:8080");
}

bool is_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc{} && end == text.data() + text.size() && port > 0 && port < 65536;
}

bool is_host(std::string_view text) {
  constexpr std::string_view allowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:";
  return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
}

bool is_prefix(std::string_view text) {
  for (const char c : text) {
    if (c <= ' ' || c == 0x7f || c == '?' || c == '#') return false;
  }
  return true;
}

}  // namespace

Outcome<Url> parse_url(std::string_view text) {
  constexpr std::string_view http = "http://", https = "https://";
  Url url;
  url.tls = text.starts_with(https);
  if (!url.tls && !text.starts_with(http)) return not_an_address(text);
  std::string_view rest = text.substr(url.tls ? https.size() : http.size());
  const auto slash = rest.find('/');
  if (slash != std::string_view::npos) {
    url.prefix = rest.substr(slash);
    while (url.prefix.ends_with('/')) url.prefix.pop_back();
    rest = rest.substr(0, slash);
  }
  std::string_view port;
  if (rest.starts_with('[')) {
    const auto close = rest.find(']');
    if (close == std::string_view::npos) return not_an_address(text);
    url.host = rest.substr(1, close - 1);
    port = rest.substr(close + 1);
  } else {
    const auto colon = rest.find(':');
    url.host = rest.substr(0, colon);
    if (colon != std::string_view::npos) port = rest.substr(colon);
    if (url.host.find(':') != std::string::npos) return not_an_address(text);
  }
  if (port.empty()) {
    url.port = url.tls ? "443" : "80";
  } else if (port.front() == ':' && is_port(port.substr(1))) {
    url.port = port.substr(1);
  } else {
    return not_an_address(text);
  }
  if (!is_host(url.host) || !is_prefix(url.prefix)) return not_an_address(text);
  return url;
}

std::string query_value(std::string_view text) {
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:@,";
  std::string out;
  for (const char c : text) {
    if (plain.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<std::uint8_t>(c));
    }
  }
  return out;
}

}  // namespace ops::cli
