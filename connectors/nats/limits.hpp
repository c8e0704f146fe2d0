#pragma once
// What we chose of NATS: every bound that is not an operator's to set, with its reason.
#include <chrono>
#include <cstddef>

namespace connectors::nats::limits {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A connection with its TLS and its greeting; an answer of the server; octets that it does not
// take. Longer than any of them, and it is begun anew.
inline constexpr seconds kConnectMax{5};
inline constexpr seconds kAnswerMax{5};
inline constexpr seconds kWriteMax{5};
// A server that vanished without a word is given up after two questions without an answer.
inline constexpr seconds kPingEvery{5};
inline constexpr int kPingsMissed = 2;

// Between two attempts to connect: the first soon, since a server that restarts is back within a
// second; then twice as long each time.
inline constexpr milliseconds kRetryFirst{250};
inline constexpr milliseconds kRetryMax{10'000};
// A machine of a cluster takes nothing while it is not connected.
inline constexpr milliseconds kClusterRetryMax{1'000};

// What the server has to take in one message: the largest document with room for its headers. The
// server's own default is 1 MB.
inline constexpr std::size_t kPayloadLeast = 512UL << 10;

// Bulletins that are published before their place is kept: after a crash no more of them are sent
// again. Also what is read of the log at once, with its octets.
inline constexpr std::size_t kPageRecords = 64;
inline constexpr std::size_t kPageBytes = 4UL << 20;

// Requests that the engine has not answered yet: one more is told to come again. Before that they
// wait in the client library, where one more, in number or in octets, is dropped: whoever asked
// hears nothing, and asks again. So more of them wait than may be under way.
inline constexpr std::size_t kRequestsUnderWay = 256;
inline constexpr std::size_t kRequestsWaiting = 4 * kRequestsUnderWay;
inline constexpr std::size_t kRequestsWaitingBytes = 64UL << 20;
// Answers that wait to be sent, in octets: a thousand of the longest. Beyond it they are dropped,
// and whoever asked sends the alert again, which is answered as the first time.
inline constexpr std::size_t kAnswersBytes = 64UL << 20;
// Where the reply may go. What is asked to be sent anywhere else could be put on a subject of ours
// by whoever may only ask.
inline constexpr const char* kReplyPrefix = "_INBOX.";

// Of a cluster. How long a majority of its servers may take to agree to a place; then whoever sent
// the alert hears that it is not known.
inline constexpr milliseconds kAgreeMax{1'900};
// What the stream that gives the order keeps: older alerts are in the log of every machine.
inline constexpr std::int64_t kOrderBytes = 1LL << 30;
// Payloads that are proposed, or given to another machine, at once: a message has room for them.
inline constexpr std::size_t kBatchBytes = 512UL << 10;
inline constexpr std::size_t kBatchRecords = 64;
// Who is behind by more records than these has them from another machine, and not from the stream.
inline constexpr std::uint64_t kWalkBack = 1000;
// What machines say of themselves, and how soon one that says nothing is taken for gone.
inline constexpr milliseconds kSayEvery{1'000};
inline constexpr seconds kGoneAfter{5};
// Before the stream is told again what it has lost, those that were heard of within the hour are
// waited for, so long: one of them may have what nobody else has.
inline constexpr std::chrono::hours kForgottenAfter{1};
inline constexpr seconds kWaitForAll{6};
inline constexpr std::size_t kNodesMax = 64;
// Who does not answer what it trusts is not asked again for so long.
inline constexpr seconds kTrustAgain{30};
// What machines have beside the log is given in pages of about kBatchBytes, each of one machine for
// one question; after so many another machine is asked first. And where a page begins, in octets.
inline constexpr std::size_t kFeedPages = 16;
inline constexpr std::size_t kFeedCursor = 1024;
inline constexpr std::size_t kNodeBytes = 1024;
inline constexpr std::size_t kNodeName = 255;
// What they say that nobody has read yet.
inline constexpr std::size_t kHeardWaiting = 1024;
// Without a word of the stream for so long, nobody is told that they are live.
inline constexpr seconds kCurrentFor{5};
// How long one who would give the order a beginning listens to who has more.
inline constexpr milliseconds kListenFirst{1'500};
// And how often the stream is asked where nobody said that it has more.
inline constexpr milliseconds kLookEvery{250};

// What is kept of where we are: more is none of ours.
inline constexpr std::size_t kProgressBytes = 4096;

// How long an end waits for answers that are on their way.
inline constexpr seconds kStopMax{2};

}  // namespace connectors::nats::limits
