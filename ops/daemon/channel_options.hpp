#pragma once
// The tables of the configuration that say how people are reached by e-mail and by webhook. Files
// are named relative to the folder of the configuration, and not read here.
#include <toml++/toml.h>

#include <filesystem>

#include "connectors/email/email_channel.hpp"
#include "connectors/webhook/webhook_channel.hpp"
#include "engine/base/result.hpp"

namespace ops {

/// `[email]` with its `[email.route.NAME]`s; `hello` is the name of this host where none is given.
engine::Result<connectors::email::EmailOptions> read_email(const toml::table& table,
                                                           const std::filesystem::path& folder,
                                                           std::string_view host_name);

/// `[webhook]`.
engine::Result<connectors::webhook::WebhookOptions> read_webhook(
    const toml::table& table, const std::filesystem::path& folder);

}  // namespace ops
