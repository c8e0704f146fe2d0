#include "engine/answer.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "engine/cap/text.hpp"
#include "engine/cap/utf8.hpp"

namespace engine {
namespace {

constexpr char32_t kNoBreakSpace = 0xa0;
constexpr char32_t kReplacement = 0xfffd;

/// What a word of a reply is for.
enum class Means : std::uint8_t { words, safe, help, shelter, no, filler };

struct Known {
  std::string_view word;  // in upper case
  Means means;
};
// Welsh words with their soft mutations, as they stand behind "angen" or "yn".
constexpr auto kKnown = std::to_array<Known>({
    {"SAFE", Means::safe},       {"DIOGEL", Means::safe},     {"DDIOGEL", Means::safe},
    {"HELP", Means::help},       {"CYMORTH", Means::help},    {"GYMORTH", Means::help},
    {"SHELTER", Means::shelter}, {"LLOCHES", Means::shelter}, {"LOCHES", Means::shelter},
    {"NOT", Means::no},          {"NO", Means::no},           {"ISN'T", Means::no},
    {"AREN'T", Means::no},       {"DON'T", Means::no},        {"DONT", Means::no},
    {"CAN'T", Means::no},        {"CANT", Means::no},         {"CANNOT", Means::no},
    {"NEVER", Means::no},        {"UNSAFE", Means::no},       {"NI", Means::no},
    {"NID", Means::no},          {"DIM", Means::no},          {"DDIM", Means::no},
    {"NA", Means::no},           {"HEB", Means::no},          {"ANNIOGEL", Means::no},
    {"I", Means::filler},        {"AM", Means::filler},       {"I'M", Means::filler},
    {"IM", Means::filler},       {"WE", Means::filler},       {"ARE", Means::filler},
    {"WE'RE", Means::filler},    {"ALL", Means::filler},      {"NEED", Means::filler},
    {"CAN", Means::filler},      {"YN", Means::filler},       {"ANGEN", Means::filler},
    {"RYDW", Means::filler},     {"RYDYM", Means::filler},    {"NI'N", Means::filler},
    {"PAWB", Means::filler},     {"GALLU", Means::filler},
});

constexpr auto kStopWords = std::to_array<std::string_view>(
    {"STOP", "STOPALL", "STOP ALL", "UNSUBSCRIBE", "OPTOUT", "OPT OUT", "STOPIO", "STOPIWCH",
     "DAD-DANYSGRIFIO", "DADDANYSGRIFIO"});

struct Word {
  std::string upper;      // without marks around it
  std::size_t begin = 0;  // in the line
  std::size_t end = 0;    // behind it and the marks that follow
};

bool is_mark(char c) {
  return std::string_view(".,;:!?\"()[]*-#/").find(c) != std::string_view::npos;
}

std::vector<Word> words_of(std::string_view line) {
  std::vector<Word> words;
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t end = std::min(line.find(' ', at), line.size());
    std::string_view word = line.substr(at, end - at);
    while (!word.empty() && is_mark(word.front())) word.remove_prefix(1);
    while (!word.empty() && is_mark(word.back())) word.remove_suffix(1);
    if (!word.empty()) {
      Word& added = words.emplace_back();
      for (const char c : word) {
        added.upper += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
      }
      added.begin = at;
      added.end = end;
    }
    at = end + 1;
  }
  return words;
}

Means meaning_of(const Word& word) {
  for (const Known& known : kKnown) {
    if (known.word == word.upper) return known.means;
  }
  return Means::words;
}

/// 0 where it is none, or too large.
std::uint32_t places_in(const Word& word) {
  std::uint32_t places = 0;
  for (const char c : word.upper) {
    if (c < '0' || c > '9') return 0;
    places = places * 10 + static_cast<std::uint32_t>(c - '0');
    if (places > kPlacesMax) return 0;
  }
  return places;
}

Means numbered(const Word& word) {
  if (word.upper == "1") return Means::safe;
  if (word.upper == "2") return Means::help;
  return word.upper == "3" ? Means::shelter : Means::words;
}

/// What stands behind the first so many words.
std::string rest_of(std::string_view line, const std::vector<Word>& words, std::size_t from) {
  return from >= words.size() ? std::string() : std::string(line.substr(words[from].begin));
}

/// Words that a "not" before them makes a call for help no call.
constexpr auto kNeeded =
    std::to_array<std::string_view>({"NEED", "NEEDED", "REQUIRED", "WANTED", "NECESSARY", "ANGEN"});

/// A "not", but for Welsh "ni", which is "we" as well.
bool is_not(const Word& word) {
  return meaning_of(word) == Means::no && word.upper != "NI" && word.upper != "NID";
}

/// Whether a "not" stands right before that word, or one word further off.
bool negated(const std::vector<Word>& words, std::size_t at) {
  return (at >= 1 && is_not(words[at - 1])) || (at >= 2 && is_not(words[at - 2]));
}

/// Whether what stands behind a call for help takes it back: "help not needed", "help? no". With
/// any other "not" it says what the matter is: "we cannot get out", "no power", "not safe".
bool takes_back(const std::vector<Word>& words, std::size_t from) {
  if (from < words.size() && (words.back().upper == "NO" || words.back().upper == "NA"))
    return true;
  for (std::size_t at = from + 1; at < words.size(); ++at) {
    const auto& word = words[at].upper;
    if (std::find(kNeeded.begin(), kNeeded.end(), word) == kNeeded.end()) continue;
    // "No power, need a boat" is a call.
    const bool whose = word == "NEED" ? is_not(words[at - 1]) : negated(words, at);
    if (whose) return true;
  }
  return false;
}

/// Whether somebody says that they are safe.
bool says_safe(const std::vector<Word>& words, std::size_t from) {
  for (std::size_t at = from; at < words.size(); ++at) {
    if (meaning_of(words[at]) == Means::safe && !negated(words, at)) return true;
  }
  return false;
}

/// Whether words could mean something else than what was read before them. A call for
/// help is asked otherwise.
bool contradicts(const std::vector<Word>& words, std::size_t from, Means read) {
  return std::any_of(words.begin() + static_cast<std::ptrdiff_t>(from), words.end(),
                     [&](const Word& word) {
                       const Means means = meaning_of(word);
                       const bool counted =
                           means == Means::safe || means == Means::help || means == Means::shelter;
                       return means == Means::no || (counted && means != read);
                     });
}

/// The number or the word, or both where they agree; what stands behind it goes along.
std::optional<Answer> read_counted(std::string_view line, const std::vector<Word>& words) {
  std::size_t at = 0;
  const Means number = numbered(words.front());
  if (number != Means::words) ++at;
  std::size_t named = at;
  while (named < words.size() && meaning_of(words[named]) == Means::filler) ++named;
  Means read = named < words.size() ? meaning_of(words[named]) : Means::words;
  if (read == Means::safe || read == Means::help || read == Means::shelter) {
    if (number != Means::words && number != read) return std::nullopt;
    at = named + 1;
  } else {
    // A number alone says it; one that begins a sentence may count something else. Only whoever may
    // need help is taken at the first word.
    read = number;
    const bool alone = at == words.size();
    const bool shelters = number == Means::shelter && at < words.size() && places_in(words[at]) > 0;
    if (number == Means::words || (!alone && !shelters && number != Means::help)) {
      return std::nullopt;
    }
  }
  // Nobody who calls for help by its number is passed over because somebody else is safe.
  const bool other = read == Means::help
                         ? takes_back(words, at) || (number != Means::help && says_safe(words, at))
                         : contradicts(words, at, read);
  if (other) return std::nullopt;
  Answer answer;
  answer.kind = read == Means::safe   ? Answer::Kind::safe
                : read == Means::help ? Answer::Kind::need_help
                                      : Answer::Kind::can_shelter;
  if (read == Means::shelter && at < words.size()) {
    answer.places = places_in(words[at]);
    if (answer.places > 0) ++at;
  }
  answer.words = rest_of(line, words, at);
  return answer;
}

bool is_stop(const std::vector<Word>& words) {
  std::string all;
  for (const Word& word : words) all += (all.empty() ? "" : " ") + word.upper;
  return std::find(kStopWords.begin(), kStopWords.end(), all) != kStopWords.end();
}

}  // namespace

