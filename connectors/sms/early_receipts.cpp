#include "connectors/sms/early_receipts.hpp"

#include <set>
#include <utility>

#include "connectors/sms/limits.hpp"

namespace connectors::sms {

std::optional<HeardReceipt> EarlyReceipts::keep(HeardReceipt receipt, std::uint64_t newest_open,
                                                Instant now) {
  std::string key = normal_id(receipt.message_id);
  by_id_.emplace(key, ++last_);
  waiting_.emplace(last_, Waiting{std::move(receipt), newest_open, std::move(key), now});
  if (waiting_.size() <= limits::kEarlyReceipts) return std::nullopt;
  return take_out(waiting_.begin());
}

std::vector<HeardReceipt> EarlyReceipts::take_for(std::string_view message_id) {
  std::vector<HeardReceipt> taken;
  std::string id = normal_id(message_id);
  std::set<std::uint64_t> found;
  const auto [first, last] = by_id_.equal_range(id);
  for (auto entry = first; entry != last; ++entry) found.insert(entry->second);
  for (const std::uint64_t number : found) taken.push_back(take_out(waiting_.find(number)));
  remember(std::move(id));
  return taken;
}

void EarlyReceipts::remember(std::string id) {
  ids_.insert(id);
  order_.push_back(std::move(id));
  if (order_.size() <= limits::kIdsRemembered) return;
  ids_.erase(ids_.find(order_.front()));
  order_.pop_front();
}

std::vector<HeardReceipt> EarlyReceipts::take_settled(std::uint64_t oldest_open) {
  std::vector<HeardReceipt> taken;  // who came later waits for no less
  while (!waiting_.empty() && waiting_.begin()->second.newest_open < oldest_open) {
    taken.push_back(take_out(waiting_.begin()));
  }
  return taken;
}

std::optional<Instant> EarlyReceipts::unanswered_since() const {
  const auto oldest = waiting_.upper_bound(answered_up_to_);
  if (oldest == waiting_.end()) return std::nullopt;
  return oldest->second.since;
}

std::vector<std::uint32_t> EarlyReceipts::take_unanswered(Instant since) {
  std::vector<std::uint32_t> taken;
  for (auto next = waiting_.upper_bound(answered_up_to_);
       next != waiting_.end() && next->second.since <= since; ++next) {
    answered_up_to_ = next->first;
    if (const auto unanswered = std::exchange(next->second.receipt.unanswered, std::nullopt)) {
      taken.push_back(*unanswered);
    }
  }
  return taken;
}

HeardReceipt EarlyReceipts::take_out(std::map<std::uint64_t, Waiting>::iterator waiting) {
  const auto [first, last] = by_id_.equal_range(waiting->second.key);
  for (auto entry = first; entry != last; ++entry) {
    if (entry->second != waiting->first) continue;
    by_id_.erase(entry);
    break;
  }
  HeardReceipt receipt = std::move(waiting->second.receipt);
  waiting_.erase(waiting);
  return receipt;
}

}  // namespace connectors::sms
