#pragma once
// What became of the parts of one text, and what that makes of the text. Pure; it belongs to one
// attempt.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "connectors/sms/smpp_submission.hpp"
#include "engine/channel.hpp"

namespace connectors::sms {

class PartTally {
 public:
  explicit PartTally(std::size_t parts) : parts_(parts) {}

  /// The next part to submit; nothing where all have been.
  std::optional<std::size_t> next() const;
  void submitted(std::size_t part);
  /// It was submitted, and never left this machine: it is to be submitted again.
  void came_back(std::size_t part);

  // What became of a part. One that is uncertain may be told of again, before answer().
  void sent(std::size_t part, std::string name);
  void refused(std::size_t part, std::uint32_t status, Verdict verdict);
  void deferred(std::size_t part, std::uint32_t status);
  void uncertain(std::size_t part);
  /// Those that were not submitted will not be: why, in a sentence.
  void give_up(std::string why);

  /// No part has been submitted, or every one that was came back.
  bool untouched() const;
  bool complete() const;

  /// The worst of its parts: one that never goes this way, one that may be tried again, one whose
  /// answer is missing; sent where all are. A text whose parts were not all taken cannot have been
  /// read, so it is uncertain only where nothing worse is known. Where the centre was too busy for
  /// every part it is put off: it keeps its place before what is less urgent.
  engine::Attempted answer(std::string gateway);

 private:
  enum class State : std::uint8_t { waiting, on_the_way, sent, refused, deferred, uncertain };
  struct Part {
    State state = State::waiting;
    bool contact_dead = false;
    std::uint32_t status = 0;
    std::string name;  // by which its receipts come; empty where none will
  };
  const Part* first(State state) const;
  bool none_had_room() const;

  std::vector<Part> parts_;
  std::string why_;  // of give_up()
};

/// A status as a person reads it: "ESME_RTHROTTLED", or "status 0x00000401".
std::string status_text(std::uint32_t status);

}  // namespace connectors::sms
