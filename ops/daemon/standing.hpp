#pragma once
// How a running engine stands, as operators are told.
#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "connectors/nats/cluster.hpp"
#include "connectors/nats/partners.hpp"
#include "engine/engine.hpp"
#include "engine/outbox.hpp"

namespace ops {

/// What `tocsin status --data` shows (schemas/organisations.md). Waits for the courier, a second at
/// most: never on a shard's thread. `partners` and `cluster`: null where there is no NATS server,
/// and where this machine is alone.
boost::json::object status_of(engine::Engine& engine, engine::Outbox& outbox,
                              const connectors::nats::Partners* partners,
                              const connectors::nats::Cluster* cluster);

/// Streams that are open.
std::size_t connected(engine::Engine& engine);

/// What an operator should do for those who are not connected; empty where all is well.
std::vector<std::string> warnings_of(const engine::Outbox& outbox);

}  // namespace ops
