#include "engine/receipts.hpp"

#include <atomic>
#include <optional>
#include <thread>
#include <variant>

#include "engine/base/folders.hpp"
#include "engine/base/trace.hpp"
#include "engine/base/waiting_line.hpp"
#include "engine/limits.hpp"
#include "engine/receipts/ledger.hpp"

namespace engine {
namespace {

Failure not_written() {
  return Failure{"what readers say cannot be written; check the disk, then restart the engine"};
}
Failure disk_full() {
  return Failure{
      "what readers say cannot be written: the disk is full; make room, and send it again then"};
}
Failure disk_slow() { return Failure{"the disk is too slow at the moment; try again in a moment"}; }
Failure no_room() { return Failure{"too much is waiting to be written; try again in a moment"}; }

}  // namespace

/// One thread takes what waits, in order, a batch at a time: reads nothing it was not asked for,
/// writes once a batch, and only then says yes.
class Receipts::Impl {
 public:
  struct Said {
    std::vector<Receipt> receipts;  // together: in one write
    std::optional<Done<Result<void>>> done;
  };
  struct Settled {
    Sequence sequence;
    std::string organisation;
  };
  struct Reach {
    Sequence sequence;
    Done<Result<ReachCounts>> done;
  };
  struct Answers {
    Sequence sequence;
    std::string cursor;
    std::size_t most = 0;
    Done<Result<GivenAnswers>> done;
  };
  struct SaidBy {
    std::string organisation;
    Sequence after;
    std::size_t most = 0;
    Done<Result<OrganisationSaid>> done;
  };
  struct Asked {
    std::string organisation;
    Done<Result<Sequence>> done;
  };
  struct Forget {
    std::string organisation;
    Done<Result<void>> done;
  };
  using Item =
      std::variant<std::vector<Delivered>, Said, Settled, Reach, Answers, SaidBy, Asked, Forget>;

  Impl(const ReceiptsOptions& options, std::unique_ptr<Store> store)
      : working_bytes_(options.working_bytes),
        knows_(options.knows),
        acknowledged_(options.acknowledged),
        store_(std::move(store)),
        ledger_(*store_),
        line_(limits::kReceiptsWaiting, limits::kReceiptsWaitingBytes) {
    clean(&Ledger::clean_rest);
  }
  ~Impl() { stop(); }

  void start() {
    thread_ = std::thread([this] {
      while (!line_.finished()) work(limits::kReceiptsPause);
    });
  }
  void stop() {
    line_.close();
    if (thread_.joinable()) thread_.join();
    while (work({})) {
    }
  }

  bool work(std::chrono::milliseconds patience);
  bool has_acknowledged(Sequence sequence, std::string_view organisation) const {
    return ledger_.has_acknowledged(sequence, organisation);
  }

  /// False where there is no room, or nobody to take it; `item` is as it was then.
  bool enter(Item& item) {
    const std::size_t weight = weight_of(item);
    if (line_.enter(item, weight) == Entry::taken) {
      waiting_.fetch_add(1, std::memory_order_relaxed);
      return true;
    }
    return false;
  }
  void enter_or_drop(Item item) {
    if (!enter(item)) dropped_.fetch_add(count_of(item), std::memory_order_relaxed);
  }
  ReceiptsState state() const noexcept {
    return {waiting_.load(std::memory_order_relaxed), dropped_.load(std::memory_order_relaxed),
            writable_.load(std::memory_order_acquire), full_.load(std::memory_order_acquire)};
  }

 private:
  static std::size_t weight_of(const Item& item);
  static std::uint64_t count_of(const Item& item);
  void apply(const Item& item);
  void answer(Item& item, const Result<void>& written);
  void tell(const Item& item) const;
  Result<void> write(const std::vector<Item>& items);
  void tend_room();
  void fail(std::string_view why);
  /// What could not be cleaned is cleaned at the next start.
  void clean(Result<void> (Ledger::*what)());

