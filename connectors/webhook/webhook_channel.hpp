#pragma once
// Alerts to organisations' own servers: one signed request a delivery, to public addresses alone,
// and a receipt in the answer where the receiver gives one. On the courier's thread.
#include <boost/asio/io_context.hpp>
#include <memory>

#include "connectors/webhook/request.hpp"
#include "engine/base/time.hpp"
#include "engine/channel.hpp"

namespace connectors::webhook {

struct WebhookOptions {
  Manner manner;
  std::size_t at_once = limits::kAtOnce;
};

std::unique_ptr<engine::Channel> open_webhook(boost::asio::io_context& io,
                                              const engine::Clock& clock, WebhookOptions options);

}  // namespace connectors::webhook
