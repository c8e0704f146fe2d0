#pragma once
// How one centre writes the ids of its answers when it writes them in receipts, learnt from the
// first that leaves no doubt: some answer in hexadecimal and report in decimal, or the other way.
// Until it is known every form has to be looked for; and then that one alone, since "10" in one
// form is another message in the other. It belongs to one gateway.
#include <deque>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "connectors/sms/smpp_receipt.hpp"

namespace connectors::sms {

class IdHabit {
 public:
  /// A message was answered with that id: the name it is kept by, which is the id's text. Remembers
  /// it among the last kIdsRemembered.
  std::string answered(std::string_view id);

  /// A receipt named that id: the names by which its message may be kept, the likeliest first.
  /// Learns from it where exactly one form of it is an id remembered; a centre that turns out to do
  /// otherwise is believed the newest receipt.
  std::vector<std::string> reported(std::string_view id);

  /// `no` until it is known.
  SameId habit() const { return habit_; }

 private:
  void remember(const std::string& id);
  void learn(const std::vector<std::string>& forms);

  SameId habit_ = SameId::no;
  std::deque<std::string> order_;  // the oldest first
  std::unordered_multiset<std::string> ids_;
};

}  // namespace connectors::sms
