#pragma once
// What a mail is written with: header fields that hold no more than was meant, texts as
// quoted-printable, octets as base64 (RFC 2045, 2047, 5322). Lines end in CRLF and are short. Pure;
// any thread.
#include <cstddef>
#include <string>
#include <string_view>

#include "engine/base/bytes.hpp"

namespace connectors::email {

/// RFC 5322, section 2.1.1: what a line should have at most, and what it must.
inline constexpr std::size_t kLineShould = 78;
inline constexpr std::size_t kLineMax = 998;
/// What a header shows of a text of an alert.
inline constexpr std::size_t kHeaderCharacters = 200;

/// UTF-8 in which nothing is hidden: what is not UTF-8, controls and marks that turn the direction
/// of reading become U+FFFD. Line ends become one line feed, tabs stay.
std::string clean_text(std::string_view text);

/// The same on one line, white space as single spaces, cut at kHeaderCharacters with an ellipsis.
std::string clean_line(std::string_view text);

/// `Name: text` and CRLF. The text is cleaned, folded at its spaces, and put into encoded words
/// where it is not ASCII or looks like one.
std::string unstructured(std::string_view name, std::string_view text);

/// `Name: value` and CRLF, folded at its spaces. For values of our own making: nothing of an alert.
std::string structured(std::string_view name, std::string_view value);

/// A name that stands before an address: a quoted string, or encoded words.
std::string display_name(std::string_view text);

/// Lines of at most 76 characters; line feeds become CRLF, and the text ends in one.
std::string quoted_printable(std::string_view text);

/// Lines of 76 characters, each with its CRLF.
std::string base64_lines(engine::BytesView bytes);

/// Text between tags or in a quoted attribute of HTML.
std::string html(std::string_view text);

}  // namespace connectors::email
