#pragma once
// The text of a story, made once for all who are told it in one language; and how urgent it is. It
// belongs to one channel.
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "connectors/sms/gsm_text.hpp"
#include "engine/channel.hpp"

namespace connectors::sms {

/// Ready to be submitted. Immutable.
struct StoryText {
  TextParts parts;
  std::uint8_t priority = 0;  // of SMPP: 3 is the most urgent
};

/// From 0 to 3, by severity (Extreme, Severe, Moderate, Minor); one more where something is
/// Immediate, one less where nothing is before the Future. Of a Cancel: as what it ends, and 3
/// where that is not known, since who acts on a false alarm should hear that first.
std::uint8_t priority_of(const engine::cap::Alert& alert, const engine::cap::Alert* ended);

class StoryTexts {
 public:
  /// Asked for: a text that has room for it says how it is answered.
  enum class Replies : std::uint8_t { nobody_reads, asked_for };
  explicit StoryTexts(Replies replies = Replies::nobody_reads) : replies_(replies) {}

  /// Nothing where its text does not fit kPartsMax parts. The newest kTextsKept are kept.
  ///
  /// The parts of all who are told a story in one language have the same reference, and those of
  /// the next story another: so a telephone never puts two alerts together into one, and a text
  /// that is tried again completes what has come of it.
  std::shared_ptr<const StoryText> of(const engine::Story& story, std::string_view language);

  std::size_t size() const { return found_.size(); }

 private:
  const Replies replies_;
  struct Kept {
    std::string key;
    std::shared_ptr<const StoryText> text;
  };
  std::list<Kept> kept_;  // what was asked for last is first
  std::unordered_map<std::string, std::list<Kept>::iterator> found_;
};

}  // namespace connectors::sms
