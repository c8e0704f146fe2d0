#pragma once
// The bounds of what an organisation says of itself, each with its reason.
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace engine::limits {

// Of one organisation: an alert is told to each of its contacts, one after the other.
inline constexpr std::size_t kContacts = 64;
// Of one organisation: with its subscription's areas they are what its streams ask for.
inline constexpr std::size_t kPremises = 32;
// Of one organisation: each of its premises is kept once for each of them.
inline constexpr std::size_t kSectorsOfOne = 8;
// Of all organisations together: a site has six bits for its sector, and one number is for none.
inline constexpr std::size_t kSectorsOfAll = 63;
inline constexpr std::size_t kSectorBytes = 64;  // of one sector's name
// A webhook's address, as the channel takes it; e-mail and telephones have bounds of their own.
inline constexpr std::size_t kContactBytes = 2048;
inline constexpr std::size_t kContactSecretBytes = 128;

// Codes that confirm an address. Of a million codes somebody who guesses has five tries at each of
// five an hour: one chance in 40,000.
inline constexpr std::chrono::minutes kCodeLife{10};
inline constexpr std::uint8_t kCodeTries = 5;
// Of one organisation: each message costs money, and its reader a moment.
inline constexpr std::size_t kCodesAnHour = 5;

// What an organisation may ask about itself over HTTP: each costs the disk a moment. So many at
// once, and one more each so often; and the octets of what it says, in which the longest profile
// fits (webhooks of kContactBytes each).
inline constexpr std::size_t kOwnAtOnce = 30;
inline constexpr std::chrono::milliseconds kOwnEvery{2000};
inline constexpr std::size_t kOwnBytes = 256UL << 10;
static_assert(kContacts * (kContactBytes + 512) <= kOwnBytes, "a profile can be sent back");
// What one address may open of the links in e-mails, loopback not counted: each is a look at the
// outbox and one at the log. An office behind one address has a mail each, and a scanner of mail
// that looks at all of them.
inline constexpr std::size_t kLinksAtOnce = 600;
inline constexpr std::chrono::milliseconds kLinkEvery{100};
// Codes to one address, whoever asks for them: nobody is pestered by many organisations together.
inline constexpr std::size_t kCodesToOne = 3;
inline constexpr std::chrono::hours kCodeToOneEvery{1};
// Codes of all organisations together: a small part of what a gateway's contract carries.
inline constexpr std::size_t kCodesOfAll = 60;
inline constexpr std::chrono::milliseconds kCodeOfAllEvery{1000};
// When an organisation that had kCodesAnHour is told to come back.
inline constexpr std::chrono::minutes kCodesPause{10};

}  // namespace engine::limits
