#include "connectors/nats/limits.hpp"

#include <doctest/doctest.h>

#include <string_view>

#include "engine/limits.hpp"

using namespace connectors::nats::limits;
using namespace std::chrono_literals;

TEST_CASE("the bounds of NATS are these where nobody is in a hurry") {
  // A connection, an answer and a write are given up before a reader would say "not live".
  CHECK(kConnectMax == 5s);
  CHECK(kAnswerMax == 5s);
  CHECK(kWriteMax == 5s);
  CHECK(kPingEvery * (kPingsMissed + 1) <= engine::limits::kHeartbeat);
  CHECK(kRetryFirst == 250ms);
  CHECK(kRetryMax == 10s);
  CHECK(kStopMax == 2s);
  // What is taken in may go out again, with eight signatures.
  CHECK(kPayloadLeast >= engine::limits::kBodyBytes);
  CHECK(kPageRecords == 64);
  CHECK(kPageBytes == 4U << 20);
  CHECK(kRequestsUnderWay == 256);
  CHECK(kRequestsWaiting == 1024);
  CHECK(kRequestsWaitingBytes == 64U << 20);
  CHECK(kAnswersBytes == 64U << 20);
  CHECK(std::string_view(kReplyPrefix) == "_INBOX.");
}

TEST_CASE("the bounds of a cluster are these") {
  // A sender hears within two seconds, and a reader does not hear a beat from who is cut off.
  CHECK(kAgreeMax < 2s);
  CHECK(kCurrentFor < engine::limits::kHeartbeat);
  CHECK(kGoneAfter >= 3 * kSayEvery);
  CHECK(kListenFirst > kSayEvery);
  CHECK(kWaitForAll > kGoneAfter);
  CHECK(kForgottenAfter == 1h);
  CHECK(kClusterRetryMax == 1s);
  CHECK(kLookEvery == 250ms);
  CHECK(kWalkBack == 1000);
  CHECK(kNodesMax == 64);
  CHECK(kTrustAgain == 30s);
  CHECK(kFeedPages == 16);
  CHECK(kFeedCursor == 1024);
  CHECK(kNodeBytes == 1024);
  CHECK(kNodeName == 255);
  CHECK(kHeardWaiting == 1024);
  CHECK(kBatchRecords == 64);
  CHECK(kOrderBytes == 1L << 30);
  // The largest document with 255 signatures, or as many small ones as fit, is one message.
  CHECK(kBatchBytes + 255 * 96 + kBatchRecords * 1024 <= 1U << 20);
  CHECK(engine::limits::kBodyBytes <= kBatchBytes);
}
