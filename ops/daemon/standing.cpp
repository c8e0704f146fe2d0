#include "ops/daemon/standing.hpp"

#include <boost/json.hpp>
#include <chrono>
#include <future>
#include <memory>

namespace ops {

namespace json = boost::json;

namespace {

json::array texts(const std::vector<std::string>& lines) {
  return json::array(lines.begin(), lines.end());
}

/// Nothing: the courier is busy beyond a second.
json::value gateways_of(engine::Outbox& outbox) {
  using All = std::vector<engine::GatewayState>;
  auto asked = std::make_shared<std::promise<All>>();
  auto told = asked->get_future();
  outbox.gateways([asked](All all) { asked->set_value(std::move(all)); });
  if (told.wait_for(std::chrono::seconds{1}) != std::future_status::ready) return nullptr;
  json::array gateways;
  for (const auto& one : told.get()) {
    json::object gateway{{"channel", engine::text(one.way)},
                         {"name", one.name},
                         {"up", one.up},
                         {"under_way", one.under_way}};
    if (!one.up) gateway["why"] = one.why;
    gateways.push_back(std::move(gateway));
  }
  return gateways;
}

json::object outbox_of(engine::Outbox& outbox) {
  const auto state = outbox.state();
  return {{"looked_at", number(state.planned)}, {"under_way", state.under_way},
          {"uncertain", state.uncertain},       {"dropped", state.dropped},
          {"writable", state.writable},         {"full", state.full},
          {"gateways", gateways_of(outbox)}};
}

/// Null where there is none.
json::value nats_of(const connectors::nats::Partners* partners) {
  if (partners == nullptr) return nullptr;
  const auto state = partners->state();
  json::object nats{{"reached", state.connected},
                    {"stream", state.stream},
                    {"published", number(state.published)}};
  if (!state.connected) nats["why"] = state.why;
  return nats;
}

json::object node_of(const connectors::nats::Nodes::Heard& heard, bool edge) {
  const auto& node = heard.node;
  return {{"node", node.name},
          {"edge", edge},
          {"gone", heard.gone()},
          {"silent_s", std::chrono::floor<std::chrono::seconds>(heard.silent).count()},
          {"epoch", node.epoch},
          {"head", number(node.head)},
          {"current", node.current},
          {"streams", node.streams}};
}

/// Null where this machine is alone.
json::value cluster_of(const connectors::nats::Cluster* cluster) {
  if (cluster == nullptr) return nullptr;
  const auto state = cluster->state();
  json::array nodes;
  for (const auto& node : state.nodes) nodes.push_back(node_of(node, false));
  for (const auto& node : state.edges) nodes.push_back(node_of(node, true));
  json::object told{{"reached", state.reached}, {"current", state.current}, {"nodes", nodes}};
  if (state.reached) told["server"] = state.server;
  if (!state.current && !state.why.empty()) told["why"] = state.why;
  return told;
}

}  // namespace

std::size_t connected(engine::Engine& engine) {
  std::size_t sum = 0;
  for (auto& shard : engine.shards()) sum += shard->subscribers();
  return sum;
}

json::object status_of(engine::Engine& engine, engine::Outbox& outbox,
                       const connectors::nats::Partners* partners,
                       const connectors::nats::Cluster* cluster) {
  const auto readiness = engine.readiness();
  const auto trust = engine.trust();
  const auto receipts = engine.receipts().state();
  return {
      {"ready", readiness.ready},
      {"problems", texts(readiness.problems)},
      {"warnings", texts(readiness.warnings)},
      {"node", engine.options().node},
      {"system", trust->system},
      {"kind", engine.hello().kind},
      {"epoch", engine.log().epoch()},
      {"head", number(engine.log().head())},
      {"streams", connected(engine)},
      {"organisations", engine.directory().size()},
      {"receipts",
       {{"waiting", receipts.waiting},
        {"dropped", receipts.dropped},
        {"writable", receipts.writable},
        {"full", receipts.full}}},
      {"outbox", outbox_of(outbox)},
      {"nats", nats_of(partners)},
      {"cluster", cluster_of(cluster)},
      {"trust", {{"version", trust->version}, {"expires", engine::format_time(trust->expires)}}}};
}

std::vector<std::string> warnings_of(const engine::Outbox& outbox) {
  const auto state = outbox.state();
  if (!state.writable) {
    return {
        "What is owed by SMS, e-mail and webhook could not be written: nobody is sent anything. "
        "Who is connected is not touched by this. Check the disk, then restart the engine."};
  }
  if (state.full) {
    return {
        "There is no room on the disk for what is owed by SMS, e-mail and webhook: nobody is sent "
        "anything. Make room; it then goes on by itself."};
  }
  return {};
}

}  // namespace ops
