#include "connectors/sms/early_receipts.hpp"

#include <set>
#include <utility>

#include "connectors/sms/limits.hpp"

namespace connectors::sms {

std::optional<DeliveryReceipt> EarlyReceipts::keep(DeliveryReceipt receipt,
                                                   std::uint64_t newest_open) {
  std::string key = normal_id(receipt.message_id);
  by_id_.emplace(key, ++last_);
  waiting_.emplace(last_, Waiting{std::move(receipt), newest_open, std::move(key)});
  if (waiting_.size() <= limits::kEarlyReceipts) return std::nullopt;
  return take_out(waiting_.begin());
}

std::vector<DeliveryReceipt> EarlyReceipts::take_for(std::string_view message_id) {
  std::vector<DeliveryReceipt> taken;
  if (waiting_.empty()) return taken;
  std::set<std::uint64_t> found;
  const auto [first, last] = by_id_.equal_range(normal_id(message_id));
  for (auto entry = first; entry != last; ++entry) found.insert(entry->second);
  for (const std::uint64_t number : found) taken.push_back(take_out(waiting_.find(number)));
  return taken;
}

std::vector<DeliveryReceipt> EarlyReceipts::take_settled(std::uint64_t oldest_open) {
  std::vector<DeliveryReceipt> taken;  // who came later waits for no less
  while (!waiting_.empty() && waiting_.begin()->second.newest_open < oldest_open) {
    taken.push_back(take_out(waiting_.begin()));
  }
  return taken;
}

DeliveryReceipt EarlyReceipts::take_out(std::map<std::uint64_t, Waiting>::iterator waiting) {
  const auto [first, last] = by_id_.equal_range(waiting->second.key);
  for (auto entry = first; entry != last; ++entry) {
    if (entry->second != waiting->first) continue;
    by_id_.erase(entry);
    break;
  }
  DeliveryReceipt receipt = std::move(waiting->second.receipt);
  waiting_.erase(waiting);
  return receipt;
}

}  // namespace connectors::sms
