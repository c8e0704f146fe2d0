#pragma once
// What reading a table of the configuration has in common: every key has a reader, one without is
// an error that names its line, and files are sought beside the configuration.
#include <toml++/toml.h>

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"

namespace ops {

engine::Failure at(const toml::node& node, std::string_view what);

/// A table's keys, each with what reads its value: true where it is of the right kind.
using Reader = std::function<bool(const toml::node&)>;
using Readers = std::map<std::string_view, Reader>;

engine::Result<void> read_keys(const toml::table& table, std::string_view name,
                               const Readers& readers);

Reader text_into(std::string& into);
Reader file_into(std::filesystem::path& into, const std::filesystem::path& folder);
Reader number_into(std::size_t& into);

/// A list of texts, at least one; false where `take` does not take one.
bool read_texts(const toml::node& node, const std::function<bool(std::string)>& take);

}  // namespace ops