std::string text(const Answer& answer) {
  std::string said;
  switch (answer.kind) {
    case Answer::Kind::safe:
      said = "safe";
      break;
    case Answer::Kind::need_help:
      said = "need help";
      break;
    case Answer::Kind::can_shelter:
      said = "can shelter";
      if (answer.places > 0) said += " " + std::to_string(answer.places);
      break;
    case Answer::Kind::words:
      return answer.words;
  }
  if (!answer.words.empty()) said += ": " + answer.words;
  return said;
}

Answer read_answer(std::string_view text) {
  struct Begins {
    std::string_view with;
    Answer::Kind kind;
    Means means;
  };
  constexpr auto kBegins =
      std::to_array<Begins>({{"safe", Answer::Kind::safe, Means::safe},
                             {"need help", Answer::Kind::need_help, Means::help},
                             {"can shelter", Answer::Kind::can_shelter, Means::shelter}});
  for (const auto& [with, kind, means] : kBegins) {
    if (!text.starts_with(with)) continue;
    std::string_view rest = text.substr(with.size());
    Answer answer;
    answer.kind = kind;
    if (kind == Answer::Kind::can_shelter && rest.starts_with(' ')) {
      const std::size_t end = std::min(rest.find(':'), rest.size());
      answer.places = places_in({std::string(rest.substr(1, end - 1)), 0, 0});
      if (answer.places > 0) rest.remove_prefix(end);
    }
    if (!rest.empty() && !rest.starts_with(": ")) break;
    answer.words = rest.empty() ? "" : rest.substr(2);
    const auto words = words_of(answer.words);
    if (means == Means::help ? takes_back(words, 0) : contradicts(words, 0, means)) break;
    return answer;
  }
  return {Answer::Kind::words, 0, std::string(text)};
}

std::string one_line(std::string_view text, std::size_t most) {
  std::string line;
  bool space = false;
  for (cap::Utf8 rest(text); !rest.finished();) {
    const auto next = rest.next();
    const bool blank = next.code == kNoBreakSpace ||
                       (next.code < 0x80 && cap::is_xml_space(static_cast<char>(next.code)));
    if (blank || cap::is_control(next.code)) {
      space = true;
      continue;
    }
    if (next.code == kReplacement || cap::is_bidi_control(next.code)) continue;
    const std::size_t room = next.bytes.size() + (space && !line.empty() ? 1 : 0);
    if (line.size() + room > most) break;
    if (space && !line.empty()) line += ' ';
    space = false;
    line += next.bytes;
  }
  return line;
}

Reply read_reply(std::string_view text) {
  const std::string line = one_line(text, kAnswerWordsBytes);
  Reply reply;
  if (cap::is_blank(line)) return reply;
  const auto words = words_of(line);
  if (is_stop(words)) {
    reply.kind = Reply::Kind::stop;
    return reply;
  }
  reply.kind = Reply::Kind::answer;
  const auto counted = words.empty() ? std::nullopt : read_counted(line, words);
  reply.answer = counted ? *counted : Answer{Answer::Kind::words, 0, line};
  return reply;
}

}  // namespace engine
