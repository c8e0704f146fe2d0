#pragma once
// What we chose: every bound that is not an operator's to set, with its reason. (What is, stands in
// the options of each part, with these as defaults where they are numbers of the contract.)
#include <chrono>
#include <cstddef>

namespace engine::limits {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A shard's recent frames. Those who fell behind by less are served from memory, others from disk.
inline constexpr std::size_t kRingFrames = 1024;
inline constexpr std::size_t kRingBytes = 64UL << 20;
// How long the start may take to make the newest records into frames; a thousand plain ones take
// some milliseconds.
inline constexpr seconds kRememberMax{1};

// Frames a busy shard may have waiting; beyond, it reads what it missed from the log.
inline constexpr std::size_t kMailboxFrames = 4096;

// Frames offered to the kernel in one gathered write: Linux takes 1,024 pieces, 64 fill any socket.
inline constexpr std::size_t kGatherFrames = 64;

// What is about to be durable is waited for where a turn over all readers takes long: a quarter of
// what the last one took, at most 16 ms, and no longer than until so many frames are there. Below
// 0.1 ms waiting would cost more than it spares.
inline constexpr int kGatherShare = 4;
inline constexpr milliseconds kGatherMax{16};
inline constexpr std::chrono::microseconds kGatherLeast{100};
inline constexpr std::size_t kGatherEnough = 128;

// One step of catching up. A socket that took less of it is offered less the next time.
inline constexpr std::size_t kPageRecords = 64;
inline constexpr std::size_t kPageBytes = 1UL << 20;
inline constexpr std::size_t kPageBytesLeast = 16UL << 10;
static_assert(kPageRecords <= kRingFrames, "a page must not overtake the ring");
// Of one shard: pages on their way from the log, and what the full sockets of those who catch up
// hold of them. The others wait for their turn; who takes nothing is closed after kStalledMax.
inline constexpr std::size_t kPagesAtOnce = 16;
inline constexpr std::size_t kHeldBytes = 64UL << 20;

// Beats tell a reader that it is live; two and a half missed and it says "not live" (40 s).
inline constexpr seconds kHeartbeat{15};

// A receiver whose socket takes nothing for so long is closed with 4408 and resumes.
inline constexpr seconds kStalledMax{10};
// While others wait for the memory that it holds of a page, for so long.
inline constexpr seconds kHeldStalledMax{2};
// So is one that takes a little now and then, and after so long has not taken what waits: the
// largest alert on the wire, 700 KB, at 12 KB/s.
inline constexpr seconds kFullMax{60};
// How long a stream may outlive a token that ran out: no change of the directory tells of it.
inline constexpr seconds kMembersLooked{60};
// How long a closing connection may take to hear why.
inline constexpr seconds kCloseMax{5};
// After a restart everyone comes back spread over this time.
inline constexpr milliseconds kReconnectSpread{8000};
// What a reader of events waits at least before it comes back by itself.
inline constexpr milliseconds kReconnectSoon{1000};

// Server-sent events kept beside their frames: those of one busy turn, so that every reader of a
// shard is sent the same octets.
inline constexpr std::size_t kEventWires = 4096;
inline constexpr std::size_t kEventWiresBytes = 16UL << 20;
static_assert(kEventWires >= kMailboxFrames, "a turn's events are made once");

// What a client may send: acks and receipts are small and rare.
inline constexpr std::size_t kInboundMessageBytes = 16 * 1024;
inline constexpr int kInboundMessagesPerSecond = 50;

// HTTP, before anything is parsed.
inline constexpr std::size_t kHeaderBytes = 16 * 1024;
inline constexpr std::size_t kBodyBytes = 512 * 1024;
// Alerts of one connection that are worked on beside each other: enough for one commit to serve a
// pipeline, few enough that their answers go out with one write.
inline constexpr std::size_t kAlertsAtOnce = 32;
inline constexpr seconds kHeaderMax{10};
inline constexpr seconds kBodyMax{30};
inline constexpr seconds kIdleMax{60};
// A client that takes nothing of its answer for so long, or not all of it in the end.
inline constexpr seconds kAnswerMax{30};
inline constexpr seconds kAnswerWholeMax{300};
// TLS: what is read of a handshake, of which none needs a quarter; and what is sealed in one go,
// four whole records, so that a reader who takes nothing holds no more than that.
inline constexpr std::size_t kTlsHandshakeBytes = 16 * 1024;
inline constexpr std::size_t kTlsGatherBytes = 64 * 1024;
// A key seals tickets for so long and opens them as long again: a day's readers come back quickly.
inline constexpr std::chrono::hours kTicketKeyLife{12};
// A certificate with its intermediates, or a private key.
inline constexpr std::size_t kTlsFileBytes = 256 * 1024;
// When it is said that a certificate soon expires: so long before, or at the last sixth of its time
// where that is shorter, which whoever renews by a program never sees.
inline constexpr std::chrono::hours kCertificateNear{30 * 24};

// Bodies in memory, of all connections together, as far as they have arrived; and what of that is
// kept for the machine itself and for admin.listen.
inline constexpr std::size_t kBodiesBytes = 256UL << 20;
inline constexpr std::size_t kBodiesKeptBytes = 16UL << 20;
// Answers in memory, of all connections together: what is being listed, and what is not read yet.
inline constexpr std::size_t kAnswersBytes = 256UL << 20;
// What of that is kept for admin.listen.
inline constexpr std::size_t kAnswersKeptBytes = 16UL << 20;
// While more than half of it is taken, who takes nothing of its answer for so long makes room.
inline constexpr seconds kAnswerShortMax{5};
// Answers below this are not counted: what every connection may have.
inline constexpr std::size_t kSmallAnswerBytes = 16 * 1024;

// The header of the PROXY protocol. Every sender keeps to 536 octets, a segment of the smallest
// kind, unless it tells of certificates too; and how often one that is refused is traced, by each
// shard.
inline constexpr std::size_t kProxyHeaderBytes = 2048;
inline constexpr seconds kProxyTraceEvery{60};

// Lists on their way to one address: each may take megabytes for minutes.
inline constexpr std::size_t kListsPerAddress = 4;

// Bulletins of one address that may be refused unread or unverified, repeated or only tried: each
// cost us work. What is admitted is not counted.
inline constexpr std::size_t kRefusedPerMinute = 60;
// Addresses whose refused work is remembered; the longest silent is forgotten first.
inline constexpr std::size_t kAddressesRemembered = 16'384;

// Places for requests beside the streams allowed, so that a full house of readers never keeps a
// control room from sending.
inline constexpr std::size_t kRequestPlaces = 256;

// Connections at admin.listen, which has places of its own: a full house is when operators look.
inline constexpr std::size_t kAdminPlaces = 64;

// Revocations kept between two versions of the trust document: each is looked at for every key of
// every alert, and each was signed by a person.
inline constexpr std::size_t kRevocationsMax = 1000;

// GET /v1/alerts.
inline constexpr std::size_t kListDefault = 100;
inline constexpr std::size_t kListMax = 1000;
inline constexpr std::size_t kListBytes = 8UL << 20;
inline constexpr std::size_t kListScanned = 20'000;  // records looked at for one answer
inline constexpr std::size_t kQueryBytes = 4096;
inline constexpr std::size_t kFilterValues = 64;  // values of all filters together

// The directory is held in memory: 200,000 organisations are twice what one installation expects.
inline constexpr std::size_t kOrganisations = 200'000;
inline constexpr std::size_t kGroups = 32;            // of one organisation
inline constexpr std::size_t kGroupBytes = 64;        // of one group's name
inline constexpr std::size_t kNameBytes = 200;        // of an organisation's name
inline constexpr std::size_t kSecrets = 64;           // of one organisation, invitations included
inline constexpr std::chrono::hours kInvitation{24};  // how long an invitation may be used

// What readers say waits to be written: a burst of one answer from everybody there is room for.
inline constexpr std::size_t kReceiptsWaiting = 65'536;
inline constexpr std::size_t kReceiptsWaitingBytes = 16UL << 20;
inline constexpr std::size_t kReceiptsBatch = 4096;  // of them in one synced write
inline constexpr milliseconds kReceiptsPause{250};   // how often an idle thread looks for room
inline constexpr std::size_t kTally = 1024;  // entries a shard gathers before it hands them over
// What one connection said last of which alert: it is not counted again.
inline constexpr std::size_t kReceiptsRemembered = 16;

// GET /v1/feed.atom: the newest so many, which is more than a reader of news shows; and the titles
// kept, so that a document is read once and not with every request.
inline constexpr std::size_t kFeedEntries = 100;
inline constexpr std::size_t kFeedBriefs = 2000;
// Of a document that waits until it is known whether the feed shows it.
inline constexpr std::size_t kFeedBytesHeld = 64UL << 10;
static_assert(kFeedEntries * kFeedBytesHeld <= kListBytes,
              "what gathers a feed is counted as a list");

// What POST /v1/session, /v1/receipts and /v1/trust take beside the bound of all bodies: a secret
// and its name; a reader's receipts of a busy minute.
inline constexpr std::size_t kSessionBytes = 1024;
inline constexpr std::size_t kReceiptsBytes = 64UL << 10;
inline constexpr std::size_t kReceiptsLines = 64;

// Requests that wait for the directory's or the trust document's disk: each is a few milliseconds,
// and nobody should be told to come back for less than a second's work.
inline constexpr std::size_t kClerkWaiting = 64;
// Trust documents among them: strangers may bring those, and sign-ins do not wait behind many.
inline constexpr std::size_t kTrustWaiting = 8;

// What one address may try, loopback not counted: wrong secrets, anonymous receipts, trust
// documents. So many at once, and one more each so often. 256 random bits cannot be guessed; this
// keeps the guesses from costing anybody else.
inline constexpr std::size_t kGuessesAtOnce = 10;
inline constexpr milliseconds kGuessEvery{6000};
inline constexpr std::size_t kReceiptsAtOnce = 600;
inline constexpr milliseconds kReceiptEvery{100};
inline constexpr std::size_t kTrustAtOnce = 10;
inline constexpr milliseconds kTrustEvery{6000};
// Addresses kept count of; the longest silent is forgotten first.
inline constexpr std::size_t kAddressesKept = 10'000;

// How long a browser keeps the cookie of POST /v1/session, and how long a token counts that came by
// an invitation, since both were last renewed. The token is renewed on the disk, so once a day.
inline constexpr std::chrono::hours kSessionMax{30 * 24};
inline constexpr std::chrono::hours kSessionRenewed{24};

// Descriptors kept back for the log, its files and the listeners.
inline constexpr std::size_t kDescriptorsReserved = 512;
static_assert(kRequestPlaces < kDescriptorsReserved, "requests are among what is kept back");

}  // namespace engine::limits
