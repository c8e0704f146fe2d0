#include "connectors/web/gate.hpp"

#include <mutex>
#include <string>
#include <unordered_map>

#include "connectors/web/remembered.hpp"
#include "engine/limits.hpp"

namespace connectors::web {

namespace limits = engine::limits;

namespace {

/// So many of something for each address; for nobody it is not counted.
class Count {
 public:
  bool take(const std::string& who, std::size_t most) {
    if (who.empty()) return true;
    auto& count = by_address_[who];
    if (count >= most) return false;
    ++count;
    return true;
  }
  void give(const std::string& who) {
    if (who.empty()) return;
    const auto found = by_address_.find(who);
    if (--found->second == 0) by_address_.erase(found);
  }

 private:
  std::unordered_map<std::string, std::size_t> by_address_;
};

bool uncounted(const Visitor& visitor) {
  return visitor.via == Visitor::Via::itself && visitor.address.is_loopback();
}

}  // namespace

struct Gate::Books {
  /// What an address still owes for refused work, as of that second; paid off evenly.
  struct Debt {
    std::uint64_t owed = 0;
    std::uint64_t second = 0;
  };

  explicit Books(const GateOptions& given) : options(given) {}

  bool enter(const std::string& who) {
    const std::lock_guard lock(mutex);
    if (all >= options.connections_max) return false;
    if (!streams.take(who, options.connections_per_address_max)) return false;
    ++all;
    return true;
  }

  void leave(const std::string& who) {
    const std::lock_guard lock(mutex);
    --all;
    streams.give(who);
  }

  const GateOptions options;
  mutable std::mutex mutex;  // around all that follows
  std::size_t all = 0;
  std::size_t admins = 0;
  Count streams, lists;  // of connections, and of lists on their way
  Remembered<Debt> debts{limits::kAddressesRemembered};
};

Gate::Gate(const GateOptions& options)
    : books_(std::make_shared<Books>(options)),
      bodies_(std::make_shared<MemoryPool>(limits::kBodiesBytes)),
      answers_(std::make_shared<MemoryPool>(limits::kAnswersBytes)) {}
Gate::~Gate() = default;

const Networks& Gate::trusted_proxies() const { return books_->options.trusted_proxies; }

std::optional<Place> Gate::enter(const Address& peer) {
  const bool counted = !peer.is_loopback() && !trusted_proxies().contains(peer);
  const std::string who = counted ? counted_as(peer) : std::string{};
  if (!books_->enter(who)) return std::nullopt;
  return Place([books = books_, who] { books->leave(who); });
}

std::optional<Place> Gate::enter_admin() {
  const std::lock_guard lock(books_->mutex);
  if (books_->admins >= limits::kAdminPlaces) return std::nullopt;
  ++books_->admins;
  return Place([books = books_] {
    const std::lock_guard again(books->mutex);
    --books->admins;
  });
}

std::optional<Place> Gate::enter_behind(const Address& client) {
  const std::string who = counted_as(client);
  const std::lock_guard lock(books_->mutex);
  if (!books_->streams.take(who, books_->options.connections_per_address_max)) return std::nullopt;
  return Place([books = books_, who] {
    const std::lock_guard again(books->mutex);
    books->streams.give(who);
  });
}

std::optional<Place> Gate::enter_list(const Visitor& visitor) {
  const std::string who = uncounted(visitor) ? std::string{} : counted_as(visitor.address);
  const std::lock_guard lock(books_->mutex);
  if (!books_->lists.take(who, limits::kListsPerAddress)) return std::nullopt;
  return Place([books = books_, who] {
    const std::lock_guard again(books->mutex);
    books->lists.give(who);
  });
}

bool Gate::answers_are_short() const { return answers_->taken() > limits::kAnswersBytes / 2; }

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

}  // namespace

std::uint64_t Gate::wait_s(const Visitor& visitor, std::uint64_t second) {
  if (uncounted(visitor)) return 0;
  const std::lock_guard lock(books_->mutex);
  const auto* debt = books_->debts.find(counted_as(visitor.address));
  if (debt == nullptr) return 0;
  const std::uint64_t owed = left(debt->owed, debt->second, second);
  return owed < limits::kRefusedPerMinute ? 0
                                          : (owed - limits::kRefusedPerMinute + 1) * kSecondsEach;
}

void Gate::refused(const Visitor& visitor, std::uint64_t second) {
  if (uncounted(visitor)) return;
  const std::string who = counted_as(visitor.address);
  const std::lock_guard lock(books_->mutex);
  auto& debt = books_->debts.of(who);
  debt.owed = left(debt.owed, debt.second, second) + 1;
  debt.second = std::max(debt.second, second);
}

}  // namespace connectors::web
