#include "engine/shard/shard.hpp"

#include <doctest/doctest.h>

#include "engine/limits.hpp"
#include "tests/support/capture_outlet.hpp"
#include "tests/unit/shard/shard_world.hpp"

using namespace engine;
using tests::CaptureOutlet;
using World = tests::ShardWorld;

TEST_CASE("a reader who joins while a record is on its way gets it exactly once") {
  World world;
  world.append();
  CaptureOutlet from_start;
  CaptureOutlet from_now;
  world.join(from_start, Position{});  // reads record 1 from the log
  world.join(from_now);                // its hello names head 1 already
  world.deliver();                     // now the shard hears of record 1
  world.append();
  world.deliver();
  CHECK(World::sequences(from_start) == World::up_to(2));
  CHECK(World::sequences(from_now) == World::up_to(2, 2));
}

TEST_CASE(
    "a reader ahead of the fan-out whom the ring has left behind reads the rest from the log") {
  std::size_t payload = 0;
  std::uint64_t many = limits::kRingFrames + 5;
  SUBCASE("by the number of frames") {}
  SUBCASE("by their octets") {
    payload = 250'000;
    many = limits::kRingBytes / payload;
  }
  World world;
  world.append();
  CaptureOutlet from_now;
  world.join(from_now);  // its hello names head 1, of which the shard has not heard
  CaptureOutlet from_start;
  world.join(from_start, Position{});  // and this one has read it from the log
  for (std::uint64_t i = 0; i < many; ++i) world.append(payload);
  for (auto& frame : world.waiting) world.shard->post(std::move(frame));  // one turn
  world.waiting.clear();
  world.run();
  CHECK(World::sequences(from_now) == World::up_to(many + 1, 2));
  CHECK(World::sequences(from_start) == World::up_to(many + 1));
  world.append();
  world.deliver();
  CHECK(World::sequences(from_now) == World::up_to(many + 2, 2));
}

TEST_CASE("who comes back after a restart is served from what the shard began with, not the log") {
  World world;
  for (int i = 0; i < 5; ++i) world.append();
  Ring ring;
  for (const FramePtr& frame : world.waiting) {
    if (frame->record.sequence > Sequence{2}) ring.push(frame);
  }
  Shard restarted({*world.log, *world.directory, *world.receipts, world.clock, world.metrics}, 1);
  restarted.begin_with(ring);
  const auto join = [&](CaptureOutlet& outlet, std::uint64_t after) {
    auto filter = Filter::parse({}, cap::Status::exercise, Places::builtin());
    restarted.join(outlet, std::get<Filter>(filter), Position{world.log->epoch(), Sequence{after}},
                   {});
  };
  CaptureOutlet in_memory, further_back;
  join(in_memory, 2);
  CHECK(World::sequences(in_memory) == World::up_to(5, 3));  // at once: nobody ran the log
  join(further_back, 1);
  CHECK(World::sequences(further_back).empty());
  while (world.log->run()) {
  }
  restarted.io().poll();
  CHECK(World::sequences(further_back) == World::up_to(5, 2));
  world.append();
  restarted.post(world.waiting.back());
  restarted.io().restart();
  restarted.io().poll();
  CHECK(World::sequences(in_memory) == World::up_to(6, 3));
  CHECK(World::sequences(further_back) == World::up_to(6, 2));
}

TEST_CASE("a long log is read in pages and then the reader is live") {
  World world;
  std::uint64_t many = limits::kPageRecords * 2 + 5;
  CaptureOutlet outlet;
  const auto append_all = [&] {
    for (std::uint64_t i = 0; i < many; ++i) world.append();
    world.deliver();
  };
  const auto page = [&outlet](std::size_t nth) { return outlet.offers.at(nth); };  // 0: hello
  SUBCASE("of what is active") {
    append_all();
    world.join(outlet, FromActive{});
    const std::vector<std::size_t> expected = {1, limits::kPageRecords, limits::kPageRecords, 5, 1};
    CHECK(outlet.offers == expected);  // the last is `live`
  }
  SUBCASE("of what the ring has forgotten") {
    many += limits::kRingFrames;
    append_all();
    world.join(outlet, Position{});
    CHECK(page(1) == limits::kPageRecords);
    CHECK(page(2) == limits::kPageRecords);
  }
  CHECK(World::sequences(outlet) == World::up_to(many));
  CHECK(outlet.messages.back() == live_json(Sequence{many}));
  world.append();
  world.deliver();
  CHECK(World::sequences(outlet) == World::up_to(many + 1));
}

