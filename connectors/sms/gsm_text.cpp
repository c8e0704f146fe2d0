#include "connectors/sms/gsm_text.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "connectors/sms/limits.hpp"
#include "engine/cap/utf8.hpp"

namespace connectors::sms {
namespace {

using engine::Bytes;
using engine::BytesView;
using engine::cap::Utf8;

constexpr char kEscape = 0x1B;
constexpr char32_t kReplacement = 0xFFFD;
constexpr std::uint8_t kHeaderIndicator = 0x40;

// Section 6.2.1: the character of each septet. The escape stands at its place and is none.
constexpr std::u32string_view kAlphabet =
    U"@£$¥èéùìòÇ\nØø\rÅå"
    U"Δ_ΦΓΛΩΠΨΣΘΞ\x1BÆæßÉ"
    U" !\"#¤%&'()*+,-./"
    U"0123456789:;<=>?"
    U"¡ABCDEFGHIJKLMNO"
    U"PQRSTUVWXYZÄÖÑÜ§"
    U"¿abcdefghijklmno"
    U"pqrstuvwxyzäöñüà";
static_assert(kAlphabet.size() == 128);

// Section 6.2.1.1: what follows an escape.
constexpr std::array<std::pair<char32_t, char>, 10> kExtension = {{{U'\f', 0x0A},
                                                                   {U'^', 0x14},
                                                                   {U'{', 0x28},
                                                                   {U'}', 0x29},
                                                                   {U'\\', 0x2F},
                                                                   {U'[', 0x3C},
                                                                   {U'~', 0x3D},
                                                                   {U']', 0x3E},
                                                                   {U'|', 0x40},
                                                                   {U'€', 0x65}}};

struct Septets {
  std::array<char, 2> octets{};
  std::size_t count = 0;  // 0: not in the alphabet
};

Septets septets_of(char32_t code) {
  if (code == static_cast<char32_t>(kEscape)) return {};
  if (const auto at = kAlphabet.find(code); at != std::u32string_view::npos) {
    return {{static_cast<char>(at)}, 1};
  }
  for (const auto& [character, octet] : kExtension) {
    if (character == code) return {{kEscape, octet}, 2};
  }
  return {};
}

void put_unit(Bytes& out, char32_t unit) {
  out.push_back(static_cast<char>(unit >> 8U & 0xFFU));
  out.push_back(static_cast<char>(unit & 0xFFU));
}

/// One character in its coding, and whether a part may begin with it.
struct Piece {
  Bytes octets;
  bool may_begin = true;
};

Piece piece_of(char32_t code, Coding coding, bool joined) {
  Piece piece;
  if (coding == Coding::gsm) {
    const Septets septets = septets_of(code);
    piece.octets.assign(septets.octets.data(), septets.count);
    return piece;
  }
  piece.may_begin = !joined && !combines(code);
  if (code < 0x10000) {
    put_unit(piece.octets, code);
  } else {
    put_unit(piece.octets, 0xD800U + (code - 0x10000U) / 0x400U);
    put_unit(piece.octets, 0xDC00U + (code - 0x10000U) % 0x400U);
  }
  return piece;
}

std::vector<Piece> pieces_of(std::string_view text, Coding coding) {
  std::vector<Piece> pieces;
  bool joined = false;  // by U+200D to the character before
  for (Utf8 scan(text); !scan.finished();) {
    const char32_t code = scan.next().code;
    pieces.push_back(piece_of(code, coding, joined));
    joined = code == 0x200D;
  }
  return pieces;
}

bool is_gsm(std::string_view text) {
  for (Utf8 scan(text); !scan.finished();) {
    if (septets_of(scan.next().code).count == 0) return false;
  }
  return true;
}

/// Octets of text in a part: 140 octets are 160 septets or 70 units; the header takes 6 of them.
std::size_t room_alone(Coding coding) { return coding == Coding::gsm ? 160 : 140; }
std::size_t room_among(Coding coding) { return coding == Coding::gsm ? 153 : 134; }

std::size_t octets_in(const std::vector<Piece>& pieces, std::size_t from, std::size_t to) {
  std::size_t sum = 0;
  for (std::size_t i = from; i < to; ++i) sum += pieces[i].octets.size();
  return sum;
}

/// Where the part that begins at `from` ends: as far as there is room, and back to where a part may
/// begin, unless that leaves nothing of it.
std::size_t end_of_part(const std::vector<Piece>& pieces, std::size_t from, std::size_t room) {
  std::size_t end = from;
  std::size_t taken = 0;
  while (end < pieces.size() && taken + pieces[end].octets.size() <= room) {
    taken += pieces[end++].octets.size();
  }
  if (end == pieces.size()) return end;
  std::size_t whole = end;
  while (whole > from && !pieces[whole].may_begin) --whole;
  return whole > from ? whole : end;
}

std::vector<Bytes> split(const std::vector<Piece>& pieces, Coding coding) {
  const bool alone = octets_in(pieces, 0, pieces.size()) <= room_alone(coding);
  std::vector<Bytes> parts;
  std::size_t from = 0;
  do {
    const std::size_t room = alone ? room_alone(coding) : room_among(coding);
    const std::size_t end = end_of_part(pieces, from, room);
    Bytes part;
    for (std::size_t i = from; i < end; ++i) part += pieces[i].octets;
    parts.push_back(std::move(part));
    from = end;
  } while (from < pieces.size());
  return parts;
}

char32_t character_of(char septet) {
  const auto at = static_cast<unsigned char>(septet);
  return at < kAlphabet.size() ? kAlphabet[at] : kReplacement;
}

std::string utf8_of_gsm(BytesView octets) {
  std::string text;
  for (std::size_t i = 0; i < octets.size(); ++i) {
    if (octets[i] != kEscape) {
      append_utf8(text, character_of(octets[i]));
      continue;
    }
    if (++i == octets.size()) {
      append_utf8(text, kReplacement);
      break;
    }
    if (octets[i] == kEscape) {
      text += ' ';
      continue;
    }
    const auto found = std::find_if(kExtension.begin(), kExtension.end(),
                                    [&](const auto& entry) { return entry.second == octets[i]; });
    append_utf8(text, found != kExtension.end() ? found->first : character_of(octets[i]));
  }
  return text;
}

std::string utf8_of_ucs2(BytesView octets) {
  const auto unit_at = [&](std::size_t at) {
    return static_cast<char32_t>(static_cast<unsigned char>(octets[at]) << 8U |
                                 static_cast<unsigned char>(octets[at + 1]));
  };
  std::string text;
  std::size_t at = 0;
  while (at + 1 < octets.size()) {
    char32_t code = unit_at(at);
    at += 2;
    if (code >= 0xD800 && code < 0xDC00 && at + 1 < octets.size()) {
      const char32_t low = unit_at(at);
      if (low >= 0xDC00 && low < 0xE000) {
        code = 0x10000U + (code - 0xD800U) * 0x400U + (low - 0xDC00U);
        at += 2;
      }
    }
    append_utf8(text, code);
  }
  if (at < octets.size()) append_utf8(text, kReplacement);
  return text;
}

std::string utf8_of_single(BytesView octets, unsigned char last) {
  std::string text;
  for (const char octet : octets) {
    const auto code = static_cast<unsigned char>(octet);
    append_utf8(text, code <= last ? code : kReplacement);
  }
  return text;
}

std::uint8_t octet(BytesView bytes, std::size_t at) { return static_cast<std::uint8_t>(bytes[at]); }

/// 00: reference, total, part; 08: the same with a reference of two octets. Others say nothing.
std::optional<PartOf> part_of(std::uint8_t element, BytesView value) {
  PartOf part;
  if (element == 0x00 && value.size() == 3) {
    part.reference = octet(value, 0);
  } else if (element == 0x08 && value.size() == 4) {
    part.reference = static_cast<std::uint16_t>(octet(value, 0) << 8U | octet(value, 1));
  } else {
    return std::nullopt;
  }
  part.parts = octet(value, value.size() - 2);
  part.part = octet(value, value.size() - 1);
  if (part.part == 0 || part.part > part.parts) return std::nullopt;
  return part;
}

}  // namespace

void append_utf8(std::string& out, char32_t code) {
  if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) code = kReplacement;
  if (code < 0x80) {
    out += static_cast<char>(code);
    return;
  }
  const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  constexpr std::array<unsigned, 4> kLead = {0, 0xC0, 0xE0, 0xF0};
  out += static_cast<char>(kLead[static_cast<std::size_t>(more)] | code >> (6 * more));
  for (int i = more - 1; i >= 0; --i) out += static_cast<char>(0x80U | (code >> (6 * i) & 0x3FU));
}

