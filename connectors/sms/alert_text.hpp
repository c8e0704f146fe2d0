#pragma once
// An alert as one short text: whether it is real, where, what, what to do, when, who says so, and a
// code by which it can be looked up where it is signed. Pure; any thread.
//
//   EXERCISE: Knighton: Flood warning. Move upstairs. 19:30 21 Nov, West Mercia Police. Check
//   7K3Q9-M2ADX
//
// A text message proves nothing: anybody can send one under any name. So there is never a link in
// it, only the code.
#include <string>
#include <string_view>

#include "engine/cap/alert.hpp"
#include "engine/position.hpp"

namespace connectors::sms {

/// Ten characters of Crockford's base 32 (0 to 9, A to Z without I, L, O, U), the first 50 bits of
/// the bulletin's id, in two groups of five: "7K3Q9-M2ADX".
std::string check_code(const engine::BulletinId& id);

struct AlertTextSource {
  const engine::cap::Alert& alert;
  const engine::BulletinId& id;
  std::string_view language;     // RFC 5646; the info of that language, or of its first subtag, or
                                 // the first; fixed words are Welsh for "cy", English for others
  std::string_view sender_name;  // as the trust document has it; else the info's own
  const engine::cap::Alert* ended = nullptr;  // of a Cancel: the alert that it ends, if known
};

/// One line of UTF-8 that fits kPartsMax parts: one part where it is GSM and kWidePartsAimed where
/// it is not, if shortening brings it there, else as few as it takes. Shortened in this order, and
/// no further than needed: the reason of a Cancel is cut and left out; the headline becomes the
/// event; the place is cut to kPlaceLeast characters, the sender to kSenderLeast, the event to
/// kWhatLeast; then what to do is cut, to sentences, to words, never below kToDoLeast. What is cut
/// within a sentence ends with "...".
///
/// EXERCISE or TEST comes first where the status is not Actual. A Cancel says what it ends, that
/// nobody should act on it, and why; an Update says that it is one. Typographic marks become plain
/// ones where that keeps the text in the GSM alphabet; letters stay (Welsh ŵ and ŷ make it UCS-2).
std::string alert_text(const AlertTextSource& source);

/// What is put behind a text that may be answered: " Reply 1 SAFE, 2 HELP".
std::string_view reply_words(std::string_view language);

}  // namespace connectors::sms
