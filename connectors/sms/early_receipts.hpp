#pragma once
// Receipts that overtook the answer to their message. Such a one names a message that nobody knows
// yet, so it waits: for that answer, or until every submit that was unanswered when it came has
// been answered or given up. It belongs to one dialogue.
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "connectors/sms/smpp_receipt.hpp"

namespace connectors::sms {

class EarlyReceipts {
 public:
  /// Keeps a receipt that may belong to any submit up to `newest_open`. Beyond kEarlyReceipts the
  /// oldest one goes: it is returned.
  std::optional<DeliveryReceipt> keep(DeliveryReceipt receipt, std::uint64_t newest_open);

  /// Takes out those that name the message answered with that id as it was answered, in the order
  /// they came. One that names it in another base waits until it is settled: "16" may be the
  /// message "10" of a centre that answers in hexadecimal, and is more often the next but five.
  std::vector<DeliveryReceipt> take_for(std::string_view message_id);

  /// Takes out those that wait for nothing: every submit below `oldest_open` is settled.
  std::vector<DeliveryReceipt> take_settled(std::uint64_t oldest_open);

  std::size_t size() const { return waiting_.size(); }

 private:
  struct Waiting {
    DeliveryReceipt receipt;
    std::uint64_t newest_open = 0;
    std::string key;  // its normal id
  };
  using ById = std::unordered_multimap<std::string, std::uint64_t>;

  DeliveryReceipt take_out(std::map<std::uint64_t, Waiting>::iterator waiting);

  std::map<std::uint64_t, Waiting> waiting_;  // by when they came
  ById by_id_;
  std::uint64_t last_ = 0;
};

}  // namespace connectors::sms
