// What machines of a cluster say of themselves, and who is there.
#include "connectors/nats/nodes.hpp"

#include <doctest/doctest.h>

#include <set>

#include "connectors/nats/limits.hpp"

using namespace connectors::nats;
using namespace std::chrono_literals;
using engine::Sequence;

namespace {

const Nodes::Time kNoon{1000h};

Node node(std::string id, std::uint64_t head = 1, std::string epoch = "e") {
  Node node{std::move(id), "", std::move(epoch), Sequence{head}, true, 3, "0123456789abcdef"};
  node.name = "node " + node.id;
  return node;
}

std::string names(const std::vector<Node>& nodes) {
  std::string names;
  for (const Node& one : nodes) names += one.id;
  return names;
}

}  // namespace

TEST_CASE("what a node says of itself comes back, and nothing else does") {
  Node said{"00112233445566ff", "node a", "0123456789abcdef", Sequence{7}, true, 3,
            "fedcba9876543210"};
  CHECK(read_node(node_json(said)) == said);
  for (const std::string& wrong :
       {std::string(), std::string("[]"), std::string("{}"), std::string("{\"id\":\"a\"}"),
        node_json(said) + std::string(limits::kNodeBytes, ' ')}) {
    CAPTURE(wrong);
    CHECK_FALSE(read_node(wrong).has_value());
  }
  // An id becomes part of a subject, which the client library sends as it is.
  const std::string evil = "0\r\nPUB tocsin.x";
  REQUIRE((evil + "\n").size() == said.id.size());
  for (std::string Node::*text : {&Node::id, &Node::name, &Node::epoch, &Node::trust}) {
    for (const std::string& wrong : {evil + "\n", std::string(limits::kNodeName + 1, '0')}) {
      Node bad = said;
      bad.*text = wrong;
      CAPTURE(node_json(bad));
      CHECK_FALSE(read_node(node_json(bad)).has_value());
    }
  }
  said.trust.clear();  // none yet
  CHECK(read_node(node_json(said)) == said);
  std::string negative = node_json(said);
  negative.replace(negative.find("\"head\":7"), 8, "\"head\":-1");
  CHECK_FALSE(read_node(negative).has_value());
}

TEST_CASE("a node that says nothing is known as gone for kForgottenAfter") {
  Nodes nodes;
  nodes.hear(node("a"), kNoon);
  const auto known = [&](Nodes::Time now) { return nodes.known(now); };
  REQUIRE(known(kNoon + limits::kGoneAfter).size() == 1);
  CHECK_FALSE(known(kNoon + limits::kGoneAfter)[0].gone());
  CHECK(known(kNoon + limits::kGoneAfter + 1s)[0].gone());
  CHECK(known(kNoon + limits::kForgottenAfter)[0].silent == limits::kForgottenAfter);
  CHECK(known(kNoon + limits::kForgottenAfter + 1s).empty());
}

TEST_CASE("a node is there for kGoneAfter, and at most kNodesMax are") {
  Nodes nodes;
  nodes.hear(node("b"), kNoon);
  nodes.hear(node("a"), kNoon + 1s);
  CHECK(names(nodes.there(kNoon + 1s)) == "ab");
  CHECK(names(nodes.there(kNoon + limits::kGoneAfter + 1ms)) == "a");
  CHECK(nodes.all_since(kNoon));
  CHECK_FALSE(nodes.all_since(kNoon + 1s));
  const auto later = kNoon + 1s + limits::kForgottenAfter;
  CHECK(names(nodes.there(later)).empty());
  CHECK(names(nodes.last_there()) == "ab");
  nodes.hear(node("c"), later);
  CHECK(names(nodes.last_there()) == "c");
  CHECK_FALSE(nodes.all_since(later));  // a is not forgotten yet
  nodes.hear(node("c"), later + 1ms);
  CHECK(nodes.all_since(later + 1ms));
  for (std::size_t i = 0; i < limits::kNodesMax; ++i) {
    nodes.hear(node(std::to_string(i)), later);
  }
  CHECK(nodes.there(later).size() == limits::kNodesMax);
  nodes.hear(node("c", 9), later);
  CHECK(nodes.farthest("e", later)->head == Sequence{9});
}

TEST_CASE("the farthest is of the epoch that is asked for") {
  Nodes nodes;
  CHECK_FALSE(nodes.farthest("e", kNoon).has_value());
  nodes.hear(node("a", 5), kNoon);
  nodes.hear(node("b", 7), kNoon);
  nodes.hear(node("c", 9, "other"), kNoon);
  CHECK(nodes.farthest("e", kNoon)->id == "b");
  CHECK(nodes.farthest("other", kNoon)->id == "c");
}
