#pragma once
// The bounds of GET /v1/alerts/<seq>/reach, each with its reason.
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace connectors::web::limits {

// An area or a sector is shown to everybody only where so many organisations of it are concerned,
// and what is left over is so many or none: fewer could be told who they are.
inline constexpr std::uint64_t kReachGroup = 10;
// Areas in one answer, and sectors: those with the most organisations.
inline constexpr std::size_t kReachGroups = 100;
// What the outbox said of an alert is told to everybody who asks within so long, since it is asked
// on the thread that sends messages.
inline constexpr std::chrono::milliseconds kReachFresh{250};
// Alerts that it is asked about at once; others stand in line.
inline constexpr std::size_t kReachAsked = 8;
// Requests that wait for its answers.
inline constexpr std::size_t kReachWaiting = 1024;
// Answers kept, however fresh.
inline constexpr std::size_t kReachKept = 64;
// Streams of counts that are open at once: control rooms have a few, and each takes a place that
// requests would have.
inline constexpr std::size_t kReachWatchers = 64;
// Once so many are open, only for those who are signed in: strangers cannot take all of them.
inline constexpr std::size_t kReachStrangers = kReachWatchers / 2;
// A stream of counts says something at least so often: what changed, or that it is there.
inline constexpr std::chrono::seconds kReachBeat{15};
// One whose reader takes nothing for so long is ended.
inline constexpr std::chrono::seconds kReachStalled{30};

}  // namespace connectors::web::limits
