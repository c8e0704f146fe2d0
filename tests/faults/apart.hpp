#pragma once
// Trials in processes of their own, several at a time: each has a folder where files live in memory
// and a witness that outlives it, in memory it shares with the one who started it. One thread, in a
// process that has no other.
#include <sys/mman.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <new>
#include <string>

namespace tests {

inline constexpr int kDarkness = 7;  // how a process ends that lost its power
inline constexpr int kBroken = 8;    // a promise was broken

/// What every witness begins with: the promise that was broken, if one was.
struct Complaint {
  std::array<char, 512> complaint{};

  void complain(const std::string& what) {
    complaint.fill('\0');
    what.copy(complaint.data(), complaint.size() - 1);
  }
};

/// Memory that a process and the ones it starts have in common.
template <class Witness>
Witness& make_witness() {
  void* const memory =
      ::mmap(nullptr, sizeof(Witness), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  REQUIRE(memory != MAP_FAILED);
  return *new (memory) Witness();
}
template <class Witness>
void drop(Witness& witness) {
  ::munmap(&witness, sizeof witness);
}

/// Begins `what` in a process of its own; its end is awaited by whoever began it.
int begin_apart(const std::function<void()>& what);
/// How a process ended that was begun, whichever ends first: its number, and its exit code,
/// negative where a signal ended it.
struct Ended {
  int process = 0;
  int how = 0;
};
Ended await_one();
/// Runs `what` in a process of its own; how that ended, as above.
int run_apart(const std::function<void()>& what);

/// A folder where files live in memory, if the machine has such a place: what is durable is what
/// FaultDisk says, not what the machine's disk does.
std::filesystem::path fast_folder(const std::string& name);

/// FAULTS_AT_ONCE, or twice as many as there are processors, since trials wait for RocksDB too.
std::size_t trials_at_once();

/// A number that the environment may give.
std::uint64_t from_environment(const char* name, std::uint64_t otherwise);

struct Numbers {
  std::uint64_t first = 1;
  std::uint64_t until = UINT64_MAX;  // not itself
};

/// Trials with those numbers, each with a folder and a witness of its own. `trial` ends its process
/// itself or returns how it is to end; `ended` hears of each here, and says whether more are to be
/// begun.
template <class Witness>
void run_trials(
    const std::string& name, Numbers numbers,
    const std::function<int(std::uint64_t, const std::filesystem::path&, Witness&)>& trial,
    const std::function<bool(std::uint64_t, int, Witness&)>& ended) {
  struct Running {
    std::uint64_t number = 0;
    std::filesystem::path folder;
    Witness* witness = nullptr;
  };
  const auto base = fast_folder(name);
  std::map<int, Running> running;
  bool more = true;
  for (std::uint64_t next = numbers.first; more || !running.empty();) {
    more = more && next < numbers.until;
    if (more && running.size() < trials_at_once()) {
      const Running one{next, base / std::to_string(next), &make_witness<Witness>()};
      std::filesystem::create_directories(one.folder);
      running[begin_apart([&] { ::_exit(trial(one.number, one.folder, *one.witness)); })] = one;
      ++next;
      continue;
    }
    if (running.empty()) break;
    const Ended end = await_one();
    const auto one = running.extract(end.process).mapped();
    more = ended(one.number, end.how, *one.witness) && more;
    drop(*one.witness);
    std::filesystem::remove_all(one.folder);
  }
  std::filesystem::remove_all(base);
}

}  // namespace tests
