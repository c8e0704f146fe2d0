#pragma once
// The outbox's bounds that are nobody's to set, each with its reason.
#include <chrono>
#include <cstddef>

namespace engine::delivery::limits {

// What a gateway said is kept, in so many octets: a sentence.
inline constexpr std::size_t kWordsBytes = 200;
// Of an alert's headline, by which its Updates and Cancels name it.
inline constexpr std::size_t kTitleBytes = 200;

// One turn, and so one write: small enough that a new alert waits for a few ten milliseconds.
inline constexpr std::size_t kTakenAtOnce = 1024;   // deliveries handed to each channel
inline constexpr std::size_t kCasesAtOnce = 512;    // organisations planned for
inline constexpr std::size_t kDueAtOnce = 512;      // timers
inline constexpr std::size_t kHeardAtOnce = 4096;   // outcomes, reports and acknowledgements
inline constexpr std::size_t kRecordsAtOnce = 256;  // of the log
inline constexpr std::size_t kPiecesAtOnce = 64;    // of alerts planned for
inline constexpr std::size_t kSweptAtOnce = 256;    // cases erased or pruned
inline constexpr std::size_t kLookedAtOnce = 1024;  // alerts looked at for who is to be erased

// Of those who leave next by one way so many are read at once, and twice as many kept at most.
inline constexpr std::size_t kQueuePage = 1024;
// Of what is marked at once so many stand in one row, which is written again as they come back.
inline constexpr std::size_t kFlight = 128;

// Attempts that a crash may leave uncertain, for each channel, whatever it has room for.
inline constexpr std::size_t kUnderWay = 4096;
// What was heard and waits to be written, while the disk is slow or full. Beyond it reports are
// dropped and counted, and acknowledgements looked for in the receipts.
inline constexpr std::size_t kHeardWaiting = 65'536;
// Names by which a gateway may report a message, of one delivery: of its newest attempts.
inline constexpr std::size_t kNamesKept = 32;
// Alerts and their stories kept in memory, beside those that a turn changes.
inline constexpr std::size_t kAlertsKept = 256;
inline constexpr std::size_t kStoriesKept = 32;
// Rows of one answer about who was not reached, and rows looked at for it.
inline constexpr std::size_t kListed = 1000;
inline constexpr std::size_t kListedLooked = 4096;

// Organisations whose contacts are looked at to say beforehand by which ways they could be told.
inline constexpr std::size_t kForecastLooked = 1000;

// Alerts looked at for one page of what an organisation was sent.
inline constexpr std::size_t kSentLooked = 256;

// Of what an address was told the newest so many alerts are looked at for whom a reply is about,
// each for one organisation of those that share the address.
inline constexpr std::size_t kToldLooked = 64;

// From one look at the log to the next, while bulletins come one upon another.
inline constexpr std::chrono::milliseconds kLookPause{20};
// How far it has come is written so often where it found nothing to do.
inline constexpr std::chrono::seconds kPositionPause{1};
// Codes that wait for room behind what is owed; each is worth nothing after ten minutes.
inline constexpr std::size_t kCodesWaiting = 64;

// How long an idle courier sleeps at most; it is woken by whatever it has to do.
inline constexpr std::chrono::seconds kSleepMax{10};
// Whom an organisation's contacts cannot be read of is looked at again after so long.
inline constexpr std::chrono::seconds kUnreadPause{30};
// So long everything new waits for what an Update says that it replaces, where that cannot be read.
inline constexpr std::chrono::seconds kUnreadPatience{5};
// While the disk is full or slow it looks again so often.
inline constexpr std::chrono::milliseconds kDiskPause{250};

}  // namespace engine::delivery::limits
