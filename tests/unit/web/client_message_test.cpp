#include "connectors/web/client_message.hpp"

#include <doctest/doctest.h>

using namespace connectors::web;
using engine::Sequence;

TEST_CASE("acks and receipts are read") {
  const auto ack = parse_client_message(R"({"type":"ack","seq":3})", Sequence{3});
  REQUIRE(ack.has_value());
  CHECK(ack->kind == ClientMessage::Kind::ack);
  CHECK(ack->sequence == Sequence{3});
  const auto receipt = parse_client_message(
      R"({"type":"receipt","seq":1,"state":"acknowledged","answer":"safe"})", Sequence{3});
  REQUIRE(receipt.has_value());
  CHECK(receipt->kind == ClientMessage::Kind::receipt);
  CHECK(receipt->state == ClientMessage::State::acknowledged);
  CHECK(receipt->answer == "safe");
}

TEST_CASE("anything else is not a message of a client") {
  for (const auto* wrong :
       {"", "ack", "[]", "{}", R"({"type":"ack"})", R"({"type":"ack","seq":4})",
        R"({"type":"ack","seq":-1})", R"({"type":"ack","seq":1.5})", R"({"type":"ack","seq":"1"})",
        R"({"type":"ack","type":"ack","seq":1})", R"({"type":"hello","seq":1})",
        R"({"type":"receipt","seq":1})", R"({"type":"receipt","seq":1,"state":"seen"})",
        R"({"type":"receipt","seq":1,"state":"displayed","answer":1})",
        R"({"type":"ack","seq":1} x)"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_client_message(wrong, Sequence{3}).has_value());
  }
  const std::string longest(1000, 'x');
  const std::string begin = R"({"type":"receipt","seq":1,"state":"displayed","answer":")";
  CHECK(parse_client_message(begin + longest + "\"}", Sequence{3}).has_value());
  CHECK_FALSE(parse_client_message(begin + longest + "x\"}", Sequence{3}).has_value());
}
