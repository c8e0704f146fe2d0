#include "ops/daemon/options.hpp"

#include <fmt/format.h>
#include <fmt/ostream.h>
#include <unistd.h>

#include <toml++/toml.h>
#include <CLI/CLI.hpp>
#include <array>
#include <charconv>
#include <sstream>

#include "engine/base/bytes.hpp"
#include "ops/daemon/channel_options.hpp"
#include "ops/daemon/escalation_options.hpp"
#include "ops/daemon/nats_options.hpp"
#include "ops/daemon/sms_options.hpp"
#include "ops/daemon/table_keys.hpp"

namespace ops {

using boost::asio::ip::tcp;
using engine::Failure;
using engine::Result;

namespace {

constexpr int kWrongUsage = 2;

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "tocsin";
  return name.data();
}

Result<std::size_t> positive(const toml::node& node) {
  const auto value = node.value<std::int64_t>();
  if (!value || *value < 1 || *value > 1'000'000)
    return at(node, "a number from 1 to 1000000 is wanted");
  return static_cast<std::size_t>(*value);
}

Result<void> read_proxies(const toml::node& node, Options& options) {
  const toml::array* networks = node.as_array();
  if (networks == nullptr)
    return at(node, "a list of networks is wanted, such as [\"10.0.0.0/8\"]");
  for (const toml::node& network : *networks) {
    const auto added = options.trusted_proxies.add(network.value_or(std::string_view{}));
    if (!added) return at(network, added.error().what);
  }
  return {};
}

Result<void> read_proxy_protocol(const toml::node& node, Options& options) {
  const auto wanted = node.value_exact<bool>();
  if (!wanted) return at(node, "limits.proxy_protocol is true or false");
  options.proxy_protocol = *wanted;
  return {};
}

Result<void> read_limits(const toml::table& table, Options& options) {
  for (const auto& [key, node] : table) {
    const std::string_view name = key.str();
    if (name == "trusted_proxies" || name == "proxy_protocol") {
      auto read = name == "proxy_protocol" ? read_proxy_protocol(node, options)
                                           : read_proxies(node, options);
      if (!read) return read;
      continue;
    }
    std::size_t* target = name == "connections"               ? &options.connections_max
                          : name == "connections_per_address" ? &options.connections_per_address_max
                                                              : nullptr;
    if (target == nullptr) return at(node, fmt::format("limits.{} is not known", name));
    const auto value = positive(node);
    if (!value) return value.error();
    *target = *value;
  }
  if (options.proxy_protocol && options.trusted_proxies.empty()) {
    return at(*table.get("proxy_protocol"),
              "limits.proxy_protocol wants limits.trusted_proxies: nobody else is believed");
  }
  return {};
}

Result<void> read_admin(const toml::table& table, Options& options) {
  for (const auto& [key, node] : table) {
    const std::string_view name = key.str();
    if (name != "listen") return at(node, fmt::format("admin.{} is not known", name));
    const auto endpoint = parse_endpoint(node.value_or(std::string_view{}));
    if (!endpoint) return at(node, endpoint.error().what);
    options.admin = *endpoint;
  }
  return {};
}

/// What the command line named stays. Files are looked for beside the configuration.
Result<void> read_tls(const toml::table& table, const std::filesystem::path& folder,
                      Options& options) {
  for (const auto& [key, node] : table) {
    const std::string_view name = key.str();
    std::filesystem::path* target = name == "cert"  ? &options.tls_certificate
                                    : name == "key" ? &options.tls_key
                                                    : nullptr;
    if (target == nullptr) return at(node, fmt::format("tls.{} is not known", name));
    const auto file = node.value<std::string>();
    if (!file || file->empty()) return at(node, "the path of a file is wanted");
    if (target->empty()) *target = folder / *file;
  }
  return {};
}

Result<void> read_directory_key(const toml::node& node, const std::filesystem::path& folder,
                                Options& options) {
  const auto file = node.value<std::string>();
  if (!file || file->empty()) return at(node, "the path of a file is wanted");
  options.directory_key = folder / *file;
  return {};
}

Result<void> read_mail(const toml::table& table, const std::filesystem::path& folder,
                       Options& options) {
  auto read = read_email(table, folder, host_name());
  if (!read) return read.error();
  options.email = std::move(*read);
  return {};
}

Result<void> read_hooks(const toml::table& table, const std::filesystem::path& folder,
                        Options& options) {
  auto read = read_webhook(table, folder);
  if (!read) return read.error();
  options.webhook = std::move(*read);
  return {};
}

Result<void> read_table(const toml::table& config, const std::filesystem::path& folder,
                        Options& options) {
  for (const auto& [key, node] : config) {
    const std::string_view name = key.str();
    if (name == "directory_key_file") {
      if (auto read = read_directory_key(node, folder, options); !read) return read;
      continue;
    }
    const toml::table* table = node.as_table();
    const Failure unknown = at(node, fmt::format("{} is not known", name));
    if (table == nullptr) return unknown;
    auto read = name == "limits"       ? read_limits(*table, options)
                : name == "admin"      ? read_admin(*table, options)
                : name == "sms"        ? read_sms(*table, folder, options.sms)
                : name == "email"      ? read_mail(*table, folder, options)
                : name == "webhook"    ? read_hooks(*table, folder, options)
                : name == "nats"       ? read_nats(*table, folder, options.nats)
                : name == "cluster"    ? read_cluster(*table, folder, options.cluster)
                : name == "escalation" ? read_escalation(*table, options.escalation)
                : name == "tls"        ? read_tls(*table, folder, options)
                                       : Result<void>(unknown);
    if (!read) return read;
  }
  return {};
}

}  // namespace

