#include "connectors/webhook/event.hpp"

#include <doctest/doctest.h>

#include "connectors/webhook/limits.hpp"
#include "connectors/webhook/request.hpp"

using namespace connectors::webhook;
using State = engine::Receipt::State;

TEST_CASE("an answer's words have kAnswerTextBytes and the whole answer kAnswerBytes") {
  const auto answer = [](std::size_t octets) {
    return said_in(R"({"state":"displayed","answer":")" + std::string(octets, 'x') + "\"}");
  };
  const auto said = answer(limits::kAnswerTextBytes);
  REQUIRE(said);
  CHECK(said->state == State::displayed);
  CHECK(said->answer.size() == limits::kAnswerTextBytes);
  CHECK_FALSE(answer(limits::kAnswerTextBytes + 1));
  std::string body = R"({"state":"acknowledged"})";
  body += std::string(limits::kAnswerBytes - body.size(), ' ');
  CHECK(said_in(body));
  CHECK_FALSE(said_in(body + " "));
}

TEST_CASE("the bounds of webhooks are these where nobody is in a hurry") {
  const Manner manner;
  CHECK(manner.connect == limits::kConnectMax);
  CHECK(manner.whole == limits::kWholeMax);
  CHECK(limits::kConnectMax < limits::kWholeMax);
  CHECK(limits::kAtOnceOfOne < limits::kAtOnce);
  CHECK(limits::kAtOnce < limits::kRoom);
  CHECK(limits::kWaitingOfOne < limits::kRoom);
  CHECK(limits::kAnswerBytes <= limits::kHeadBytes);
  CHECK(limits::kBusyWait <= limits::kWholeMax);
  CHECK(limits::kStopMax <= limits::kWholeMax);
}
