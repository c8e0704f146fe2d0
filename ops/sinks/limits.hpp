#pragma once
// The bounds of what the demo's people are sent, each with its reason.
#include <chrono>
#include <cstddef>

namespace ops::sinks::limits {

// The page shows no more, and the longest answer to it stays below a few megabytes.
inline constexpr std::size_t kMessagesKept = 500;
inline constexpr std::size_t kTextBytes = 2000;  // of one message; what is longer is cut
// Texts of which parts are missing still; beyond it one is given up.
inline constexpr std::size_t kTextsOpen = 64;
// The largest alert and its envelope fit; and no command is longer than this.
inline constexpr std::size_t kMailBytes = 4UL << 20;
inline constexpr std::size_t kCommandBytes = 4096;
// Of one request's head; browsers send a tenth.
inline constexpr std::size_t kHeadBytes = 8192;

// Where nobody can be taken in, since there are no descriptors, it is tried again so much later.
inline constexpr std::chrono::milliseconds kAcceptPause{100};

}  // namespace ops::sinks::limits
