#pragma once
// What somebody says of an alert in their own words, and the few of these that are counted: whoever
// is safe, needs help, or can take others in. A receipt keeps it as one line of text (text()), the
// same whichever way it came by. Pure; any thread.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace engine {

struct Answer {
  enum class Kind : std::uint8_t {
    safe,
    need_help,
    can_shelter,
    words,  // none of these: a person has to read it
  } kind = Kind::words;
  std::uint32_t places = 0;  // of can_shelter: for how many; 0: that was not said
  std::string words;         // what was said besides, one line
  bool operator==(const Answer&) const = default;
};

/// Of what somebody says in words so much is kept, in octets: three text messages.
inline constexpr std::size_t kAnswerWordsBytes = 480;
/// More than fit into any shelter, and no telephone number.
inline constexpr std::uint32_t kPlacesMax = 9999;

/// `safe`, `need help`, `can shelter`, `can shelter 12`; behind that, or alone, the words:
/// `need help: two on the roof`.
std::string text(const Answer& answer);

/// What such a text says; of what it could also mean the opposite of (`safe: not at all`) the
/// words.
Answer read_answer(std::string_view text);

/// Any octets as one line of UTF-8 that can be shown: no control, nothing that turns text around,
/// single spaces, at most so many octets, cut between characters.
std::string one_line(std::string_view text, std::size_t most);

/// What a text message says that answers an alert.
struct Reply {
  enum class Kind : std::uint8_t {
    nothing,  // there is nothing in it
    answer,
    stop,  // whoever sent it wants no more messages
  } kind = Kind::nothing;
  Answer answer;
};

/// `1 SAFE`, `2 HELP`, `3 SHELTER 12`, the number or the word alone, in any case, in English or
/// Welsh (DIOGEL, CYMORTH, LLOCHES), with words behind it. What could be read in two ways is not
/// read in either: where `1` stands beside "not safe", or `safe` beside "help", it is words. STOP
/// and its like count where nothing else is said.
Reply read_reply(std::string_view text);

}  // namespace engine
