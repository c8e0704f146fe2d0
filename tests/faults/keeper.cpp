#include "tests/faults/keeper.hpp"

#include <cerrno>
#include <chrono>
#include <thread>

namespace tests {
namespace {

constexpr int kChanges = 90;

/// One change. Who is told to wait, and not that it is full or closed, comes again: RocksDB may be
/// out of memory for a moment, and what it could not write out while the disk was full it writes a
/// second later.
bool changed(Keeper& keeper) {
  constexpr std::chrono::seconds patience{20};
  const auto until = std::chrono::steady_clock::now() + patience;
  while (!keeper.change()) {
    const bool busy = keeper.writable() && !keeper.full();
    if (!busy || std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return true;
}

/// Changes until one is refused; false if none was.
bool change_until_refused(Keeper& keeper) {
  for (int i = 0; i < kChanges; ++i) {
    if (!changed(keeper)) return true;
  }
  return false;
}

void closed_for_good(Keeper& keeper) {
  keeper.check();
  keeper.disk().mend();
  for (int i = 0; i < 3; ++i) {
    keeper.promised(!keeper.change(), "a change was made after a write that failed");
    keeper.promised(!keeper.writable(), "it is open after a write that failed");
  }
  keeper.check();
  keeper.lose_power();
}

void full_for_a_while(Keeper& keeper) {
  keeper.promised(keeper.writable(), "it is closed by a full disk");
  keeper.promised(keeper.full(), "it does not say that its disk is full");
  keeper.check();
  keeper.promised(!keeper.change(), "a change was made on a full disk");
  keeper.disk().mend();
  // The first may be about what turns out to be gone: the change in doubt is decided now.
  keeper.promised(keeper.change() || keeper.change(), "refused with room again");
  keeper.promised(!keeper.full(), "it says it is full and is not");
  keeper.promised(!change_until_refused(keeper), "refused with room");
  keeper.check();
  keeper.lose_power();
}

}  // namespace

Keeper::Keeper(const std::filesystem::path& folder, std::uint64_t seed, KeeperWitness& witness)
    : directory_(folder / "kept"), random_(seed), witness_(witness) {
  disk_ = std::make_shared<FaultDisk>(folder / "trash", seed);
  disk_->on_power_loss([this] {
    // A note that is never synced may be gone.
    if (below(4) == 0) std::filesystem::remove(directory_ / "synced_manifest");
    witness_.operations += disk_->operations();
    ::_exit(kDarkness);
  });
  trial_ = std::make_shared<engine::StoreTrial>();
  trial_->disk = disk_;
  trial_->sizes.memtable_bytes = 32 << 10;
  trial_->sizes.memtables_bytes = 256 << 10;
  trial_->sizes.journal_bytes = 64 << 10;
  trial_->sizes.manifest_bytes = 8 << 10;
}

void Keeper::open() {
  const std::string why = try_open();
  promised(why.empty(), "it was not opened: " + why);
  ++witness_.opened;
}

void Keeper::promised(bool kept, const std::string& what) {
  if (kept) return;
  witness_.complain(what);
  ::_exit(kBroken);
}

void story_with(Keeper& keeper, const DiskFault& fault) {
  keeper.disk().fail(fault);
  const std::string why = keeper.try_open();
  if (!why.empty()) {
    keeper.promised(keeper.disk().mend(), "not opened on a sound disk: " + why);
    ::_exit(kMet);
  }
  const bool refused = change_until_refused(keeper);
  const bool met = keeper.disk().met();
  if (!refused) {
    keeper.disk().mend();
    keeper.check();
    ::_exit(met ? kMet : kNotMet);
  }
  keeper.promised(met, "a change was refused on a sound disk");
  const bool syncing = fault.op == DiskOp::sync || fault.op == DiskOp::sync_folder;
  const bool room_is_wanted = fault.error == ENOSPC && !syncing;
  keeper.promised(keeper.writable() == room_is_wanted, "open or closed, and should not be");
  if (room_is_wanted) full_for_a_while(keeper);
  closed_for_good(keeper);
  ::_exit(kBroken);  // both have lost their power
}

void reopened(Keeper& keeper) {
  keeper.open();
  keeper.check();
  keeper.promised(changed(keeper), "no change is taken on a sound disk");
  keeper.check();
}

void work_until_dark(Keeper& keeper) {
  const std::uint64_t moment = keeper.below(10) < 3 ? 1 + keeper.below(80) : 80 + keeper.below(400);
  keeper.disk().fail({std::nullopt, moment, 0});
  keeper.open();
  keeper.check();
  for (std::uint64_t left = 1 + keeper.below(120); left > 0; --left) {
    keeper.promised(changed(keeper), "refused on a sound disk");
  }
  keeper.check();
  keeper.lose_power();
}

}  // namespace tests
