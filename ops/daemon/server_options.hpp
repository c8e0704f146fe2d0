#pragma once
// What an operator chose, as the web server wants it: no more streams than there are descriptors
// for. Pure.
#include <cstddef>

#include "connectors/web/server.hpp"
#include "ops/daemon/options.hpp"

namespace ops {

/// `descriptors` is how many this process may have open. Of them limits::kDescriptorsReserved are
/// kept back for everything but streams, or half where there are fewer than twice as many.
connectors::web::ServerOptions server_options_of(const Options& options, std::size_t descriptors,
                                                 engine::Outbox* outbox = nullptr);

}  // namespace ops
