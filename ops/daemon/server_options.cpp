#include "ops/daemon/server_options.hpp"

#include <algorithm>

#include "engine/limits.hpp"

namespace ops {

connectors::web::ServerOptions server_options_of(const Options& options, std::size_t descriptors,
                                                 engine::Outbox* outbox) {
  connectors::web::ServerOptions server_options;
  server_options.outbox = outbox;
  server_options.listen = options.listen;
  server_options.admin = options.admin;
  const std::size_t reserved = std::min(engine::limits::kDescriptorsReserved, descriptors / 2);
  server_options.connections_max = std::min(options.connections_max, descriptors - reserved);
  server_options.connections_per_address_max = options.connections_per_address_max;
  server_options.trusted_proxies = options.trusted_proxies;
  server_options.proxy_protocol = options.proxy_protocol;
  return server_options;
}

}  // namespace ops
