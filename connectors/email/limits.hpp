#pragma once
// What we chose of mail servers and of what comes back: every bound that is not an operator's to
// set, with its reason.
#include <chrono>
#include <cstddef>

namespace connectors::email::limits {

using std::chrono::milliseconds;
using std::chrono::seconds;

// From the first packet to a server that has greeted, spoken TLS and let us sign in. RFC 5321 would
// wait five minutes for a greeting alone; a warning takes another way before that.
inline constexpr seconds kConnectMax{30};
// For the answer to one command, and for a server that takes nothing of a mail's content.
inline constexpr seconds kReplyMax{60};
inline constexpr seconds kContentMax{60};
// For the answer to a whole mail, which a server may look at for long before it gives it. To give
// up earlier is to send it twice.
inline constexpr seconds kAcceptedMax{300};
// For one mail in all, however often the server lets us hope.
inline constexpr seconds kMailMax{600};
// A connection that nobody needs is kept for so long; servers hang up after a minute or more.
inline constexpr seconds kIdleMax{20};
// How long a server may take to say goodbye, and a channel that stops to finish what is under way.
inline constexpr seconds kQuitMax{2};
inline constexpr seconds kStopMax{5};

// A route whose server cannot be reached is left alone for so long, twice as long each time, up to
// the second.
inline constexpr seconds kAwayFirst{1};
inline constexpr seconds kAwayMax{30};

// One answer of a server: RFC 5321 has lines of 512 octets, and a hello some thirty of them.
inline constexpr std::size_t kReplyLineBytes = 2048;
inline constexpr std::size_t kReplyLines = 100;

// What an operator may ask for: mails under way at once, of all routes together; and routes.
inline constexpr std::size_t kAtOnceMax = 100;
inline constexpr std::size_t kRoutes = 32;

// Bounces: files read in one turn of the thread that also sends, how soon the next turn comes while
// there are more, and how often somebody looks otherwise.
inline constexpr std::size_t kScanFiles = 16;
// Names looked at in one turn: of what is told and not kept yet, or cannot be moved, nothing is
// read.
inline constexpr std::size_t kScanLooked = 4096;
inline constexpr milliseconds kScanSoon{50};
inline constexpr seconds kScanEvery{5};
// A report is some kilobytes, and the mail that it is about at most a megabyte: what is longer is
// nothing that a server wrote.
inline constexpr std::size_t kBounceFileBytes = 4UL << 20;

}  // namespace connectors::email::limits
