#include "connectors/nats/nodes.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "connectors/nats/limits.hpp"

namespace connectors::nats {

namespace json = boost::json;
using engine::Sequence;

std::string node_json(const Node& node) {
  return json::serialize(json::object{{"id", node.id},
                                      {"node", node.name},
                                      {"epoch", node.epoch},
                                      {"head", number(node.head)},
                                      {"current", node.current},
                                      {"streams", node.streams},
                                      {"trust", node.trust}});
}

std::optional<Node> read_node(std::string_view text) {
  if (text.size() > limits::kNodeBytes) return std::nullopt;
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  const json::object* object = error ? nullptr : value.if_object();
  if (object == nullptr) return std::nullopt;
  const auto text_of = [&](std::string_view key) -> std::string {
    const json::value* found = object->if_contains(key);
    return found != nullptr && found->is_string() ? std::string(found->as_string()) : "";
  };
  const auto number_of = [&](std::string_view key) -> std::uint64_t {
    const json::value* found = object->if_contains(key);
    return found != nullptr && found->is_number() ? found->to_number<std::uint64_t>(error) : 0;
  };
  const json::value* current = object->if_contains("current");
  Node node{text_of("id"),
            text_of("node"),
            text_of("epoch"),
            Sequence{number_of("head")},
            current != nullptr && current->is_bool() && current->as_bool(),
            number_of("streams"),
            text_of("trust")};
  if (error || node.id.empty() || node.name.empty() || node.epoch.empty()) return std::nullopt;
  return node;
}

void Nodes::hear(Node node, Time now) {
  std::erase_if(by_name_,
                [&](const auto& one) { return now - one.second.heard > limits::kForgottenAfter; });
  if (by_name_.size() >= limits::kNodesMax && !by_name_.contains(node.name)) return;
  std::string name = node.name;
  by_name_.insert_or_assign(std::move(name), Known{std::move(node), now});
}

bool Nodes::Heard::gone() const { return silent > limits::kGoneAfter; }

std::vector<Nodes::Heard> Nodes::known(Time now) const {
  std::vector<Heard> known;
  for (const auto& [name, one] : by_name_) {
    if (now - one.heard <= limits::kForgottenAfter) known.push_back({one.node, now - one.heard});
  }
  return known;
}

std::vector<Node> Nodes::there(Time now) const {
  std::vector<Node> there;
  for (const auto& [name, known] : by_name_) {
    if (now - known.heard <= limits::kGoneAfter) there.push_back(known.node);
  }
  return there;
}

std::vector<Node> Nodes::last_there() const {
  Time last{};
  for (const auto& [name, known] : by_name_) last = std::max(last, known.heard);
  return there(last);
}

bool Nodes::all_since(Time then) const {
  return std::all_of(by_name_.begin(), by_name_.end(),
                     [&](const auto& one) { return one.second.heard >= then; });
}

std::optional<Node> Nodes::farthest(const engine::Epoch& epoch, Time now) const {
  std::optional<Node> best;
  for (const Node& node : there(now)) {
    if (node.epoch == epoch && (!best || node.head > best->head)) best = node;
  }
  return best;
}

}  // namespace connectors::nats