Result<tcp::endpoint> parse_endpoint(std::string_view text) {
  const Failure wrong{fmt::format("{} is not ADDRESS:PORT, such as 127.0.0.1:8080", text)};
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return wrong;
  std::string host(text.substr(0, colon));
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const std::string_view digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (fault != std::errc{} || end != digits.data() + digits.size()) return wrong;
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host, error);
  if (error) return wrong;
  return tcp::endpoint{address, port};
}

Result<void> read_config(const std::filesystem::path& file, Options& options) {
  try {
    const toml::table config = toml::parse_file(file.string());
    auto read = read_table(config, file.parent_path(), options);
    if (!read) return Failure{fmt::format("{}: {}", file.string(), read.error().what)};
    return read;
  } catch (const toml::parse_error& error) {
    return Failure{fmt::format("{}: line {}: {}", file.string(), error.source().begin.line,
                               error.description())};
  }
}

namespace {

/// It sends alerts out to who is connected, and has no other work.
Result<void> check_edge(const Options& options) {
  if (!options.cluster.configured()) {
    return Failure{"--edge wants --cluster: whose alerts it sends out"};
  }
  if (options.sms.gateways.empty() && !options.email && !options.webhook &&
      !options.nats.configured()) {
    return {};
  }
  return Failure{
      "--edge goes without [sms], [email], [webhook] and [nats]: nodes that take alerts have them"};
}

/// What the command line and the configuration say together; a sentence where that cannot be.
Result<void> put_together(const std::string& config, const std::string& cluster, Options& options) {
  if (!config.empty()) {
    if (auto read = read_config(config, options); !read) return read;
  }
  if (options.tls_certificate.empty() != options.tls_key.empty()) {
    return Failure{"a certificate and its key go together: --tls-cert FILE --tls-key FILE"};
  }
  if (!cluster.empty()) {
    auto urls = connectors::nats::parse_urls(cluster);
    if (!urls) return Failure{"--cluster: " + urls.error().what};
    options.cluster.urls = *std::move(urls);
  }
  if (options.cluster.edge) {
    if (auto fits = check_edge(options); !fits) return fits;
  }
  if (!options.nats.configured()) return {};
  const auto checked = connectors::nats::check(options.nats);
  return checked ? Result<void>{} : Failure{"nats: " + checked.error().what};
}

}  // namespace

ParsedOptions parse_options(int argc, const char* const* argv) {
  Options options;
  options.node = host_name();
  std::string listen = "127.0.0.1:8080";
  std::string config;
  std::vector<std::string> roots;
  CLI::App app{"tocsind: takes in signed alerts and broadcasts them"};
  app.set_version_flag("--version", "tocsind " TOCSIN_VERSION);
  app.add_option("--data", options.data, "Folder of the log; made where it is not there")
      ->required();
  app.add_option("--trust", options.trust, "Trust document; needed for a new data folder");
  app.add_option("--root", roots, "Ids of the root keys to believe")->delimiter(',');
  app.add_option("--listen", listen, "ADDRESS:PORT; port 0 picks a free one")
      ->capture_default_str();
  app.add_option("--tls-cert", options.tls_certificate,
                 "Certificate, PEM, with its intermediates: --listen speaks HTTPS");
  app.add_option("--tls-key", options.tls_key,
                 "Its private key, PEM, readable by its owner alone; SIGHUP reads both again");
  app.add_option("--nats", options.nats.url,
                 "nats://HOST:PORT or tls://HOST:PORT, where partners listen; who we are there "
                 "stands in [nats] of --config");
  std::string cluster;
  app.add_option("--cluster", cluster,
                 "nats://HOST:PORT,… of the servers that keep the order of several machines' "
                 "alerts; who we are there stands in [cluster] of --config");
  app.add_flag(
      "--edge", options.cluster.edge,
      "Only send out what the others of --cluster have: it takes no alerts, and has no say "
      "in their order");
  app.add_option("--config", config,
                 "Configuration, TOML: limits, proxies in front and what they say, admin.listen, "
                 "TLS, NATS, whom people are told by: text messages, mails, webhooks");
  app.add_option("--node", options.node, "Name of this node")->capture_default_str();
  app.add_option("--shards", options.shards, "Threads that serve connections; 0: one a core")
      ->check(CLI::Range(0, 64));
  const auto wrong = [](const std::string& why) {
    fmt::print(stderr, "tocsind: {}\n", why);
    return ParsedOptions{std::nullopt, kWrongUsage};
  };
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return {std::nullopt, app.exit(error) == 0 ? 0 : kWrongUsage};
  }
  for (const auto& root : roots) {
    const auto octets = engine::from_hex(root);
    const auto keyid = octets ? engine::exactly<32>(*octets) : std::nullopt;
    if (!keyid) return wrong("--root takes key ids, 64 hexadecimal digits each: " + root);
    options.roots.insert(*keyid);
  }
  const auto endpoint = parse_endpoint(listen);
  if (!endpoint) return wrong("--listen: " + endpoint.error().what);
  options.listen = *endpoint;
  if (const auto all = put_together(config, cluster, options); !all) return wrong(all.error().what);
  return {options, 0};
}

}  // namespace ops
