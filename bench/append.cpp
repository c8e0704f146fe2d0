// How fast the log takes bulletins, one after the other and many at once, and how soon it is open
// again: append FOLDER [RECORDS]. The folder must be empty or hold a log of an earlier run.
#include <fmt/format.h>

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <thread>

#include "engine/log.hpp"

namespace {

using namespace engine;
using Steady = std::chrono::steady_clock;

double seconds_since(Steady::time_point start) {
  return std::chrono::duration<double>(Steady::now() - start).count();
}

/// A small alert of its own for every number; 400 bytes stand for the XML.
Candidate candidate(std::uint64_t number) {
  auto bulletin = std::make_shared<Bulletin>();
  bulletin->envelope.payload_type = kCapType;
  bulletin->envelope.payload = fmt::format("{:<400}", number);
  bulletin->envelope.signatures.resize(2);
  bulletin->id = trust::sha256(bulletin->envelope.payload);
  auto& outline = bulletin->outline;
  outline.identity = {"control@bench.example", std::to_string(number), SystemClock{}.now()};
  outline.expires = outline.identity.sent + std::chrono::hours{24};
  cap::Reach& reach = outline.reaches.emplace_back();
  reach.sender = outline.identity.sender;
  reach.codes = {"E09000033"};
  return {std::move(bulletin), 0, true};
}

/// Appends `count` bulletins, never more than `in_flight` unanswered. Records a second.
double append_rate(Log& log, std::uint64_t first, std::uint64_t count, std::size_t in_flight) {
  std::mutex mutex;
  std::condition_variable answered;
  std::size_t open = 0;
  std::uint64_t refused = 0;
  const auto start = Steady::now();
  for (std::uint64_t i = 0; i < count; ++i) {
    {
      std::unique_lock lock(mutex);
      answered.wait(lock, [&] { return open < in_flight; });
      ++open;
    }
    log.append(candidate(first + i), [&](AppendAnswer answer) {
      const std::lock_guard lock(mutex);
      refused += std::holds_alternative<Refusal>(answer) ? 1 : 0;
      --open;
      answered.notify_one();
    });
  }
  std::unique_lock lock(mutex);
  answered.wait(lock, [&] { return open == 0; });
  if (refused > 0) fmt::print("{} refused\n", refused);
  return static_cast<double>(count) / seconds_since(start);
}

double find_rate(Log& log, std::uint64_t count) {
  std::mutex mutex;
  std::condition_variable answered;
  std::uint64_t done = 0;
  const std::uint64_t head = number(log.head());
  const auto start = Steady::now();
  for (std::uint64_t i = 0; i < count; ++i) {
    log.find(Sequence{1 + i * 7919 % head}, [&](auto record) {
      if (!record || !*record) std::abort();
      const std::lock_guard lock(mutex);
      ++done;
      answered.notify_one();
    });
  }
  std::unique_lock lock(mutex);
  answered.wait(lock, [&] { return done == count; });
  return static_cast<double>(count) / seconds_since(start);
}

std::unique_ptr<Log> open(const LogOptions& options, const Clock& clock) {
  const auto start = Steady::now();
  auto log = Log::open(options, clock);
  if (!log) {
    fmt::print("{}\n", log.error().what);
    std::exit(1);
  }
  fmt::print("open with {} records: {:.3f} s\n", number((*log)->head()), seconds_since(start));
  return *std::move(log);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) {
    fmt::print(stderr, "append FOLDER [RECORDS]\n");
    return 2;
  }
  const std::uint64_t records = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1'000'000;
  const SystemClock clock;
  LogOptions options;
  options.directory = argv[1];
  if (!trust::start_crypto()) return 1;

  auto log = open(options, clock);
  const auto head = [&] { return number(log->head()); };
  fmt::print("append,   1 in flight: {:.0f}/s\n", append_rate(*log, head(), 500, 1));
  fmt::print("append,  64 in flight: {:.0f}/s\n", append_rate(*log, head(), 5000, 64));
  if (head() < records) {
    const std::uint64_t missing = records - head();
    fmt::print("append, 1024 in flight: {:.0f}/s\n", append_rate(*log, head(), missing, 1024));
  }
  fmt::print("find, anywhere: {:.0f}/s\n", find_rate(*log, 20'000));
  log.reset();
  log = open(options, clock);
  return 0;
}
