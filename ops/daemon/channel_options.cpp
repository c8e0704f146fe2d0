#include "ops/daemon/channel_options.hpp"

#include <fmt/format.h>

#include "ops/daemon/table_keys.hpp"

namespace ops {

using connectors::email::EmailOptions;
using connectors::email::Route;
using connectors::email::SmtpServer;
using connectors::webhook::Guard;
using connectors::webhook::WebhookOptions;
using engine::Failure;
using engine::Result;
namespace fs = std::filesystem;

namespace {

bool read_starttls(const toml::node& node, Route& route) {
  const auto text = node.value_exact<std::string>();
  if (!text || (*text != "required" && *text != "allowed")) return false;
  route.tls = *text == "required" ? SmtpServer::Tls::required : SmtpServer::Tls::allowed;
  return true;
}

/// What `[email]` and a route of it have in common.
Readers server_readers(Route& route, const fs::path& folder) {
  return {{"url", text_into(route.url)},
          {"starttls", [&route](const toml::node& node) { return read_starttls(node, route); }},
          {"ca_file", file_into(route.ca_file, folder)},
          {"user", text_into(route.user)},
          {"password_file", file_into(route.password_file, folder)}};
}

Result<void> read_routes(const toml::node& node, const fs::path& folder, EmailOptions& options) {
  const toml::table* routes = node.as_table();
  if (routes == nullptr) return at(node, "email.route is a table a route: [email.route.NAME]");
  for (const auto& [name, one] : *routes) {
    const std::string called = fmt::format("email.route.{}", name.str());
    const toml::table* table = one.as_table();
    if (table == nullptr) return at(one, fmt::format("{} is a table", called));
    Route route;
    route.name = name.str();
    Readers readers = server_readers(route, folder);
    readers["domains"] = [&route](const toml::node& domains) {
      return read_texts(domains, [&route](std::string domain) {
        route.domains.push_back(std::move(domain));
        return true;
      });
    };
    if (auto read = read_keys(*table, called, readers); !read) return read;
    if (route.domains.empty()) return at(one, fmt::format("{} wants domains", called));
    options.routes.push_back(std::move(route));
  }
  return {};
}

bool read_signers(const toml::node& node, const fs::path& folder, EmailOptions& options) {
  const toml::array* list = node.as_array();
  if (list == nullptr) return false;
  for (const toml::node& one : *list) {
    const toml::table* table = one.as_table();
    connectors::email::SignerFile signer;
    const Readers readers = {{"selector", text_into(signer.selector)},
                             {"key_file", file_into(signer.key_file, folder)}};
    if (table == nullptr || table->size() != readers.size()) return false;
    if (!read_keys(*table, "email.dkim", readers)) return false;
    options.signers.push_back(std::move(signer));
  }
  return true;
}

}  // namespace

Result<EmailOptions> read_email(const toml::table& table, const fs::path& folder,
                                std::string_view host_name) {
  EmailOptions options;
  options.hello = host_name;
  Route first;
  first.name = "main";
  Result<void> routes;
  Readers readers = server_readers(first, folder);
  readers["from"] = text_into(options.from);
  readers["from_name"] = text_into(options.from_name);
  readers["hello"] = text_into(options.hello);
  readers["at_once"] = number_into(options.at_once);
  readers["bounce_domain"] = text_into(options.bounce_domain);
  readers["bounce_key_file"] = file_into(options.bounce_key_file, folder);
  readers["bounce_maildir"] = file_into(options.bounce_maildir, folder);
  readers["links"] = text_into(options.links);
  readers["dkim"] = [&](const toml::node& node) { return read_signers(node, folder, options); };
  readers["route"] = [&](const toml::node& node) {
    routes = read_routes(node, folder, options);
    return true;
  };
  if (const auto read = read_keys(table, "email", readers); !read) return read.error();
  if (!routes) return routes.error();
  options.routes.insert(options.routes.begin(), std::move(first));
  if (const auto checked = connectors::email::check(options); !checked) {
    return at(table, "email: " + checked.error().what);
  }
  return options;
}

Result<WebhookOptions> read_webhook(const toml::table& table, const fs::path& folder) {
  WebhookOptions options;
  Guard& guard = options.manner.guard;
  const Readers readers = {{"ca_file", file_into(options.manner.ca_file, folder)},
                           {"allow",
                            [&guard](const toml::node& node) {
                              return read_texts(node, [&guard](const std::string& text) {
                                const auto network = connectors::webhook::Network::parse(text);
                                if (network) guard.networks.push_back(*network);
                                return network.has_value();
                              });
                            }},
                           {"plain_http", [&guard](const toml::node& node) {
                              const auto allowed = node.value_exact<bool>();
                              if (!allowed) return false;
                              guard.plain =
                                  *allowed ? Guard::Plain::allowed : Guard::Plain::refused;
                              return true;
                            }}};
  if (const auto read = read_keys(table, "webhook", readers); !read) return read.error();
  return options;
}

}  // namespace ops
