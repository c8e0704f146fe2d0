#include "tests/faults/apart.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <thread>

#include "engine/base/trace.hpp"

// Thousands of short processes: each block freed is not kept for long, nor its whole history. A
// finding is told with both by ASAN_OPTIONS=malloc_context_size=30:quarantine_size_mb=256.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() {
  return "malloc_context_size=1:quarantine_size_mb=4:thread_local_quarantine_size_kb=64";
}

namespace tests {

int begin_apart(const std::function<void()>& what) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    if (from_environment("FAULTS_TRACE", 0) == 0) engine::set_trace_sink([](std::string_view) {});
    what();
    ::_exit(0);
  }
  return child;
}

Ended await_one() {
  int status = 0;
  const pid_t child = ::waitpid(-1, &status, 0);
  REQUIRE(child > 0);
  return {child, WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status)};
}

int run_apart(const std::function<void()>& what) {
  const int child = begin_apart(what);
  const Ended end = await_one();
  REQUIRE(end.process == child);
  return end.how;
}

std::filesystem::path fast_folder(const std::string& name) {
  const std::filesystem::path memory = "/dev/shm";
  std::error_code error;
  const auto base = std::filesystem::is_directory(memory, error)
                        ? memory
                        : std::filesystem::temp_directory_path();
  return base / (name + "-" + std::to_string(::getpid()));
}

std::size_t trials_at_once() {
  const std::size_t processors = std::max(std::thread::hardware_concurrency(), 1U);
  return std::max<std::size_t>(from_environment("FAULTS_AT_ONCE", 2 * processors), 1);
}

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* const value = std::getenv(name);
  return value != nullptr ? std::strtoull(value, nullptr, 10) : otherwise;
}

}  // namespace tests
