#pragma once
// What the machines of a cluster say of themselves, once a second: where their logs end, and
// whether they take alerts. A table of the last word of each, bounded. Of one thread.
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/position.hpp"

namespace connectors::nats {

struct Node {
  std::string id;    // drawn at its start; 16 hexadecimal digits, as epoch and trust
  std::string name;  // as its operator calls it
  engine::Epoch epoch;
  engine::Sequence head = engine::Sequence::none;
  bool current = false;  // it has the order, and takes alerts
  std::uint64_t streams = 0;
  std::string trust;  // one text for one trust document with its revocations; empty: none yet
  bool operator==(const Node&) const = default;
};

std::string node_json(const Node& node);
/// Nothing where it is none of ours, or longer than kNodeBytes.
std::optional<Node> read_node(std::string_view text);

class Nodes {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// Of each name the last word; one more than kNodesMax is not taken. Who has said nothing for
  /// kForgottenAfter is forgotten.
  void hear(Node node, Time now);
  /// Everybody that is not forgotten, by name, and for how long each has said nothing.
  struct Heard {
    Node node;
    std::chrono::steady_clock::duration silent{};
    bool gone() const;
  };
  std::vector<Heard> known(Time now) const;
  /// Those heard of within kGoneAfter, by name.
  std::vector<Node> there(Time now) const;
  /// Whether everybody that is not forgotten has been heard of since then.
  bool all_since(Time then) const;
  /// Those that were there when the last of them was heard of, however long ago that is.
  std::vector<Node> last_there() const;
  /// Of those that are there the one of that epoch whose log goes farthest.
  std::optional<Node> farthest(const engine::Epoch& epoch, Time now) const;

 private:
  struct Known {
    Node node;
    Time heard;
  };
  std::map<std::string, Known> by_name_;
};

}  // namespace connectors::nats