TEST_CASE("records of kPageBytes come one a page and two of half of it share one") {
  World world;
  CaptureOutlet outlet;
  std::vector<std::size_t> expected = {1, 1, 1, 1, 2, 2, 1};  // hello, pages
  std::uint64_t many = 8;
  const auto append_all = [&world] {
    for (int i = 0; i < 3; ++i) world.append(limits::kPageBytes);
    for (int i = 0; i < 4; ++i) world.append(limits::kPageBytes / 2);
    world.append(limits::kPageBytes / 2 + 1);
  };
  SUBCASE("of what is active") {
    append_all();
    world.deliver();
    world.join(outlet, FromActive{});
    expected.push_back(1);  // live
    CHECK(outlet.offers == expected);
  }
  SUBCASE("of what the ring has forgotten") {
    append_all();
    world.append(limits::kPageBytes);  // else the last page would go on
    many += 1 + limits::kRingFrames;
    for (std::size_t i = 0; i < limits::kRingFrames; ++i) world.append();
    world.deliver();
    world.join(outlet, Position{});
    REQUIRE(outlet.offers.size() > expected.size());
    outlet.offers.resize(expected.size());
    CHECK(outlet.offers == expected);
  }
  CHECK(World::sequences(outlet) == World::up_to(many));
}

TEST_CASE("a reader behind the ring reads from the log and is live again without a word") {
  World world;
  CaptureOutlet slow;
  const auto id = world.join(slow);
  slow.room = 1;
  const std::uint64_t many = limits::kRingFrames + 50;
  for (std::uint64_t i = 0; i < many; ++i) world.append();
  world.deliver();
  CHECK(World::sequences(slow) == World::up_to(1));
  slow.room = 100'000;
  world.shard->writable(id);
  world.run();
  CHECK(World::sequences(slow) == World::up_to(many));
  world.append();
  world.deliver();
  CHECK(World::sequences(slow) == World::up_to(many + 1));
}

TEST_CASE("a socket that takes one message at a time gets all of them in order") {
  World world;
  for (int i = 0; i < 100; ++i) world.append();
  CaptureOutlet trickle;
  trickle.room = 1;
  const auto id = world.join(trickle, Position{});
  world.deliver();
  for (int i = 0; i < 300; ++i) {
    trickle.room = 1;
    world.shard->writable(id);
    world.run();
    if (i % 10 == 0 && i < 100) {
      world.append();
      world.deliver();
    }
  }
  CHECK(World::sequences(trickle) == World::up_to(110));
}

TEST_CASE("large shapes come one a page, so that nobody waits for many of them") {
  World world;
  cap::Reach reach = World::exercise_reach();
  cap::Ring ring;
  for (std::int64_t i = 0; i < 10'000; ++i) ring.push_back({i * 7919 % 10'000, i});
  reach.shapes = {{ring}, {}};
  for (int i = 0; i < 3; ++i) world.hand_to_log(reach, "large " + std::to_string(i));
  for (int i = 0; i < 3; ++i) world.append();
  world.run();
  world.deliver();
  CaptureOutlet outlet;
  world.join(outlet, FromActive{});
  const std::vector<std::size_t> expected = {1, 1, 1, 1, 3, 1};  // hello, pages, live
  CHECK(outlet.offers == expected);
  CHECK(World::sequences(outlet) == World::up_to(6));
}

TEST_CASE("what does not concern a reader that catches up is passed over") {
  World world;
  cap::Reach other = World::exercise_reach();
  other.sender = "other@example.org";
  for (int i = 0; i < 3; ++i) {
    world.append();
    world.hand_to_log(other, "other " + std::to_string(i));
  }
  world.run();
  world.deliver();
  CaptureOutlet outlet;
  const std::vector<Filter::Parameter> query{{"sender", "other@example.org"}};
  auto filter = Filter::parse(query, cap::Status::exercise, Places::builtin());
  const auto id = world.shard->join(outlet, std::get<Filter>(filter), FromActive{}, {});
  SUBCASE("to its end") {
    world.run();
    CHECK(World::sequences(outlet) == std::vector<std::uint64_t>{2, 4, 6});
    CHECK(outlet.messages.back() == live_json(Sequence{6}));
  }
  SUBCASE("and who leaves meanwhile is not missed") {
    world.shard->leave(id);
    world.run();
    CHECK(World::sequences(outlet).empty());
  }
}

