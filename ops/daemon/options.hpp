#pragma once
// What an operator chooses: the command line and the configuration file, read once at the start.
#include <boost/asio/ip/tcp.hpp>
#include <filesystem>
#include <optional>
#include <set>
#include <string>

#include "connectors/email/email_channel.hpp"
#include "connectors/nats/config.hpp"
#include "connectors/sms/config.hpp"
#include "connectors/web/addresses.hpp"
#include "connectors/webhook/webhook_channel.hpp"
#include "engine/base/result.hpp"
#include "engine/bulletin.hpp"
#include "engine/delivery/escalation.hpp"

namespace ops {

struct Options {
  std::filesystem::path data;
  std::filesystem::path trust;  // may be empty where the data folder keeps one
  std::set<engine::KeyId> roots;
  boost::asio::ip::tcp::endpoint listen{boost::asio::ip::make_address("127.0.0.1"), 8080};
  std::optional<boost::asio::ip::tcp::endpoint> admin;
  std::filesystem::path tls_certificate, tls_key;  // both or neither; neither: plain HTTP
  std::filesystem::path directory_key;             // empty: where it was, or beside the data folder
  std::string node;
  std::size_t shards = 0;  // 0: one a core this process may use
  std::size_t connections_max = 15'000;
  std::size_t connections_per_address_max = 20;
  connectors::web::Networks trusted_proxies;
  // How people are reached who are not connected; nothing: not by that way.
  std::optional<connectors::email::EmailOptions> email;
  std::optional<connectors::webhook::WebhookOptions> webhook;
  bool proxy_protocol = false;  // the trusted proxies name their clients by it
  connectors::sms::SmsConfig sms;
  connectors::nats::NatsConfig nats;
  connectors::nats::ClusterConfig cluster;
  engine::delivery::Rules escalation;  // when somebody is told by another way
};

/// The options; or an exit code, where help was asked for or something was wrong (and said).
struct ParsedOptions {
  std::optional<Options> options;
  int exit_code = 0;
};
ParsedOptions parse_options(int argc, const char* const* argv);

/// `ADDRESS:PORT`, IPv6 in brackets.
engine::Result<boost::asio::ip::tcp::endpoint> parse_endpoint(std::string_view text);

/// Reads a TOML file into `options`; unknown keys and wrong values are errors that name the line.
engine::Result<void> read_config(const std::filesystem::path& file, Options& options);

}  // namespace ops
