#pragma once
// What we chose of webhooks: every bound that is not an operator's to set, with its reason.
#include <chrono>
#include <cstddef>

namespace connectors::webhook::limits {

using std::chrono::seconds;

// Requests under way, of all receivers together, and of one: a receiver that is slow keeps its own
// waiting and nobody else's.
inline constexpr std::size_t kAtOnce = 64;
inline constexpr std::size_t kAtOnceOfOne = 4;
// Those that wait for their receiver, of one; and all that were begun, waiting ones included.
inline constexpr std::size_t kWaitingOfOne = 32;
inline constexpr std::size_t kRoom = 256;
// When one comes back for which its receiver had no place left.
inline constexpr seconds kBusyWait{5};

// A name looked up, a connection, TLS; and all of it with the answer.
inline constexpr seconds kConnectMax{5};
inline constexpr seconds kWholeMax{15};
// What is read of an answer: its head, and a receipt of a thousand octets with room around it. What
// is longer is an answer too, of which its status is all that counts.
inline constexpr std::size_t kHeadBytes = 16 * 1024;
inline constexpr std::size_t kAnswerBytes = 8 * 1024;
inline constexpr std::size_t kAnswerTextBytes = 1000;

// How long a channel that stops lets requests finish.
inline constexpr seconds kStopMax{5};

}  // namespace connectors::webhook::limits