TEST_CASE("a reader whose socket is full when catching up ends hears that it is live afterwards") {
  World world;
  world.append();
  world.deliver();
  CaptureOutlet outlet;
  outlet.room = 2;  // hello and the alert
  const auto id = world.join(outlet, Position{});
  CHECK(World::sequences(outlet) == World::up_to(1));
  outlet.room = 100;
  world.shard->writable(id);
  world.run();
  CHECK(outlet.messages.back() == live_json(Sequence{1}));
  CHECK(outlet.messages.size() == 3);
  world.append();
  world.deliver();
  CHECK(World::sequences(outlet) == World::up_to(2));
}

TEST_CASE("a socket that took all and says later that it has room gets nothing twice") {
  World world;
  CaptureOutlet outlet;
  const auto id = world.join(outlet);
  for (int i = 0; i < 3; ++i) world.append();
  world.deliver();
  world.shard->writable(id);
  world.run();
  CHECK(World::sequences(outlet) == World::up_to(3));
  world.append();
  world.deliver();
  CHECK(World::sequences(outlet) == World::up_to(4));
}

TEST_CASE("frames that the mailbox had no room for are read from the log") {
  World world;
  CaptureOutlet outlet;
  world.join(outlet);
  const std::uint64_t many = limits::kMailboxFrames + 10;
  for (std::uint64_t i = 0; i < many; ++i) world.append();
  for (auto& frame : world.waiting) world.shard->post(std::move(frame));  // not drained in between
  world.waiting.clear();
  world.run();
  CHECK(World::sequences(outlet).size() == limits::kMailboxFrames);
  SUBCASE("when the next record shows the hole") {
    world.append();
    world.deliver();
    CHECK(World::sequences(outlet) == World::up_to(many + 1));
  }
  SUBCASE("by the clock when no record follows") {
    world.shard->tick();
    world.shard->tick();
    world.run();
    CHECK(World::sequences(outlet) == World::up_to(many));
    world.append();
    world.deliver();
    CHECK(World::sequences(outlet) == World::up_to(many + 1));
  }
}

TEST_CASE("a record that is on its way while the clock ticks is not taken for lost") {
  World world;
  CaptureOutlet outlet;
  world.join(outlet);
  world.shard->tick();
  world.append();  // durable, and not posted yet
  world.shard->tick();
  world.run();
  CHECK(World::sequences(outlet).empty());  // nobody went to the log for it
  for (auto& frame : world.waiting) world.shard->post(std::move(frame));
  world.waiting.clear();
  world.shard->tick();  // before the shard came to its mailbox
  CHECK(World::sequences(outlet) == World::up_to(1));
  world.run();
  CHECK(World::sequences(outlet) == World::up_to(1));
}

TEST_CASE("a beat comes every kHeartbeat and names the newest alert that concerns the reader") {
  World world;
  CaptureOutlet outlet;
  world.join(outlet);
  world.append();
  world.deliver();
  const std::string expected = beat_json(Sequence{1}, world.clock.now(), Sequence{1});
  std::vector<int> beats;  // the seconds in which one came
  for (int second = 1; second <= 4 * limits::kHeartbeat.count(); ++second) {
    const auto before = outlet.messages.size();
    world.shard->tick();
    if (outlet.messages.size() == before) continue;
    CHECK(outlet.messages.size() == before + 1);
    CHECK(outlet.messages.back() == expected);
    beats.push_back(second);
  }
  REQUIRE(beats.size() == 4);
  CHECK(limits::kHeartbeat.count() == 15);  // what `hello` and the 40 s of readers go by
  for (std::size_t i = 1; i < beats.size(); ++i) CHECK(beats[i] - beats[i - 1] == 15);
}

