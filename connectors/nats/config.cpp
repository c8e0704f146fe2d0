#include "connectors/nats/config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/url/parse.hpp>

namespace connectors::nats {

using engine::Failure;
using engine::Result;

namespace {

/// As an organisation's key, which is a token of subjects and the name of a consumer.
bool is_key(std::string_view text) {
  return !text.empty() && text.size() <= 64 &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == std::string_view::npos;
}

bool on_this_machine(std::string_view host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

Result<void> check_who(const NatsConfig& config, const NatsUrl& url) {
  if (config.user.empty() != config.password_file.empty()) {
    return Failure{"user and password_file go together"};
  }
  if (config.nkey.empty() != config.nkey_seed_file.empty()) {
    return Failure{"nkey and nkey_seed_file go together"};
  }
  if (!config.user.empty() && !config.nkey.empty()) {
    return Failure{"give a user or an nkey, not both"};
  }
  const bool tls = url.tls || !config.ca_file.empty();
  if (!config.user.empty() && !tls && !on_this_machine(url.host)) {
    return Failure{"a password is sent to another machine by TLS alone: write tls:// in the url"};
  }
  return {};
}

}  // namespace

Result<NatsUrl> parse_url(std::string_view text) {
  const Failure wrong{fmt::format(
      "'{}' is not nats://HOST:PORT or tls://HOST:PORT, such as nats://127.0.0.1:4222", text)};
  const auto parsed = boost::urls::parse_uri(boost::urls::string_view(text.data(), text.size()));
  if (!parsed) return wrong;
  const auto& url = *parsed;
  // What was meant as a secret is not said again.
  if (url.has_userinfo()) {
    return Failure{"a url says where the server is; who we are there is user and password_file"};
  }
  NatsUrl nats;
  const std::string scheme = url.scheme();
  if (scheme != "nats" && scheme != "tls") return wrong;
  nats.tls = scheme == "tls";
  const bool bare = url.encoded_path().empty() || url.encoded_path() == "/";
  if (!bare || url.has_query() || url.has_fragment()) return wrong;
  nats.host = url.host_address();
  if (nats.host.empty()) return wrong;
  if (url.has_port()) nats.port = url.port_number();
  if (nats.port == 0) return wrong;
  return nats;
}

Result<void> check(const NatsConfig& config) {
  const auto url = parse_url(config.url);
  if (!url) return url.error();
  if (auto who = check_who(config, *url); !who) return who;
  if (config.cert_file.empty() != config.key_file.empty()) {
    return Failure{"cert_file and key_file go together"};
  }
  for (const auto& partner : config.partners) {
    if (is_key(partner)) continue;
    return Failure{fmt::format("partners: '{}' is no organisation's key", partner)};
  }
  if (!config.partners.empty() && config.stream == false) {
    return Failure{"partners replay what a stream keeps: without a stream there are none"};
  }
  return {};
}

Result<std::vector<std::string>> parse_urls(std::string_view text) {
  std::vector<std::string> urls;
  std::string scheme = "nats://";
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    std::string one(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
    const auto end = one.find("://");
    if (end != std::string::npos && urls.empty()) scheme = one.substr(0, end + 3);
    if (end == std::string::npos) one = scheme + one;
    if (const auto parsed = parse_url(one); !parsed) return parsed.error();
    urls.push_back(std::move(one));
  }
  if (urls.empty()) return Failure{"the urls of its NATS servers are wanted"};
  return urls;
}

}  // namespace connectors::nats
