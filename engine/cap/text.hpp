#pragma once
// What can be said of a text by itself: whether it is blank, safe to show, a language tag, how long
// it is on a telephone, whether it links anywhere. Texts are UTF-8. Pure; any thread.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine::cap {

/// C0 and C1 controls and DEL, without tab, line feed and carriage return.
bool is_control(char32_t code);

/// The overrides, embeddings and isolates that can make a text read differently from what it says:
/// U+202A to U+202E, U+2066 to U+2069.
bool is_bidi_control(char32_t code);

/// Nothing but ASCII that is seen, and XML's white space: nothing is hidden in it.
bool is_plain(std::string_view text);

std::optional<char32_t> find_control(std::string_view text);
std::optional<char32_t> find_bidi_control(std::string_view text);

/// Nothing but spaces of any kind and marks without width.
bool is_blank(std::string_view text);

/// XML's white space.
constexpr bool is_xml_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/// Without XML's white space at both ends.
std::string_view trim(std::string_view text);

/// The words between XML's white space.
std::vector<std::string_view> split(std::string_view text);

/// CAP's `addresses`: separated by white space, those that hold some in quotation marks.
std::vector<std::string> addresses_in(std::string_view text);

/// A tag, a comment or a character reference that was written to be shown as one.
bool has_markup(std::string_view text);

/// Well formed by RFC 5646 section 2.1; whether the registry knows its parts is not asked.
bool is_language_tag(std::string_view text);

/// What may name a sender or an alert: something without spaces, commas, `<` and `&`.
bool is_name(std::string_view text);

/// How long a text is on a telephone, and how long it may be.
struct Length {
  std::size_t characters = 0;
  std::size_t characters_max = 0;
  std::string_view alphabet;  // "GSM-7" or "UCS-2"
};

/// In the GSM 7-bit alphabet (3GPP TS 23.038 section 6.2.1) where all of it fits, each character of
/// the extension table counting two; in UTF-16 units otherwise.
Length length_of(std::string_view text);

/// The first address in a text (`scheme://...`) that is not https.
std::optional<std::string_view> find_plain_link(std::string_view text);

}  // namespace engine::cap
