// The receipts on a disk that fails: a receipt that was answered yes is counted ever after, once
// for an organisation; what had no answer may be counted or not; no count ever goes back.
#include <array>
#include <cerrno>

#include "engine/receipts.hpp"
#include "tests/faults/keeper.hpp"
#include "tests/support/manual_clock.hpp"

using namespace tests;
using engine::Receipt;
using engine::ReceiptsOptions;
using engine::Sequence;

namespace {

constexpr std::size_t kAlerts = 3;
constexpr std::size_t kOrganisations = 40;
constexpr std::size_t kAnswerBytes = 900;

enum What : std::size_t { kDisplayed, kAcknowledged, kAnswered, kWhats };
using Said = std::array<std::atomic<bool>, kWhats>;

struct Alert {
  std::array<Said, kOrganisations> told, yes;                       // by organisation
  std::array<std::atomic<std::uint64_t>, kWhats> anonymous_told{};  // how often
  std::array<std::atomic<std::uint64_t>, kWhats> anonymous_yes{};
};

struct ReceiptsWitness : KeeperWitness {
  std::array<Alert, kAlerts + 1> alerts;
  std::atomic<std::uint64_t> settled{0};  // the farthest that was seen
};

class ReceiptsKeeper final : public Keeper {
 public:
  ReceiptsKeeper(const std::filesystem::path& folder, std::uint64_t seed, ReceiptsWitness& witness)
      : Keeper(folder, seed, witness), witness_(witness) {
    options_.directory = directory();
    options_.threads = ReceiptsOptions::Threads::none;
    options_.trial = trial();
  }

  std::string try_open() override {
    receipts_.reset();
    auto opened = engine::Receipts::open(options_, clock_);
    if (!opened) return opened.error().what;
    receipts_ = *std::move(opened);
    return "";
  }

  bool change() override {
    refused_ = false;
    for (std::uint64_t left = 1 + below(4); left > 0; --left) say();
    receipts_->settled(Sequence{witness_.settled + below(3)}, "o1");
    run();
    return !refused_;
  }

  void check() override {
    for (std::size_t i = 1; i <= kAlerts; ++i) check_alert(i);
    std::uint64_t settled = 0;
    receipts_->position("o1", [&](engine::Result<Sequence> found) {
      promised(found.has_value(), "where an organisation stands cannot be read");
      settled = number(*found);
    });
    run();
    promised(settled >= witness_.settled, "an organisation stands farther back");
    witness_.settled = settled;
  }

  bool writable() const override { return receipts_->state().writable; }
  bool full() const override { return receipts_->state().full; }

 private:
  void run() {
    while (receipts_->run()) {
    }
  }

  void say() {
    const std::size_t alert = 1 + below(kAlerts);
    const std::size_t who = below(kOrganisations + 10);
    const bool anonymous = who >= kOrganisations;
    Receipt receipt;
    receipt.sequence = Sequence{alert};
    receipt.state = below(2) == 0 ? Receipt::State::displayed : Receipt::State::acknowledged;
    if (below(2) == 0)
      receipt.answer = std::string(kAnswerBytes, static_cast<char>('a' + below(26)));
    if (!anonymous) receipt.organisation = "o" + std::to_string(who);
    const std::array<bool, kWhats> says = {receipt.state == Receipt::State::displayed,
                                           receipt.state == Receipt::State::acknowledged,
                                           !receipt.answer.empty()};
    note(alert, who, says, Heard::nothing);
    receipts_->take({std::move(receipt)}, [=, this](engine::Result<void> taken) {
      if (!taken) {
        refused_ = true;
        ++witness_.refused;
        promised(taken.error().what.size() > 20, "no word of what to do");
        return;
      }
      ++witness_.yes;
      note(alert, who, says, Heard::yes);
    });
  }

  enum class Heard { nothing, yes };
  void note(std::size_t alert, std::size_t who, const std::array<bool, kWhats>& says, Heard heard) {
    Alert& row = witness_.alerts[alert];
    for (std::size_t what = 0; what < kWhats; ++what) {
      if (!says[what]) continue;
      if (who >= kOrganisations) {
        ++(heard == Heard::yes ? row.anonymous_yes : row.anonymous_told)[what];
      } else {
        (heard == Heard::yes ? row.yes : row.told)[who][what] = true;
      }
    }
  }

  void check_alert(std::size_t alert) {
    engine::ReachCounts counts;
    receipts_->reach(Sequence{alert}, [&](engine::Result<engine::ReachCounts> found) {
      promised(found.has_value(), "counts cannot be read");
      counts = *found;
    });
    run();
    const auto& [organisations, anonymous] = counts;
    const std::array<std::uint64_t, kWhats> signed_in = {
        organisations.displayed, organisations.acknowledged, organisations.answered};
    const std::array<std::uint64_t, kWhats> others = {anonymous.displayed, anonymous.acknowledged,
                                                      anonymous.answered};
    const Alert& row = witness_.alerts[alert];
    for (std::size_t what = 0; what < kWhats; ++what) {
      std::uint64_t yes = 0, told = 0;
      for (std::size_t who = 0; who < kOrganisations; ++who) {
        yes += row.yes[who][what] ? 1 : 0;
        told += row.told[who][what] ? 1 : 0;
      }
      between(yes, signed_in[what], told, "organisations");
      between(row.anonymous_yes[what], others[what], row.anonymous_told[what], "others");
    }
  }

  void between(std::uint64_t yes, std::uint64_t counted, std::uint64_t told, const char* who) {
    promised(yes <= counted && counted <= told, std::string(who) + ": " + std::to_string(counted) +
                                                    " counted, " + std::to_string(yes) +
                                                    " answered yes of " + std::to_string(told));
  }

  ReceiptsWitness& witness_;
  ReceiptsOptions options_;
  ManualClock clock_;
  std::unique_ptr<engine::Receipts> receipts_;
  bool refused_ = false;
};

std::unique_ptr<Keeper> make(const std::filesystem::path& folder, std::uint64_t seed,
                             ReceiptsWitness& witness) {
  return std::make_unique<ReceiptsKeeper>(folder, seed, witness);
}

}  // namespace

TEST_CASE("After a write or a sync of receipts that failed none is taken until a restart") {
  for (const DiskOp op :
       {DiskOp::write, DiskOp::sync, DiskOp::open, DiskOp::rename, DiskOp::sync_folder}) {
    CAPTURE(std::string(name_of(op)));
    CHECK(fail_each<ReceiptsWitness>("receipts", {op, 0, EIO}, make) > 0);
  }
}

TEST_CASE("Receipts that found the disk full are taken again when there is room") {
  for (const DiskOp op : {DiskOp::write, DiskOp::open, DiskOp::rename}) {
    CAPTURE(std::string(name_of(op)));
    CHECK(fail_each<ReceiptsWitness>("receipts-full",
                                     {op, 0, ENOSPC, DiskFault::Lasts::until_mended}, make) > 0);
  }
}

TEST_CASE("No loss of power takes a receipt that was answered yes") {
  lose_power_again_and_again<ReceiptsWitness>("receipts", from_environment("POWER_LOSSES", 500) / 5,
                                              make);
}
