#include "bench/herd/processes.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>

namespace bench {

namespace {

/// The first number behind `key` in that file, or the file's first number; 0 where there is none.
std::uint64_t number_in(const std::string& path, const std::string& key = "") {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const std::size_t at = line.find(key);
    if (at != std::string::npos) return std::strtoull(line.c_str() + at + key.size(), nullptr, 10);
  }
  return 0;
}

}  // namespace

std::uint64_t cpu_ns(const std::vector<pid_t>& processes) {
  std::uint64_t sum = 0;
  for (const pid_t process : processes) {
    std::error_code gone;
    for (std::filesystem::directory_iterator at(fmt::format("/proc/{}/task", process), gone), end;
         !gone && at != end; at.increment(gone)) {
      sum += number_in(at->path().string() + "/schedstat");
    }
  }
  return sum;
}

std::uint64_t own_cpu_ns() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000U +
         static_cast<std::uint64_t>(time.tv_nsec);
}

std::uint64_t resident_bytes(const std::vector<pid_t>& processes) {
  std::uint64_t sum = 0;
  for (const pid_t process : processes) {
    sum += number_in(fmt::format("/proc/{}/status", process), "VmRSS:") * 1024;
  }
  return sum;
}

std::uint64_t kernel_bytes() {
  return number_in("/proc/meminfo", "Slab:") * 1024 +
         number_in("/proc/net/sockstat", " mem ") * 4096;
}

}  // namespace bench