  const std::uint64_t working_bytes_;
  const std::function<bool(std::string_view)> knows_;
  const std::function<void(Sequence, std::string_view)> acknowledged_;
  const std::unique_ptr<Store> store_;
  Ledger ledger_;
  WaitingLine<Item> line_;
  std::atomic<std::uint64_t> waiting_{0};
  std::atomic<std::uint64_t> dropped_{0};
  std::atomic<bool> writable_{true};
  std::atomic<bool> full_{false};
  std::optional<Failure> fault_;  // of the batch at hand
  std::thread thread_;
};

std::size_t Receipts::Impl::weight_of(const Item& item) {
  std::size_t weight = sizeof(Item);
  if (const auto* batch = std::get_if<std::vector<Delivered>>(&item)) {
    for (const auto& delivered : *batch) weight += sizeof delivered + delivered.organisation.size();
  } else if (const auto* said = std::get_if<Said>(&item)) {
    for (const auto& receipt : said->receipts) {
      weight += sizeof receipt + receipt.answer.size() + receipt.organisation.size();
    }
  }
  return weight;
}

std::uint64_t Receipts::Impl::count_of(const Item& item) {
  if (const auto* batch = std::get_if<std::vector<Delivered>>(&item)) return batch->size();
  if (const auto* said = std::get_if<Said>(&item)) return said->receipts.size();
  return 1;
}

bool Receipts::Impl::work(std::chrono::milliseconds patience) {
  auto items = line_.take(limits::kReceiptsBatch, limits::kReceiptsWaitingBytes, patience);
  if (items.empty()) {
    if (full_ || store_->state() != Store::State::open) tend_room();
    return false;
  }
  waiting_.fetch_sub(items.size(), std::memory_order_relaxed);
  const Result<void> written = write(items);
  for (Item& item : items) {
    if (written) tell(item);
    answer(item, written);
  }
  return true;
}

void Receipts::Impl::tell(const Item& item) const {
  const auto* said = std::get_if<Said>(&item);
  if (said == nullptr || !acknowledged_) return;
  for (const Receipt& receipt : said->receipts) {
    const bool acknowledges = receipt.state == Receipt::State::acknowledged;
    if (!acknowledges || receipt.organisation.empty()) continue;
    if (knows_ && !knows_(receipt.organisation)) continue;  // erased meanwhile: it was not written
    acknowledged_(receipt.sequence, receipt.organisation);
  }
}

/// The rules of the log: what the disk did not write closes the receipts until a restart, and a
/// full disk only until there is room.
Result<void> Receipts::Impl::write(const std::vector<Item>& items) {
  tend_room();
  if (!writable_.load(std::memory_order_relaxed)) return not_written();
  if (full_.load(std::memory_order_relaxed)) return disk_full();
  for (const Item& item : items) apply(item);
  if (fault_) {
    fail(fault_->what);
    return not_written();
  }
  switch (ledger_.commit()) {
    case Store::Commit::done:
      return {};
    case Store::Commit::busy:
      return disk_slow();
    case Store::Commit::no_space:
      tend_room();
      return disk_full();
    case Store::Commit::failed:
      break;
  }
  fail("the disk");
  return not_written();
}

void Receipts::Impl::tend_room() {
  if (!writable_.load(std::memory_order_relaxed)) return;
  if (store_->renew(working_bytes_)) ledger_.begin();
  if (store_->state() == Store::State::failed) return fail("background work");
  const Store::Room room = store_->room();
  const bool now_full = store_->state() == Store::State::no_space ||
                        (room.free_bytes && *room.free_bytes < working_bytes_);
  if (full_.exchange(now_full, std::memory_order_acq_rel) == now_full) return;
  trace(now_full ? Level::error : Level::notice, now_full ? "receipts_full" : "receipts_have_room");
}

void Receipts::Impl::fail(std::string_view why) {
  writable_.store(false, std::memory_order_release);
  full_.store(false, std::memory_order_release);
  trace(Level::error, "receipts_write_failed", {{"why", std::string(why)}});
}

void Receipts::Impl::apply(const Item& item) {
  const auto keep = [this](const Result<void>& added) {
    if (!added && !fault_) fault_ = added.error();
  };
  const auto known = [this](const std::string& organisation) {
    return organisation.empty() || !knows_ || knows_(organisation);
  };
  if (const auto* batch = std::get_if<std::vector<Delivered>>(&item)) {
    for (const auto& delivered : *batch) {
      if (known(delivered.organisation)) keep(ledger_.add(delivered));
    }
  } else if (const auto* said = std::get_if<Said>(&item)) {
    for (const auto& receipt : said->receipts) {
      if (known(receipt.organisation)) keep(ledger_.add(receipt));
    }
  } else if (const auto* settled = std::get_if<Settled>(&item)) {
    if (known(settled->organisation))
      keep(ledger_.settle(settled->sequence, settled->organisation));
  } else if (const auto* forget = std::get_if<Forget>(&item)) {
    keep(ledger_.forget(forget->organisation));
  }
}

void Receipts::Impl::clean(Result<void> (Ledger::*what)()) {
  const auto cleaned = (ledger_.*what)();
  if (!cleaned) trace(Level::warning, "receipts_not_cleaned", {{"what", cleaned.error().what}});
}

void Receipts::Impl::answer(Item& item, const Result<void>& written) {
  if (auto* reach = std::get_if<Reach>(&item)) return reach->done(ledger_.reach(reach->sequence));
  if (auto* answers = std::get_if<Answers>(&item)) {
    return answers->done(ledger_.answers(answers->sequence, answers->cursor, answers->most));
  }
  if (auto* by = std::get_if<SaidBy>(&item)) {
    return by->done(ledger_.said_by(by->organisation, by->after, by->most));
  }
  if (auto* asked = std::get_if<Asked>(&item)) {
    return asked->done(ledger_.position(asked->organisation));
  }
  if (auto* forget = std::get_if<Forget>(&item)) {
    if (written) clean(&Ledger::clean);
    return forget->done(written);
  }
  if (!written) dropped_.fetch_add(count_of(item), std::memory_order_relaxed);
  auto* said = std::get_if<Said>(&item);
  if (said != nullptr && said->done) (*said->done)(written);
}

Receipts::Receipts(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Receipts::~Receipts() = default;

Result<std::unique_ptr<Receipts>> Receipts::open(const ReceiptsOptions& options, const Clock&) {
  StoreOptions store_options;
  store_options.tables = ReceiptsTable::kNames;
  store_options.directory = "/receipts";  // a name in memory
  store_options.medium = StoreOptions::Medium::memory;
  store_options.max_open_files = 64;
  store_options.trial = options.trial;
  if (options.medium == ReceiptsOptions::Medium::disk) {
    if (auto made = make_folder(options.directory); !made) return made.error();
    store_options.directory = options.directory;
    store_options.medium = StoreOptions::Medium::disk;
  }
  auto store = Store::open(store_options);
  if (!store) {
    return Failure{"the receipts in ", options.directory.string(),
                   " cannot be opened: ", store.error().what};
  }
  auto impl = std::make_unique<Impl>(options, *std::move(store));
  if (options.threads == ReceiptsOptions::Threads::own) impl->start();
  return std::unique_ptr<Receipts>(new Receipts(std::move(impl)));
}

void Receipts::delivered(std::vector<Delivered> batch) {
  if (!batch.empty()) impl_->enter_or_drop(std::move(batch));
}

void Receipts::take(Receipt receipt) {
  std::vector<Receipt> one;
  one.push_back(std::move(receipt));
  impl_->enter_or_drop(Impl::Said{std::move(one), std::nullopt});
}

void Receipts::take(std::vector<Receipt> receipts, Done<Result<void>> done) {
  Impl::Item item{Impl::Said{std::move(receipts), std::move(done)}};
  if (!impl_->enter(item)) (*std::get<Impl::Said>(item).done)(no_room());
}

void Receipts::settled(Sequence sequence, std::string_view organisation) {
  impl_->enter_or_drop(Impl::Settled{sequence, std::string(organisation)});
}

void Receipts::reach(Sequence sequence, Done<Result<ReachCounts>> done) {
  Impl::Item item{Impl::Reach{sequence, std::move(done)}};
  if (!impl_->enter(item)) std::get<Impl::Reach>(item).done(no_room());
}

void Receipts::answers(Sequence sequence, std::string cursor, std::size_t most,
                       Done<Result<GivenAnswers>> done) {
  Impl::Item item{Impl::Answers{sequence, std::move(cursor), most, std::move(done)}};
  if (!impl_->enter(item)) std::get<Impl::Answers>(item).done(no_room());
}

void Receipts::said_by(std::string_view organisation, Sequence after, std::size_t most,
                       Done<Result<OrganisationSaid>> done) {
  Impl::Item item{Impl::SaidBy{std::string(organisation), after, most, std::move(done)}};
  if (!impl_->enter(item)) std::get<Impl::SaidBy>(item).done(no_room());
}

void Receipts::position(std::string_view organisation, Done<Result<Sequence>> done) {
  Impl::Item item{Impl::Asked{std::string(organisation), std::move(done)}};
  if (!impl_->enter(item)) std::get<Impl::Asked>(item).done(no_room());
}

void Receipts::forget(std::string_view organisation, Done<Result<void>> done) {
  Impl::Item item{Impl::Forget{std::string(organisation), std::move(done)}};
  if (!impl_->enter(item)) std::get<Impl::Forget>(item).done(no_room());
}

bool Receipts::has_acknowledged(Sequence sequence, std::string_view organisation) const {
  return impl_->has_acknowledged(sequence, organisation);
}

ReceiptsState Receipts::state() const noexcept { return impl_->state(); }
void Receipts::stop() { impl_->stop(); }
bool Receipts::run() { return impl_->work({}); }

}  // namespace engine
