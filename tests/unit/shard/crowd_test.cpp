#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <random>

#include "engine/limits.hpp"
#include "tests/support/capture_outlet.hpp"
#include "tests/unit/shard/shard_world.hpp"

using namespace engine;
using tests::CaptureOutlet;

namespace {

constexpr cap::Severity kSeverities[] = {cap::Severity::minor, cap::Severity::severe};

/// Readers come, stall, trickle and go while records are appended, and some of what the log posts
/// to the shard is lost, as where its mailbox is full. Draws everything from one seed.
struct Crowd : tests::ShardWorld {
  struct Reader {
    CaptureOutlet outlet;
    std::uint64_t id = 0;
    std::uint64_t after = 0;  // what it settled before it came
    bool severe_only = false;
  };

  explicit Crowd(unsigned seed) : ShardWorld(seed), random(seed) {}
  ~Crowd() override { stop(); }

  void on_records(std::span<const Record> records) override {
    for (const Record& record : records) {
      if (!one_in(lossy ? 10 : 1'000'000)) waiting.push_back(make_frame(record));
    }
  }

  std::uint64_t below(std::uint64_t n) {
    return std::uniform_int_distribution<std::uint64_t>(0, n - 1)(random);
  }
  bool one_in(std::uint64_t n) { return below(n) == 0; }

  void append() {
    severe.push_back(one_in(3));
    cap::Reach reach = exercise_reach();
    reach.severity = kSeverities[severe.back() ? 1 : 0];
    hand_to_log(reach, "alert " + std::to_string(severe.size()));
  }

  void join() {
    auto& reader = *readers.emplace_back(std::make_unique<Reader>());
    reader.severe_only = one_in(2);
    const std::uint64_t head = number(log->head());
    reader.outlet.room = below(5);
    Start start = FromNow{};
    reader.after = head;
    if (one_in(4)) {
      start = FromActive{};
      reader.after = 0;  // nothing here has expired
    } else if (!one_in(3)) {
      reader.after = below(head + 1);
      start = Position{log->epoch(), Sequence{reader.after}};
    }
    std::vector<Filter::Parameter> parameters;
    if (reader.severe_only) parameters.emplace_back("severity", "Severe");
    auto filter = Filter::parse(parameters, cap::Status::exercise, Places::builtin());
    reader.id = shard->join(reader.outlet, std::get<Filter>(filter), start, {});
  }

  void leave() {
    if (readers.empty()) return;
    const auto at = readers.begin() + static_cast<std::ptrdiff_t>(below(readers.size()));
    shard->leave((*at)->id);
    check(**at);
    gone.push_back(std::move(*at));  // a page may still be on its way to it
    readers.erase(at);
  }

  void make_room(std::uint64_t most) {
    for (auto& reader : readers) {
      if (!one_in(3)) continue;
      reader->outlet.room += below(most) + 1;
      shard->writable(reader->id);  // as sockets do, whether the shard waits for it or not
    }
  }

  void some_io() {
    shard->io().restart();
    for (auto left = below(4); left > 0; --left) shard->io().poll_one();
  }

  void step() {
    switch (below(12)) {
      case 0:
      case 1:
      case 2:
        for (auto left = below(6); left > 0; --left) append();
        break;
      case 3:
        log->run();
        break;
      case 4:
      case 5:
        for (auto left = below(waiting.size() + 1); left > 0; --left) {
          shard->post(std::move(waiting.front()));
          waiting.pop_front();
        }
        break;
      case 6:
      case 7:
        some_io();
        break;
      case 8:
        if (readers.size() < 12) join();
        break;
      case 9:
        if (one_in(4)) leave();
        break;
      case 10:
        make_room(one_in(3) ? 200 : 3);
        break;
      case 11:
        if (one_in(8)) shard->tick();
        break;
    }
  }

  static std::vector<std::uint64_t> got(const Reader& reader) { return sequences(reader.outlet); }
  std::vector<std::uint64_t> due(const Reader& reader) const {
    std::vector<std::uint64_t> sequences;
    for (std::uint64_t sequence = reader.after + 1; sequence <= severe.size(); ++sequence) {
      if (!reader.severe_only || severe[sequence - 1]) sequences.push_back(sequence);
    }
    return sequences;
  }
  /// As far as it has come: everything that concerns it from where it began, each once.
  void check(const Reader& reader) const {
    auto expected = due(reader);
    const auto heard = got(reader);
    REQUIRE(heard.size() <= expected.size());
    expected.resize(heard.size());
    REQUIRE(heard == expected);
  }

  /// The crowd calms down: then everyone still connected has everything.
  void finish() {
    run();
    deliver();
    for (auto& reader : readers) {
      reader->outlet.room = 1'000'000;
      shard->writable(reader->id);
    }
    run();
    for (int i = 0; i < 3; ++i) {
      shard->tick();
      run();
    }
    for (const auto& reader : readers) {
      check(*reader);
      if (reader->outlet.closed == 0) REQUIRE(got(*reader) == due(*reader));
    }
  }

  std::mt19937 random;
  std::vector<bool> severe;  // by sequence
  std::vector<std::unique_ptr<Reader>> readers, gone;
  bool lossy = false;
};

}  // namespace

TEST_CASE("whatever happens a reader gets all that concerns it in order and once") {
  const char* more = std::getenv("TOCSIN_CROWDS");
  const unsigned crowds = more != nullptr ? static_cast<unsigned>(std::atoi(more)) : 8;
  for (unsigned seed = 1; seed <= crowds; ++seed) {
    CAPTURE(seed);
    Crowd crowd(seed);
    crowd.lossy = seed % 2 == 0;
    for (int i = 0; i < 1000; ++i) crowd.step();
    crowd.finish();
  }
}
