#include "ops/daemon/nats_options.hpp"

#include "ops/daemon/table_keys.hpp"

namespace ops {

using connectors::nats::ClusterConfig;
using connectors::nats::NatsConfig;
using engine::Result;

namespace {

/// Who we are at a server.
Readers access_readers(NatsConfig& config, const std::filesystem::path& folder) {
  return {{"user", text_into(config.user)},
          {"password_file", file_into(config.password_file, folder)},
          {"nkey", text_into(config.nkey)},
          {"nkey_seed_file", file_into(config.nkey_seed_file, folder)},
          {"ca_file", file_into(config.ca_file, folder)},
          {"cert_file", file_into(config.cert_file, folder)},
          {"key_file", file_into(config.key_file, folder)}};
}

/// How many servers keep a stream: as many as JetStream's majorities are made of.
Reader replicas_into(std::size_t& replicas) {
  return [&replicas](const toml::node& node) {
    const auto wanted = node.value_exact<std::int64_t>();
    replicas = static_cast<std::size_t>(wanted.value_or(0));
    return wanted == 1 || wanted == 3 || wanted == 5;
  };
}

}  // namespace

Result<void> read_cluster(const toml::table& table, const std::filesystem::path& folder,
                          ClusterConfig& config) {
  std::string urls;
  Readers readers = access_readers(config.access, folder);
  readers["urls"] = [&urls](const toml::node& node) {
    return read_texts(node, [&urls](const std::string& url) {
      urls += (urls.empty() ? "" : ",") + url;
      return true;
    });
  };
  readers["replicas"] = replicas_into(config.replicas);
  readers["shared_key_file"] = file_into(config.shared_key_file, folder);
  readers["edge"] = [&config](const toml::node& node) {
    const auto wanted = node.value_exact<bool>();
    config.edge = config.edge || wanted.value_or(false);
    return wanted.has_value();
  };
  if (auto read = read_keys(table, "cluster", readers); !read) return read;
  if (config.configured() || urls.empty()) return {};
  auto parsed = connectors::nats::parse_urls(urls);
  if (!parsed) return at(table, parsed.error().what);
  config.urls = *std::move(parsed);
  return {};
}

Result<void> read_nats(const toml::table& table, const std::filesystem::path& folder,
                       NatsConfig& config) {
  std::string url;
  Readers readers = access_readers(config, folder);
  readers["url"] = text_into(url);
  readers["replicas"] = replicas_into(config.replicas);
  readers["stream"] = [&config](const toml::node& node) {
    config.stream = node.value_exact<bool>();
    return config.stream.has_value();
  };
  readers["ingest"] = [&config](const toml::node& node) {
    const auto wanted = node.value_exact<bool>();
    config.ingest = wanted.value_or(config.ingest);
    return wanted.has_value();
  };
  readers["partners"] = [&config](const toml::node& node) {
    return read_texts(node, [&config](std::string partner) {
      config.partners.push_back(std::move(partner));
      return true;
    });
  };
  if (auto read = read_keys(table, "nats", readers); !read) return read;
  if (config.url.empty()) config.url = url;
  if (config.url.empty()) return at(table, "nats wants a url, or --nats");
  return {};
}

}  // namespace ops
