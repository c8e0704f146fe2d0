#include "ops/daemon/nats_options.hpp"

#include "ops/daemon/table_keys.hpp"

namespace ops {

using connectors::nats::NatsConfig;
using engine::Result;

Result<void> read_nats(const toml::table& table, const std::filesystem::path& folder,
                       NatsConfig& config) {
  std::string url;
  const Readers readers = {{"url", text_into(url)},
                           {"user", text_into(config.user)},
                           {"password_file", file_into(config.password_file, folder)},
                           {"nkey", text_into(config.nkey)},
                           {"nkey_seed_file", file_into(config.nkey_seed_file, folder)},
                           {"ca_file", file_into(config.ca_file, folder)},
                           {"cert_file", file_into(config.cert_file, folder)},
                           {"key_file", file_into(config.key_file, folder)},
                           {"stream",
                            [&config](const toml::node& node) {
                              config.stream = node.value_exact<bool>();
                              return config.stream.has_value();
                            }},
                           {"ingest",
                            [&config](const toml::node& node) {
                              const auto wanted = node.value_exact<bool>();
                              config.ingest = wanted.value_or(config.ingest);
                              return wanted.has_value();
                            }},
                           {"partners", [&config](const toml::node& node) {
                              return read_texts(node, [&config](std::string partner) {
                                config.partners.push_back(std::move(partner));
                                return true;
                              });
                            }}};
  if (auto read = read_keys(table, "nats", readers); !read) return read;
  if (config.url.empty()) config.url = url;
  if (config.url.empty()) return at(table, "nats wants a url, or --nats");
  return {};
}

}  // namespace ops
