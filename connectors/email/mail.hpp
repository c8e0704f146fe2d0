#pragma once
// One alert to one person, as the octets that a mail server is handed (RFC 5322, MIME): who warns,
// of what, where, what to do, until when, and how to find out whether it is real; in words and, for
// who reads HTML, in a page without links, pictures and scripts; the signed document and its
// envelope with it. No I/O; any thread.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/cap/alert.hpp"
#include "engine/delivery.hpp"
#include "engine/position.hpp"

namespace connectors::email {

/// What an earlier mail is remembered by, so that those about one event stand together.
inline constexpr std::size_t kReferences = 20;
inline constexpr std::size_t kLinkBytes = 500;  // of an address behind which somebody may act

/// What an Update or Cancel names, as this person was told of it.
struct Earlier {
  engine::DeliveryId delivery{};
  std::string title;  // its headline
};

struct Letter {
  engine::DeliveryId delivery{};
  std::string from;       // alerts@example.org
  std::string from_name;  // the system's, for people
  std::string to;
  std::string language;  // of the organisation, as a tag: en, cy, cy-GB
  engine::Time date;     // of this attempt
  const engine::cap::Alert* alert = nullptr;
  std::string sender_name;  // of the alert's sender, as the trust document has it
  engine::BulletinId id{};
  engine::BytesView payload;     // what was signed, byte for byte
  engine::BytesView envelope;    // the DSSE envelope, JSON
  std::vector<Earlier> earlier;  // oldest first; at most the last kReferences are named
  std::string answer;            // https, where one says how one is; empty: none
  std::string unsubscribe;       // https, one click (RFC 8058); empty: none
};

/// The whole message, or the sentence of an address that cannot be used. Every line ends in CRLF
/// and has at most 998 octets, all of them ASCII, whatever the alert holds.
engine::Result<std::string> write_mail(const Letter& letter);

/// `Sun, 22 Nov 2026 12:00:00 +0000` (RFC 5322, section 3.3).
std::string mail_date(engine::Time time);

/// `<…@domain>`: the same for every attempt, so that who is sent a message twice is shown one.
std::string message_id(const engine::DeliveryId& delivery, std::string_view domain);

/// What such an id says, behind whichever domain; nothing for any other.
std::optional<engine::DeliveryId> delivery_in_message_id(std::string_view text);

/// The subject as people read it: that it is a drill or not, then severity and headline.
std::string subject_of(const Letter& letter);

}  // namespace connectors::email
