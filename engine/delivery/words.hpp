#pragma once
// What a gateway said, as it may be kept: one line, bounded, and without whom it was about. Pure;
// any thread.
#include <string>
#include <string_view>

namespace engine::delivery {

/// Every word with an @ or a :// in it, and six digits or more in a row, become an ellipsis:
/// gateways like to repeat the address or the number. What is no printable character becomes a
/// space.
std::string kept_words(std::string_view said);

/// At most so many octets, cut between two characters of UTF-8.
std::string cut_to(std::string_view text, std::size_t octets);

}  // namespace engine::delivery
