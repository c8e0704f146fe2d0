#include "connectors/web/gate.hpp"

#include <list>
#include <mutex>
#include <string>
#include <unordered_map>

#include "engine/limits.hpp"

namespace connectors::web {

namespace limits = engine::limits;

struct Gate::Books {
  /// What an address still owes for refused work, as of that second; paid off evenly.
  struct Debt {
    std::string who;
    std::uint64_t owed = 0;
    std::uint64_t second = 0;
  };

  explicit Books(const GateOptions& given) : options(given) {}

  bool enter(const std::string& who) {
    const std::lock_guard lock(mutex);
    if (all >= options.connections_max) return false;
    if (!take(who)) return false;
    ++all;
    return true;
  }

  void leave(const std::string& who) {
    const std::lock_guard lock(mutex);
    --all;
    give(who);
  }

  bool take(const std::string& who) {  // under the lock; nobody: not counted
    if (who.empty()) return true;
    auto& count = by_address[who];
    if (count >= options.connections_per_address_max) return false;
    ++count;
    return true;
  }

  void give(const std::string& who) {
    if (who.empty()) return;
    const auto found = by_address.find(who);
    if (--found->second == 0) by_address.erase(found);
  }

  const GateOptions options;
  mutable std::mutex mutex;
  std::size_t all = 0;
  std::unordered_map<std::string, std::size_t> by_address;
  std::list<Debt> debts;  // the latest first
  std::unordered_map<std::string, std::list<Debt>::iterator> debt_of;
};

Gate::Gate(const GateOptions& options) : books_(std::make_shared<Books>(options)) {}
Gate::~Gate() = default;

const Networks& Gate::trusted_proxies() const { return books_->options.trusted_proxies; }

std::optional<Place> Gate::enter(const Address& peer) {
  const bool counted = !peer.is_loopback() && !trusted_proxies().contains(peer);
  const std::string who = counted ? counted_as(peer) : std::string{};
  if (!books_->enter(who)) return std::nullopt;
  return Place([books = books_, who] { books->leave(who); });
}

std::optional<Place> Gate::enter_behind(const Address& client) {
  const std::string who = counted_as(client);
  const std::lock_guard lock(books_->mutex);
  if (!books_->take(who)) return std::nullopt;
  return Place([books = books_, who] {
    const std::lock_guard again(books->mutex);
    books->give(who);
  });
}

std::size_t Gate::connections() const {
  const std::lock_guard lock(books_->mutex);
  return books_->all;
}

namespace {

constexpr std::uint64_t kSecondsEach = 60 / limits::kRefusedPerMinute;
static_assert(kSecondsEach * limits::kRefusedPerMinute == 60, "whole seconds pay for each");

/// What is left of a debt once time has paid for some of it.
std::uint64_t left(std::uint64_t owed, std::uint64_t since, std::uint64_t second) {
  const std::uint64_t paid = second > since ? (second - since) / kSecondsEach : 0;
  return owed > paid ? owed - paid : 0;
}

bool uncounted(const Visitor& visitor) {
  return visitor.via == Visitor::Via::itself && visitor.address.is_loopback();
}

}  // namespace

std::uint64_t Gate::wait_s(const Visitor& visitor, std::uint64_t second) {
  if (uncounted(visitor)) return 0;
  const std::lock_guard lock(books_->mutex);
  const auto found = books_->debt_of.find(counted_as(visitor.address));
  if (found == books_->debt_of.end()) return 0;
  const auto& debt = *found->second;
  const std::uint64_t owed = left(debt.owed, debt.second, second);
  return owed < limits::kRefusedPerMinute ? 0
                                          : (owed - limits::kRefusedPerMinute + 1) * kSecondsEach;
}

void Gate::refused(const Visitor& visitor, std::uint64_t second) {
  if (uncounted(visitor)) return;
  const std::string who = counted_as(visitor.address);
  const std::lock_guard lock(books_->mutex);
  auto& debts = books_->debts;
  const auto found = books_->debt_of.find(who);
  if (found == books_->debt_of.end()) {
    debts.push_front({who, 0, second});
    books_->debt_of[who] = debts.begin();
  } else {
    debts.splice(debts.begin(), debts, found->second);
  }
  auto& debt = debts.front();
  debt.owed = left(debt.owed, debt.second, second) + 1;
  debt.second = std::max(debt.second, second);
  if (debts.size() <= limits::kAddressesRemembered) return;
  books_->debt_of.erase(debts.back().who);
  debts.pop_back();
}

}  // namespace connectors::web
