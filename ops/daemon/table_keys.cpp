#include "ops/daemon/table_keys.hpp"

#include <fmt/format.h>

namespace ops {

using engine::Failure;
using engine::Result;
namespace fs = std::filesystem;

Failure at(const toml::node& node, std::string_view what) {
  return Failure{fmt::format("line {}: {}", node.source().begin.line, what)};
}

Result<void> read_keys(const toml::table& table, std::string_view name, const Readers& readers) {
  for (const auto& [key, node] : table) {
    const auto reader = readers.find(key.str());
    if (reader == readers.end()) {
      return at(node, fmt::format("{}.{} is not known", name, key.str()));
    }
    if (!reader->second(node)) {
      return at(node, fmt::format("{}.{} has a value that it cannot have", name, key.str()));
    }
  }
  return {};
}

Reader text_into(std::string& into) {
  return [&into](const toml::node& node) {
    const auto text = node.value_exact<std::string>();
    if (!text || text->empty()) return false;
    into = *text;
    return true;
  };
}

Reader file_into(fs::path& into, const fs::path& folder) {
  return [&into, folder](const toml::node& node) {
    const auto text = node.value_exact<std::string>();
    if (!text || text->empty()) return false;
    into = folder / *text;
    return true;
  };
}

Reader number_into(std::size_t& into) {
  return [&into](const toml::node& node) {
    const auto number = node.value_exact<std::int64_t>();
    if (!number || *number < 1 || *number > 1'000'000) return false;
    into = static_cast<std::size_t>(*number);
    return true;
  };
}

bool read_texts(const toml::node& node, const std::function<bool(std::string)>& take) {
  const toml::array* list = node.as_array();
  if (list == nullptr || list->empty()) return false;
  for (const toml::node& one : *list) {
    const auto text = one.value_exact<std::string>();
    if (!text || !take(*text)) return false;
  }
  return true;
}

}  // namespace ops
