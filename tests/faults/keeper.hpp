#pragma once
// What is held to its word beside the log, on the same failing disk: the receipts and the
// directory. A keeper makes changes, one after the other, notes in its witness which were answered
// yes, and is held to them by another process. One thread, beside RocksDB's.
#include <atomic>
#include <memory>
#include <random>
#include <string>

#include "engine/store/trial.hpp"
#include "tests/faults/apart.hpp"
#include "tests/faults/fault_disk.hpp"

namespace tests {

/// What every keeper's witness begins with.
struct KeeperWitness : Complaint {
  std::atomic<std::uint64_t> yes{0}, refused{0}, opened{0}, losses{0}, operations{0};
};

class Keeper {
 public:
  Keeper(const std::filesystem::path& folder, std::uint64_t seed, KeeperWitness& witness);
  virtual ~Keeper() = default;

  /// Why it is not opened; empty if it is.
  virtual std::string try_open() = 0;
  /// One change, or a few together; false where one was refused, whatever for.
  virtual bool change() = 0;
  /// Holds it to everything that was promised.
  virtual void check() = 0;
  virtual bool writable() const = 0;
  virtual bool full() const = 0;

  FaultDisk& disk() { return *disk_; }
  void open();
  void promised(bool kept, const std::string& what);
  [[noreturn]] void lose_power() { disk_->lose_power(); }
  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }

 protected:
  std::filesystem::path directory() const { return directory_; }
  std::shared_ptr<const engine::StoreTrial> trial() const { return trial_; }

 private:
  const std::filesystem::path directory_;
  std::mt19937_64 random_;
  KeeperWitness& witness_;
  std::shared_ptr<FaultDisk> disk_;
  std::shared_ptr<engine::StoreTrial> trial_;
};

/// A keeper of a folder, for one process.
template <class Witness>
using KeeperMaker = std::unique_ptr<Keeper> (*)(const std::filesystem::path&, std::uint64_t,
                                                Witness&);

/// How a story with one fault in it ended, and what is found after it.
inline constexpr int kMet = 20;
inline constexpr int kNotMet = 21;

/// Works until the fault is met, then holds the keeper to the rules of the log. Ends its process.
[[noreturn]] void story_with(Keeper& keeper, const DiskFault& fault);
/// After a story or a loss of power.
void reopened(Keeper& keeper);
/// Works until the power goes.
[[noreturn]] void work_until_dark(Keeper& keeper);

/// Every operation of a kind fails in turn; how many there are.
template <class Witness>
int fail_each(const std::string& name, const DiskFault& kind, KeeperMaker<Witness> make) {
  int met = 0;
  std::string broken;
  std::uint64_t last_met = 0;
  run_trials<Witness>(
      "tocsin-" + name, {},
      [&](std::uint64_t nth, const std::filesystem::path& folder, Witness& witness) {
        const int ended = run_apart([&] {
          story_with(*make(folder, nth, witness), {kind.op, nth, kind.error, kind.lasts});
        });
        if (ended != kMet && ended != kNotMet && ended != kDarkness) return ended;
        reopened(*make(folder, nth, witness));
        return ended == kNotMet ? kNotMet : kMet;
      },
      [&](std::uint64_t nth, int ended, const Witness& witness) {
        if (ended == kMet) {
          ++met;
          last_met = std::max(last_met, nth);
        }
        if (ended == kMet || ended == kNotMet) return broken.empty() && nth < last_met + 8;
        if (!broken.empty()) return false;
        broken = "operation " + std::to_string(nth) + " ended with " + std::to_string(ended) +
                 ": " + witness.complaint.data();
        return false;
      });
  REQUIRE_MESSAGE(broken.empty(), broken);
  return met;
}

/// Lives of ten losses of power each; says how much was acknowledged.
template <class Witness>
void lose_power_again_and_again(const std::string& name, std::uint64_t losses,
                                KeeperMaker<Witness> make) {
  const std::uint64_t seed = from_environment("POWER_LOSS_SEED", 1);
  std::uint64_t lost_power = 0, yes = 0, opened = 0, operations = 0;
  std::string broken;
  run_trials<Witness>(
      "tocsin-" + name, {seed, seed + (losses + 9) / 10},
      [&](std::uint64_t life, const std::filesystem::path& folder, Witness& witness) {
        for (std::uint64_t i = 0; i < 10; ++i, ++witness.losses) {
          const int ended =
              run_apart([&] { work_until_dark(*make(folder, life * 1000 + i, witness)); });
          if (ended != kDarkness) return ended;
        }
        return run_apart([&] { reopened(*make(folder, life * 1000 + 10, witness)); });
      },
      [&](std::uint64_t life, int ended, const Witness& witness) {
        lost_power += witness.losses;
        yes += witness.yes;
        opened += witness.opened;
        operations += witness.operations;
        if (ended == 0 || !broken.empty()) return broken.empty();
        broken = "life " + std::to_string(life) + ", loss " + std::to_string(witness.losses) +
                 " ended with " + std::to_string(ended) + ": " + witness.complaint.data();
        return false;
      });
  REQUIRE_MESSAGE(broken.empty(), broken);
  MESSAGE(name << ": power losses " << lost_power << ", opened " << opened << ", acknowledged "
               << yes << ", lost 0, disk operations " << operations);
  CHECK(opened > losses / 2);
  CHECK(yes > losses);
}

}  // namespace tests
