#include "connectors/nats/nodes.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "connectors/nats/limits.hpp"
#include "engine/base/bytes.hpp"

namespace connectors::nats {

namespace json = boost::json;
using engine::Sequence;

constexpr std::size_t kHexSize = 16;  // of an id, an epoch, a word

std::string node_json(const Node& node) {
  return json::serialize(json::object{{"id", node.id},
                                      {"node", node.name},
                                      {"epoch", node.epoch},
                                      {"head", number(node.head)},
                                      {"current", node.current},
                                      {"streams", node.streams},
                                      {"trust", node.trust}});
}

namespace {

/// It becomes part of a subject, and of what an operator reads.
bool sound(const Node& node) {
  const auto hexadecimal = [](std::string_view text) {
    return text.size() == kHexSize && engine::from_hex(text).has_value();
  };
  const bool name = !node.name.empty() && node.name.size() <= limits::kNodeName &&
                    std::none_of(node.name.begin(), node.name.end(), [](char octet) {
                      return static_cast<unsigned char>(octet) < 0x20 || octet == 0x7f;
                    });
  return name && hexadecimal(node.id) && hexadecimal(node.epoch) &&
         (node.trust.empty() || hexadecimal(node.trust));
}

}  // namespace

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
  bool numbers = true;
  const auto number_of = [&](std::string_view key) -> std::uint64_t {
    const json::value* found = object->if_contains(key);
    boost::system::error_code wrong;
    const auto number = found != nullptr ? found->to_number<std::uint64_t>(wrong) : 0;
    numbers = numbers && !wrong;
    return number;
  };
  const json::value* current = object->if_contains("current");
  Node node{text_of("id"),
            text_of("node"),
            text_of("epoch"),
            Sequence{number_of("head")},
            current != nullptr && current->is_bool() && current->as_bool(),
            number_of("streams"),
            text_of("trust")};
  if (!numbers || !sound(node)) return std::nullopt;
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
