#pragma once
// A text as the octets of short messages, and back: the GSM 7-bit default alphabet with its
// extension table (3GPP TS 23.038, sections 6.2.1 and 6.2.1.1), UCS-2 where a character is in
// neither, and long texts in parts (3GPP TS 23.040, section 9.2.3.24.1). Pure; any thread.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/bytes.hpp"

namespace connectors::sms {

/// How octets are to be read, as SMPP's data_coding says it (SMPP 3.4, section 5.2.19).
enum class Coding : std::uint8_t {
  gsm = 0,   // one septet an octet, its highest bit 0; the centre packs them
  ucs2 = 8,  // UTF-16, big-endian: characters beyond U+FFFF are two units
};

/// How long a text is. Units are septets (a character of the extension table is two) or UTF-16
/// units.
struct TextSize {
  Coding coding = Coding::gsm;
  std::size_t units = 0;
  std::size_t parts = 1;  // 160 septets or 70 units alone; 153 or 67 in each of several
};

/// Sizes a UTF-8 text. GSM if all its characters are in that alphabet, UCS-2 otherwise; what is not
/// UTF-8 counts as U+FFFD. The parts are those that it takes, also beyond kPartsMax.
TextSize size_of(std::string_view text);

/// One text ready to be submitted: the short_message of each part.
struct TextParts {
  Coding coding = Coding::gsm;
  std::uint8_t esm_class = 0;           // 0x40 where the parts begin with a user data header
  std::vector<engine::Bytes> messages;  // at most 140 octets in UCS-2, 160 in GSM
};

/// The parts of a UTF-8 text; nothing if it takes more than kPartsMax. Several begin with the
/// header 05 00 03 `reference` total part, so they and no others are put together on a telephone:
/// give texts that go to one number at one time references of their own. No part ends within a
/// character, an escape or a surrogate pair, or before a mark that combines with what is before it.
std::optional<TextParts> to_parts(std::string_view text, std::uint8_t reference);

/// The UTF-8 of a short message's text, without its user data header. Reads data_coding 0 (GSM, one
/// septet an octet), 1 (ASCII), 3 (Latin-1), 8 (UCS-2), and those of message classes that mean GSM
/// or UCS-2 (0x10 to 0x13, 0x18 to 0x1B, 0xF0 to 0xF3); nothing for any other. What has no meaning
/// comes out as U+FFFD: an octet beyond the alphabet, half a surrogate pair, half a unit, an escape
/// at the end. An escape before what the extension table lacks is read as the standard wants it:
/// that character by itself, and two escapes as a space.
std::optional<std::string> to_utf8(std::uint8_t data_coding, engine::BytesView octets);

/// Which part of which text.
struct PartOf {
  std::uint16_t reference = 0;
  std::uint8_t parts = 1;
  std::uint8_t part = 1;  // counts from 1
};

/// A short message whose esm_class says that it begins with a user data header.
struct UserData {
  std::optional<PartOf> part;  // by an 8-bit or a 16-bit reference
  engine::BytesView text;
};

/// Splits header and text; nothing if the header is longer than the message or broken in itself.
std::optional<UserData> split_user_data(engine::BytesView message);

/// What shows itself upon the character before it, or joins it to the one behind: no text is cut
/// before it.
bool combines(char32_t code);

/// Appends one character as UTF-8; U+FFFD for what is none.
void append_utf8(std::string& out, char32_t code);

}  // namespace connectors::sms
