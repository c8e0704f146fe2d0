#pragma once
// Texts of strangers made fit for one line of a text message: nothing in them that is not shown,
// nothing to tap, shortened at words. Texts are UTF-8, lengths are characters. Pure; any thread.
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace connectors::sms {

/// One line of what can be seen: controls and line ends become spaces, spaces of any kind one
/// space, and what is without width, reorders text or is not UTF-8 is left out. Then without links:
/// a word that is an address of the web or of e-mail becomes "...", and a full stop between letters
/// is followed by a space, so that no telephone makes "now.Leave" or "example.org" a link. At most
/// kFieldMax characters are looked at.
std::string plain_line(std::string_view text);

/// With quotation marks, dashes and dots that the GSM alphabet lacks replaced by those it has.
/// Letters are never replaced.
std::string with_plain_marks(std::string_view text);

/// At most `length_max` characters: whole words and "...", or the beginning of a first word that is
/// longer than that. What is no longer stays as it is.
std::string shortened(std::string_view text, std::size_t length_max);

/// What of the text may be shown instead of all of it, the longest first: beginnings that end with
/// a sentence, then those that end with a word and "...", none shorter than `length_min`.
std::vector<std::string> beginnings(std::string_view text, std::size_t length_min);

std::size_t length_in_characters(std::string_view text);

}  // namespace connectors::sms
