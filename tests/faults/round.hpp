#pragma once
// A log on a disk that fails, for as long as one process has it, and what it is held to: everything
// its senders were told before, kept in a Witness. A promise that is broken ends the process. One
// thread, beside RocksDB's.
#include <array>
#include <filesystem>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "tests/faults/apart.hpp"
#include "tests/faults/fault_disk.hpp"
#include "tests/faults/plot.hpp"

namespace tests {

class Round {
 public:
  Round(const std::filesystem::path& folder, std::uint64_t life, std::uint64_t seed,
        Witness& witness);

  FaultDisk& disk() { return *disk_; }
  Log& log() { return *log_; }
  ManualClock& clock() { return clock_; }

  /// Why the log is not opened; empty if it is.
  std::string try_open();
  void open();
  void close() { log_.reset(); }

  /// Holds the log to everything that was promised.
  void check();
  /// Sends what had no answer, and some of what had one.
  void send_again();
  /// Sends new ones, in batches, for a while.
  void work();
  /// The answer to draft `n`, which is noted if it is a yes.
  AppendAnswer send(std::uint32_t n);
  /// The next draft of that type.
  std::uint32_t next(MsgType type);

  [[noreturn]] void lose_power() { disk_->lose_power(); }
  void promised(bool kept, const std::string& what);

 private:
  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
  [[noreturn]] void broken(const std::string& what);
  void run_log();
  void post(std::uint32_t n, std::function<void(const AppendAnswer&)> answered);
  std::vector<Record> read_all();
  void check_epoch();
  std::vector<std::uint64_t> check_records(const std::vector<Record>& records);
  void check_active(const std::vector<Record>& records);
  std::filesystem::path note_path() const { return options_.directory / "head"; }
  void keep_note();
  void lose_note();

  Plot plot_;
  std::mt19937_64 random_;
  Witness& witness_;
  std::shared_ptr<FaultDisk> disk_;
  LogOptions options_;
  ManualClock clock_;
  std::unique_ptr<Log> log_;
  std::array<std::string, 4> notes_;
};

}  // namespace tests
