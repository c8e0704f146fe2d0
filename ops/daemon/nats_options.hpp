#pragma once
// The tables of the configuration that say where partners listen on NATS, and which servers keep
// the order of a cluster; and who we are there.
#include <toml++/toml.h>

#include <filesystem>

#include "connectors/nats/config.hpp"
#include "engine/base/result.hpp"

namespace ops {

/// `[nats]`, into what the command line has named: its url stays. Checked once both are read.
engine::Result<void> read_nats(const toml::table& table, const std::filesystem::path& folder,
                               connectors::nats::NatsConfig& config);

/// `[cluster]`, into what the command line has named: its urls stay.
engine::Result<void> read_cluster(const toml::table& table, const std::filesystem::path& folder,
                                  connectors::nats::ClusterConfig& config);

}  // namespace ops
