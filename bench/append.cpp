// How fast the log takes bulletins, one after the other and many at once, and how soon it is open
// again: bench_append FOLDER [RECORDS] [--bytes N] [--seconds S]. The folder must be empty or hold
// a log of an earlier run.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
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

/// How much is appended, and so many in flight: `count` bulletins, or as many as `seconds` allow.
struct Load {
  std::size_t bytes = 400;  // that stand for the XML of each
  double seconds = 0;
  std::uint64_t count = 0;
  std::size_t in_flight = 1;
};

/// An alert of its own for every number.
Candidate candidate(std::uint64_t number, std::size_t bytes) {
  auto bulletin = std::make_shared<Bulletin>();
  bulletin->envelope.payload_type = kCapType;
  bulletin->envelope.payload = fmt::format("{:<{}}", number, bytes);
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

/// Appends them, never more than `in_flight` unanswered. Records a second; ends the program where
/// one was refused, since a rate of refusals says nothing.
double append_rate(Log& log, std::uint64_t first, const Load& load) {
  std::mutex mutex;
  std::condition_variable answered;
  std::size_t open = 0;
  std::uint64_t refused = 0;
  std::uint64_t sent = 0;
  const auto start = Steady::now();
  const auto goes_on = [&] {
    return load.seconds > 0 ? seconds_since(start) < load.seconds : sent < load.count;
  };
  for (; goes_on(); ++sent) {
    {
      std::unique_lock lock(mutex);
      answered.wait(lock, [&] { return open < load.in_flight; });
      ++open;
    }
    log.append(candidate(first + sent, load.bytes), [&](AppendAnswer answer) {
      const std::lock_guard lock(mutex);
      refused += std::holds_alternative<Refusal>(answer) ? 1 : 0;
      --open;
      answered.notify_one();
    });
  }
  std::unique_lock lock(mutex);
  answered.wait(lock, [&] { return open == 0; });
  const double rate = static_cast<double>(sent) / seconds_since(start);
  if (refused == 0) return rate;
  fmt::print(stderr, "bench_append: {} of {} were refused\n", refused, sent);
  std::exit(1);
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
  LogOptions options;
  Load load;
  std::string folder;
  std::uint64_t records = 1'000'000;
  CLI::App app("How fast the log takes bulletins, and how soon it is open again");
  app.add_option("folder", folder, "empty, or with a log of an earlier run")->required();
  app.add_option("records", records, "that the log has in the end, at least")
      ->capture_default_str();
  app.add_option("--bytes", load.bytes, "that stand for the XML of each")->capture_default_str();
  app.add_option("--seconds", load.seconds,
                 "for 1 and for 64 in flight each; else 500 and 5,000 records");
  CLI11_PARSE(app, argc, argv);
  const SystemClock clock;
  options.directory = folder;
  if (!trust::start_crypto()) return 1;

  auto log = open(options, clock);
  const auto head = [&] { return number(log->head()); };
  const auto append = [&](double seconds, std::uint64_t count, std::size_t in_flight) {
    const double rate = append_rate(*log, head(), {load.bytes, seconds, count, in_flight});
    fmt::print("append, {:3} in flight: {:.0f}/s\n", in_flight, rate);
  };
  append(load.seconds, 500, 1);
  append(load.seconds, 5000, 64);
  if (head() < records) append(0, records - head(), 1024);
  fmt::print("find, anywhere: {:.0f}/s\n", find_rate(*log, 20'000));
  log.reset();
  log = open(options, clock);
  return 0;
}
