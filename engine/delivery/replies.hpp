#pragma once
// What somebody writes back to a text message: whose words these are, of which alert, and what
// follows. Part of a turn, which it changes nothing of; on the courier's thread.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/delivery/dispatcher.hpp"

namespace engine::delivery {

/// What is to be done about one reply.
struct ReplyRead {
  enum class Outcome : std::uint8_t {
    empty,       // there is nothing in it
    unknown,     // nobody was told anything at that address
    unreadable,  // whose it is cannot be read now
    answered,
    left,  // whoever sent it wants no more messages
  } outcome = Outcome::empty;
  std::vector<Receipt> receipts;
  std::vector<std::pair<std::string, std::uint32_t>> leaving;  // contacts, by organisation
};
std::string_view text(ReplyRead::Outcome outcome);

class Replies {
 public:
  explicit Replies(Desk& desk) : desk_(desk) {}

  /// It is about the newest alert that was sent there, for each organisation whose contact has this
  /// address still: one person may stand for several.
  ReplyRead read(const Replied& heard);

 private:
  /// Whether that contact has this address; nothing where that cannot be read now.
  std::optional<bool> is_there(const Book::Told& told, const Replied& heard) const;

  Desk& desk_;
};

}  // namespace engine::delivery
