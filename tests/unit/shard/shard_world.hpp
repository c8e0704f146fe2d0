#pragma once
// A log in memory with a shard behind it, on manual time; nothing moves unless the test says so.
#include <doctest/doctest.h>

#include <charconv>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "engine/shard/shard.hpp"
#include "engine/trust/signature.hpp"
#include "tests/support/capture_outlet.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/rooms_in_memory.hpp"

namespace tests {

struct ShardWorld : engine::Follower {
  explicit ShardWorld(std::uint64_t seed = 1) {
    REQUIRE(engine::trust::start_crypto());
    engine::LogOptions options;
    options.medium = engine::LogOptions::Medium::memory;
    options.threads = engine::LogOptions::Threads::none;
    options.directory = "shard-test";
    log = std::move(engine::Log::open(options, clock).value());
    log->follow(*this);
    directory = directory_in_memory(clock);
    receipts = receipts_in_memory(clock);
    shard = std::make_unique<engine::Shard>(
        engine::ShardParts{*log, *directory, *receipts, clock, metrics}, seed);
  }
  ~ShardWorld() override { stop(); }

  /// Settles what is under way, while the outlets still live.
  void stop() {
    log->stop();
    run();
  }

  /// Durable records wait here until deliver().
  void on_records(std::span<const engine::Record> records) override {
    for (const engine::Record& record : records) waiting.push_back(engine::make_frame(record));
  }

  /// What every alert of these tests is: an exercise's, of one sender, active for an hour.
  static engine::cap::Reach exercise_reach() {
    engine::cap::Reach reach;
    reach.status = engine::cap::Status::exercise;
    reach.sender = "c@example.org";
    return reach;
  }

  /// Hands an alert to the log; `payload` is its content, and different each time.
  void hand_to_log(const engine::cap::Reach& reach, const std::string& payload) {
    auto bulletin = std::make_shared<engine::Bulletin>();
    bulletin->id = engine::trust::sha256(payload);
    bulletin->envelope = {std::string(engine::kCapType), payload, {engine::SignatureBlock{}}};
    auto& outline = bulletin->outline;
    outline.identity = {reach.sender, std::to_string(++appended), clock.now()};
    outline.expires = clock.now() + std::chrono::hours{1};
    outline.audience = reach.audience;
    outline.reaches = {reach};
    log->append({bulletin, 1'000'000, true}, [](engine::AppendAnswer answer) {
      CHECK(std::holds_alternative<engine::Appended>(answer));
    });
  }

  /// An exercise alert, durable in the log; the shard has not heard of it yet.
  void append(std::size_t payload_bytes = 0) {
    std::string text = "alert " + std::to_string(appended + 1);
    text.resize(std::max(text.size(), payload_bytes), 'x');
    hand_to_log(exercise_reach(), text);
    while (log->run()) {
    }
  }

  void deliver() {
    for (auto& frame : waiting) shard->post(std::move(frame));
    waiting.clear();
    run();
  }

  void run() {
    for (bool moved = true; moved;) {
      moved = log->run();
      shard->io().restart();
      moved = shard->io().poll() > 0 || moved;
    }
    while (receipts->run()) {
    }
  }

  std::uint64_t join(engine::Outlet& outlet, const engine::Start& start = engine::FromNow{}) {
    auto filter =
        engine::Filter::parse({}, engine::cap::Status::exercise, engine::Places::builtin());
    const auto id = shard->join(outlet, std::get<engine::Filter>(filter), start, {});
    run();
    return id;
  }

  /// The sequences of the alerts a reader got, in the order it got them.
  static std::vector<std::uint64_t> sequences(const CaptureOutlet& outlet) {
    constexpr std::string_view kBeginning = R"({"type":"alert","seq":)";
    std::vector<std::uint64_t> result;
    for (const auto& message : outlet.messages) {
      if (!message.starts_with(kBeginning)) continue;
      const char* const number = message.data() + kBeginning.size();
      std::uint64_t sequence = 0;
      std::from_chars(number, message.data() + message.size(), sequence);
      result.push_back(sequence);
    }
    return result;
  }

  static std::vector<std::uint64_t> up_to(std::uint64_t last, std::uint64_t first = 1) {
    std::vector<std::uint64_t> result;
    for (std::uint64_t i = first; i <= last; ++i) result.push_back(i);
    return result;
  }

  ManualClock clock;
  engine::Metrics metrics;
  std::unique_ptr<engine::Log> log;
  std::unique_ptr<engine::Directory> directory;
  std::unique_ptr<engine::Receipts> receipts;
  std::unique_ptr<engine::Shard> shard;
  std::deque<engine::FramePtr> waiting;
  std::uint64_t appended = 0;
};

}  // namespace tests
