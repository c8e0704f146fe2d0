#include "ops/daemon/escalation_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace ops {

using engine::Failure;
using engine::Result;
using engine::delivery::Patience;
using engine::delivery::Rules;

namespace {

// In the order of Rules::patience.
constexpr std::array<std::string_view, 4> kSeverities = {"minor", "moderate", "severe", "extreme"};

Failure at(const toml::node& node, std::string_view what) {
  return Failure{fmt::format("line {}: {}", node.source().begin.line, what)};
}

Result<void> read_patience(std::string_view severity, const toml::table& table,
                           Patience& patience) {
  for (const auto& [key, node] : table) {
    std::chrono::seconds* const wait = key == "acknowledged" ? &patience.acknowledged
                                       : key == "delivered"  ? &patience.delivered
                                                             : nullptr;
    if (wait == nullptr) {
      return at(node, fmt::format("escalation.{}.{} is not known", severity, key.str()));
    }
    const auto seconds = node.value_exact<std::int64_t>();
    if (!seconds || *seconds < kPatienceLeast.count() || *seconds > kPatienceMost.count()) {
      return at(node, fmt::format("whole seconds are wanted, {} to {}", kPatienceLeast.count(),
                                  kPatienceMost.count()));
    }
    *wait = std::chrono::seconds(*seconds);
  }
  return {};
}

}  // namespace

Result<void> read_escalation(const toml::table& severities, Rules& rules) {
  for (const auto& [name, node] : severities) {
    const auto* const known = std::find(kSeverities.begin(), kSeverities.end(), name.str());
    const toml::table* table = node.as_table();
    if (known == kSeverities.end() || table == nullptr) {
      return at(node, fmt::format("[escalation.SEVERITY] is one of minor, moderate, severe and "
                                  "extreme; escalation.{} is none",
                                  name.str()));
    }
    const auto place = static_cast<std::size_t>(known - kSeverities.begin());
    auto read = read_patience(name.str(), *table, rules.patience[place]);
    if (!read) return read;
  }
  return {};
}

}  // namespace ops
