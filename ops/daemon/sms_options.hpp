#pragma once
// The gateways for text messages, as the configuration file names them, and the channel over them.
#include <toml++/toml.h>

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <memory>

#include "connectors/sms/config.hpp"
#include "engine/base/metrics.hpp"
#include "engine/base/result.hpp"
#include "engine/channel.hpp"

namespace ops {

/// `[sms.NAME]`, a table a gateway. Files are sought in `folder`. Unknown keys and wrong values are
/// errors that name the line.
engine::Result<void> read_sms(const toml::table& gateways, const std::filesystem::path& folder,
                              connectors::sms::SmsConfig& config);

/// Nothing where no gateway is configured. What is given outlives the channel.
std::unique_ptr<engine::Channel> make_sms_channel(boost::asio::io_context& courier,
                                                  const engine::Clock& clock,
                                                  engine::Metrics& metrics,
                                                  const connectors::sms::SmsConfig& config);

}  // namespace ops