bool combines(char32_t code) {
  return (code >= 0x0300 && code <= 0x036F) || (code >= 0x1AB0 && code <= 0x1AFF) ||
         (code >= 0x1DC0 && code <= 0x1DFF) || (code >= 0x20D0 && code <= 0x20FF) ||
         (code >= 0xFE00 && code <= 0xFE0F) || (code >= 0xFE20 && code <= 0xFE2F) ||
         (code >= 0x1F3FB && code <= 0x1F3FF) || code == 0x200D;
}

TextSize size_of(std::string_view text) {
  TextSize size;
  size.coding = is_gsm(text) ? Coding::gsm : Coding::ucs2;
  const auto pieces = pieces_of(text, size.coding);
  size.units = octets_in(pieces, 0, pieces.size()) / (size.coding == Coding::gsm ? 1 : 2);
  size.parts = split(pieces, size.coding).size();
  return size;
}

std::optional<TextParts> to_parts(std::string_view text, std::uint8_t reference) {
  TextParts parts;
  parts.coding = is_gsm(text) ? Coding::gsm : Coding::ucs2;
  parts.messages = split(pieces_of(text, parts.coding), parts.coding);
  const std::size_t total = parts.messages.size();
  if (total > limits::kPartsMax) return std::nullopt;
  if (total == 1) return parts;
  parts.esm_class = kHeaderIndicator;
  for (std::size_t i = 0; i < total; ++i) {
    const Bytes header = {0x05,
                          0x00,
                          0x03,
                          static_cast<char>(reference),
                          static_cast<char>(total),
                          static_cast<char>(i + 1)};
    parts.messages[i].insert(0, header);
  }
  return parts;
}

std::optional<std::string> to_utf8(std::uint8_t data_coding, BytesView octets) {
  const std::uint8_t group = data_coding & 0xFCU;  // without its message class
  if (data_coding == 0 || group == 0x10 || group == 0xF0) return utf8_of_gsm(octets);
  if (data_coding == 1) return utf8_of_single(octets, 0x7F);
  if (data_coding == 3) return utf8_of_single(octets, 0xFF);
  if (data_coding == 8 || group == 0x18) return utf8_of_ucs2(octets);
  return std::nullopt;
}

std::optional<UserData> split_user_data(BytesView message) {
  if (message.empty()) return std::nullopt;
  const std::size_t size = octet(message, 0);
  if (size + 1 > message.size()) return std::nullopt;
  UserData data;
  data.text = message.substr(size + 1);
  BytesView header = message.substr(1, size);
  while (!header.empty()) {
    if (header.size() < 2 || header.size() - 2 < octet(header, 1)) return std::nullopt;
    const std::size_t length = octet(header, 1);
    if (const auto part = part_of(octet(header, 0), header.substr(2, length))) data.part = part;
    header.remove_prefix(2 + length);
  }
  return data;
}

}  // namespace connectors::sms
