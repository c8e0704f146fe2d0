#pragma once
// A letter for a test: a flood in Westminster, to somebody who reads English. Every test changes
// what it is about.
#include <string>

#include "connectors/email/mail.hpp"

namespace tests {

engine::DeliveryId delivery(std::uint8_t last);

/// Holds what the letter points to.
struct LetterWorld {
  LetterWorld();
  LetterWorld(const LetterWorld&) = delete;

  engine::cap::Info& info() { return alert.infos.front(); }
  std::string mail() const;  // stops the test where there is none

  engine::cap::Alert alert;
  std::string payload, envelope;
  connectors::email::Letter letter;
};

/// The header of a message, unfolded: every field on one line, CRLF after each.
std::string unfolded_header(const std::string& message);

/// What quoted-printable says, and what base64 in lines does.
std::string from_quoted_printable(std::string_view text);

/// The body of the first part of that type, as it stands there.
std::string part(const std::string& message, std::string_view type);

}  // namespace tests
