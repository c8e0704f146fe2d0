#pragma once
// Receipts that overtook the answer to their message. Such a one names a message that nobody knows
// yet, so it waits: for that answer, or until every submit that was unanswered when it came has
// been answered or given up. It belongs to one dialogue.
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "connectors/sms/rate_bucket.hpp"
#include "connectors/sms/smpp_receipt.hpp"

namespace connectors::sms {

/// A receipt as it came to a session.
struct HeardReceipt : DeliveryReceipt {
  /// The sequence number of its PDU, while that is not answered.
  std::optional<std::uint32_t> unanswered;
};

class EarlyReceipts {
 public:
  /// Keeps a receipt that may belong to any submit up to `newest_open`. Beyond kEarlyReceipts the
  /// oldest one goes: it is returned.
  std::optional<HeardReceipt> keep(HeardReceipt receipt, std::uint64_t newest_open, Instant now);

  /// A message was answered with that id. Takes out those that name it as it was answered, in the
  /// order they came. One that names it in another base waits until it is settled: "16" may be the
  /// message "10" of a centre that answers in hexadecimal, and is more often the next but five.
  std::vector<HeardReceipt> take_for(std::string_view message_id);

  /// Whether that id is among the last kIdsRemembered that messages were answered with, so that its
  /// receipt has nothing to wait for.
  bool answered(std::string_view message_id) const { return ids_.contains(normal_id(message_id)); }

  /// Takes out those that wait for nothing: every submit below `oldest_open` is settled.
  std::vector<HeardReceipt> take_settled(std::uint64_t oldest_open);

  /// Since when the oldest of those waits whose PDUs are not answered.
  std::optional<Instant> unanswered_since() const;
  /// The PDUs of those that have waited since then or longer, to be answered now. What they say
  /// goes on waiting.
  std::vector<std::uint32_t> take_unanswered(Instant since);

  std::size_t size() const { return waiting_.size(); }

 private:
  struct Waiting {
    HeardReceipt receipt;
    std::uint64_t newest_open = 0;
    std::string key;  // its normal id
    Instant since;
  };
  using ById = std::unordered_multimap<std::string, std::uint64_t>;

  HeardReceipt take_out(std::map<std::uint64_t, Waiting>::iterator waiting);
  void remember(std::string id);

  std::map<std::uint64_t, Waiting> waiting_;  // by when they came
  ById by_id_;
  std::uint64_t last_ = 0;
  std::uint64_t answered_up_to_ = 0;  // PDUs
  std::deque<std::string> order_;     // of messages' normal ids, the oldest first
  std::unordered_multiset<std::string> ids_;
};

}  // namespace connectors::sms
