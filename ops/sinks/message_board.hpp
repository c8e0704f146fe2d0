#pragma once
// What the demo's people were sent, the newest so many. One thread.
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>

#include "engine/base/time.hpp"

namespace ops::sinks {

struct Message {
  std::string way;  // sms, email
  std::string to;
  std::string subject;  // of a mail
  std::string text;     // UTF-8
};

class MessageBoard {
 public:
  explicit MessageBoard(const engine::Clock& clock) : clock_(clock) {}

  void add(Message message);
  /// {"last":N,"messages":[…]}: those after a number, each with "number", "at", "way", "to",
  /// "subject" and "text", the oldest first; "last" is the number of the newest there ever was.
  std::string json_after(std::uint64_t number) const;

 private:
  struct Kept {
    std::uint64_t number = 0;
    engine::Time at;
    Message message;
  };
  const engine::Clock& clock_;
  std::uint64_t last_ = 0;
  std::deque<Kept> kept_;
};

}  // namespace ops::sinks
