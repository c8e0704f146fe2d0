#include "ops/daemon/sms_options.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "connectors/sms/sms_channel.hpp"

namespace ops {

using connectors::sms::GatewayConfig;
using connectors::sms::SmsConfig;
using engine::Failure;
using engine::Result;

namespace {

template <class Value>
using Members = std::array<std::pair<std::string_view, Value GatewayConfig::*>, 3>;

constexpr std::array<std::pair<std::string_view, std::string GatewayConfig::*>, 4> kTexts = {
    {{"url", &GatewayConfig::url},
     {"source", &GatewayConfig::source},
     {"system_type", &GatewayConfig::system_type},
     {"addresses", &GatewayConfig::addresses}}};
constexpr Members<std::size_t> kNumbers = {{{"window", &GatewayConfig::window},
                                            {"rate", &GatewayConfig::rate},
                                            {"weight", &GatewayConfig::weight}}};
constexpr std::array<std::pair<std::string_view, std::filesystem::path GatewayConfig::*>, 2>
    kFiles = {
        {{"password_file", &GatewayConfig::password_file}, {"ca_file", &GatewayConfig::ca_file}}};

Failure at(const toml::node& node, std::string_view what) {
  return Failure{fmt::format("line {}: {}", node.source().begin.line, what)};
}

/// Judged with the rest of its gateway; here it is only a number that fits.
Result<void> read_number(const toml::node& node, std::size_t& number) {
  const auto value = node.value_exact<std::int64_t>();
  if (!value || *value < 0) return at(node, "a whole number is wanted");
  number = static_cast<std::size_t>(*value);
  return {};
}

Result<std::string> read_text(const toml::node& node) {
  auto value = node.value_exact<std::string>();
  if (!value || value->empty()) return at(node, "a text is wanted");
  return std::move(*value);
}

Result<void> read_key(std::string_view key, const toml::node& node,
                      const std::filesystem::path& folder, GatewayConfig& gateway) {
  for (const auto& [name, number] : kNumbers) {
    if (key == name) return read_number(node, gateway.*number);
  }
  for (const auto& [name, text] : kTexts) {
    if (key != name) continue;
    auto value = read_text(node);
    if (!value) return value.error();
    gateway.*text = std::move(*value);
    return {};
  }
  if (key == "replies") {
    const auto value = node.value_exact<bool>();
    if (!value) return at(node, "replies is true or false");
    gateway.replies = *value;
    return {};
  }
  for (const auto& [name, file] : kFiles) {
    if (key != name) continue;
    const auto value = read_text(node);
    if (!value) return value.error();
    gateway.*file = folder / *value;
    return {};
  }
  return at(node, fmt::format("sms.{}.{} is not known", gateway.name, key));
}

}  // namespace

Result<void> read_sms(const toml::table& gateways, const std::filesystem::path& folder,
                      SmsConfig& config) {
  for (const auto& [name, node] : gateways) {
    const toml::table* table = node.as_table();
    if (table == nullptr) {
      return at(node, fmt::format("[sms.NAME] is a table a gateway; sms.{} is none", name.str()));
    }
    GatewayConfig gateway;
    gateway.name = name.str();
    for (const auto& [key, value] : *table) {
      auto read = read_key(key.str(), value, folder, gateway);
      if (!read) return read;
    }
    config.gateways.push_back(std::move(gateway));
    const auto judged = judge(config);
    if (!judged) return at(node, judged.error().what);
  }
  return {};
}

std::unique_ptr<engine::Channel> make_sms_channel(boost::asio::io_context& courier,
                                                  const engine::Clock& clock,
                                                  engine::Metrics& metrics,
                                                  const SmsConfig& config) {
  if (config.gateways.empty()) return nullptr;
  return std::make_unique<connectors::sms::SmsChannel>(courier, clock, metrics, config);
}

}  // namespace ops