/// An order that cannot be reached, or can.
class Elsewhere final : public engine::Order {
 public:
  Said propose(Sequence, const engine::BulletinId&, std::span<const engine::Agreed>) override {
    return Said::unavailable;
  }
  std::string elsewhere() const override { return {}; }
  bool current() const override { return current_; }
  bool current_ = false;
};

TEST_CASE("nobody hears a beat from a machine that may not have the newest alerts") {
  Elsewhere order;
  World world;
  world.log->order_by(order);
  CaptureOutlet outlet;
  world.join(outlet);
  const auto beats_of = [&](int seconds) {
    const auto before = outlet.messages.size();
    for (int second = 0; second < seconds; ++second) world.shard->tick();
    return outlet.messages.size() - before;
  };
  CHECK(beats_of(60) == 0);
  order.current_ = true;
  CHECK(beats_of(60) == 1 + 4);  // `live` first
}

TEST_CASE("nobody is told to be live by a machine that may not have the newest alerts") {
  Elsewhere order;
  World world;
  world.append();
  world.deliver();
  world.log->order_by(order);
  CaptureOutlet outlet;
  const auto id = world.join(outlet, engine::Position{});
  const auto lives = [&] {
    return std::count_if(outlet.messages.begin(), outlet.messages.end(), [](const auto& message) {
      return message.starts_with(R"({"type":"live")");
    });
  };
  for (int second = 0; second < 20; ++second) world.shard->tick();
  CHECK(World::sequences(outlet) == World::up_to(1));
  CHECK(lives() == 0);
  // Nor while there is no room for it; then once.
  outlet.room = 0;
  order.current_ = true;
  world.shard->tick();
  CHECK(lives() == 0);
  outlet.room = 100;
  world.shard->writable(id);
  for (int second = 0; second < 20; ++second) world.shard->tick();
  CHECK(lives() == 1);
}

TEST_CASE("a reader that takes nothing for longer than kStalledMax is closed as too slow") {
  World world;
  CaptureOutlet outlet;
  world.join(outlet);
  outlet.room = 0;
  world.append();
  world.deliver();
  for (int i = 0; i < limits::kStalledMax.count(); ++i) world.shard->tick();
  CHECK(outlet.closed == 0);
  world.shard->tick();
  CHECK(outlet.closed == 4408);
}

TEST_CASE("a reader that takes a little now and then has kFullMax to take what waits") {
  World world;
  CaptureOutlet outlet;
  const auto id = world.join(outlet);
  outlet.room = 0;
  world.append();
  world.deliver();
  for (int i = 0; i < limits::kFullMax.count(); ++i) {
    if (i % 5 == 0) world.shard->progressed(id);
    world.shard->tick();
  }
  CHECK(outlet.closed == 0);
  world.shard->progressed(id);
  world.shard->tick();
  CHECK(outlet.closed == 4408);
}

TEST_CASE("at the end everyone is told when to come back within kReconnectSpread") {
  World world;
  std::vector<std::unique_ptr<CaptureOutlet>> outlets;
  for (int i = 0; i < 50; ++i) {
    outlets.push_back(std::make_unique<CaptureOutlet>());
    world.join(*outlets.back());
  }
  world.shard->close_all();
  std::vector<long> delays;  // the seed is the same each time, and so are they
  for (const auto& outlet : outlets) {
    CHECK(outlet->closed == 1001);
    REQUIRE(outlet->close_text.starts_with("reconnect_ms="));
    delays.push_back(std::stol(outlet->close_text.substr(13)));
    CHECK(delays.back() <= limits::kReconnectSpread.count());
  }
  CHECK(limits::kReconnectSpread.count() == 8000);
  CHECK(*std::max_element(delays.begin(), delays.end()) > 7000);
  CHECK(*std::min_element(delays.begin(), delays.end()) < 1000);
}

TEST_CASE("who left gets nothing more and others do") {
  World world;
  CaptureOutlet left;
  CaptureOutlet stays;
  const auto id = world.join(left);
  world.join(stays);
  CHECK(world.shard->subscribers() == 2);
  world.shard->leave(id);
  world.shard->leave(id);
  CHECK(world.shard->subscribers() == 1);
  world.append();
  world.deliver();
  CHECK(World::sequences(left).empty());
  CHECK(World::sequences(stays) == World::up_to(1));
}
