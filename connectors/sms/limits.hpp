#pragma once
// What we chose of text messages and SMPP: every bound that is not an operator's to set, with its
// reason.
#include <chrono>
#include <cstddef>

namespace connectors::sms::limits {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Parts of one text. Each costs what a message costs, of the rate too, and one that is lost leaves
// a hole: 918 characters of the GSM alphabet, or 402 others.
inline constexpr std::size_t kPartsMax = 6;

// A text in UCS-2 may take so many, so that a Welsh one says as much as an English one of one part.
inline constexpr std::size_t kWidePartsAimed = 3;

// What a shortened text keeps at least, in characters: of what to do, what has happened, where,
// and who says so. With the fixed words these fit two parts of GSM, and three of UCS-2.
inline constexpr std::size_t kToDoLeast = 40;
inline constexpr std::size_t kWhatLeast = 30;
inline constexpr std::size_t kPlaceLeast = 24;
inline constexpr std::size_t kSenderLeast = 20;
// What is looked at of any field of an alert: more than kPartsMax could hold of it.
inline constexpr std::size_t kFieldMax = 1000;

// One PDU. A submit_sm of ours is below 400 octets; the longest that is taken, a reply of several
// parts in a message_payload, is below 2,000.
inline constexpr std::size_t kPduMax = 4096;

// How long the centre may take to answer a bind, a submit_sm or an unbind. Who has not answered
// then has lost the answer: SMSCs that are alive take milliseconds.
inline constexpr seconds kAnswerMax{10};
// After so long without a PDU the other side is asked whether it is there; asked twice without an
// answer, a link is dead 60 s after it fell silent.
inline constexpr seconds kSilenceMax{30};
inline constexpr seconds kEnquiryMax{15};
static_assert(kSilenceMax + 2 * kEnquiryMax <= 2 * kSilenceMax,
              "a dead link is noticed within two enquiries");

// What may go out at once, as a part of what the contract allows in a second: so that no second has
// more than a hundredth above it, wherever it begins.
inline constexpr std::size_t kBurstShare = 100;

// A centre that says "too fast" or "queue full" is left alone by the whole session for so long,
// twice as long each time it says so again, up to the second.
inline constexpr seconds kBackOffFirst{1};
inline constexpr seconds kBackOffMax{30};

// Receipts that came while submits were unanswered wait for those answers, kAnswerMax at most; so
// many are eight seconds of a contract of 500 a second.
inline constexpr std::size_t kEarlyReceipts = 4096;
// The centre waits no longer for what is said to a receipt that waits like that: it is told to send
// it again. Centres that have taken a message answer for it in milliseconds, and some send nothing
// else before we have answered.
inline constexpr seconds kReceiptHeld{1};
// What the centre has delivered and we have not answered yet, while the disk is slow. Beyond it the
// centre is told to send it again, and holds it instead of us.
inline constexpr std::size_t kDeliveriesUnanswered = 8192;
static_assert(kEarlyReceipts < kDeliveriesUnanswered,
              "a crowd of early ones is taken all the same");
// Submits without an answer whose token is still known when the answer comes after all.
inline constexpr std::size_t kOverdueKept = 1024;
// A centre that leaves a whole window without any answer, and no fewer than so many, has lost more
// than a packet: each further submit would be one more that nobody knows the fate of.
inline constexpr std::size_t kUnansweredLeast = 10;

// Looking up a name, connecting and shaking hands, together.
inline constexpr seconds kConnectMax{10};
// A gateway that is gone is called again after a random time between half of this and all of it,
// twice as long each time, up to the second; from the beginning again once a session has held for
// longer than that.
inline constexpr seconds kReconnectFirst{2};
inline constexpr seconds kReconnectMax{60};
// Where the engine stops, answers that are on their way are waited for.
inline constexpr seconds kStopMax{5};

// Octets read from a socket at once: two hundred answers.
inline constexpr std::size_t kReadMax = 16 * 1024;
// Room that time makes is told of no more often than this, so that messages leave some at a time.
inline constexpr milliseconds kRoomEvery{5};
static_assert(kRoomEvery * kBurstShare < seconds(1), "no rate is lost by it");
// Attempts that are not answered yet, of all gateways; those beyond are told to come again. Each
// holds its address and what it is answered to.
inline constexpr std::size_t kAttemptsMax = 16 * 1024;
// Texts that are kept ready: an alert in each of its languages is one.
inline constexpr std::size_t kTextsKept = 64;
// Ids by which it is learnt how a centre writes them in its receipts, and by which it is known that
// one waits for no answer: those of the last seconds.
inline constexpr std::size_t kIdsRemembered = 4096;
// Messages that were given up as uncertain and answered after all, whose receipts may come.
inline constexpr std::size_t kLateKept = 1024;

// How long a centre may keep trying: no less than what centres take for a mistake, no more than
// what the relative form says without months.
inline constexpr seconds kValidityLeast{60};
inline constexpr std::chrono::hours kValidityMax{24 * 27};

}  // namespace connectors::sms::limits
