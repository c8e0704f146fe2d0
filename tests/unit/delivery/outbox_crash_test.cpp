// The outbox is killed after each of its writes in turn: nobody is forgotten, and nobody hears
// twice but of an attempt that nobody knows the end of.
#include <map>

#include "tests/unit/delivery/outbox_world.hpp"

using namespace tests;
using engine::Fate;
using engine::Report;
using engine::delivery::State;

namespace {

std::string key_of(std::size_t i) { return "org" + std::to_string(1000 + i); }

/// A story that goes on by itself, a turn at a time, and is killed once.
class Killed {
 public:
  explicit Killed(std::size_t kill_at) : kill_at_(kill_at) {}

  /// Until nothing is to be done any more, and every answer has been given.
  void play(OutboxWorld& world) {
    for (bool more = true; more;) {
      more = world.outbox->run();
      if (++turns_ == kill_at_) {
        world.crash();
        uncertain = world.outbox->state().uncertain;
        more = true;
      }
      if (world.sms().open.empty()) continue;
      world.sms().answer(Gateway::accepted({{"m" + std::to_string(++names_), 0}}));
      more = true;
    }
  }
  bool survived() const { return turns_ < kill_at_; }
  std::uint64_t uncertain = 0;

 private:
  const std::size_t kill_at_;
  std::size_t turns_ = 0, names_ = 0;
};

/// With a telephone each, one behind the other.
void telephones(OutboxWorld& world, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    world.contact(key_of(i), Way::sms, key_of(i));
    world.distances[key_of(i)] = static_cast<double>(i);
  }
}

std::map<std::string, std::size_t> times_seen(const Gateway& gateway, Sequence sequence) {
  std::map<std::string, std::size_t> times;
  for (const engine::Attempt& attempt : gateway.seen) {
    if (attempt.story->sequence == sequence) ++times[attempt.address];
  }
  return times;
}

}  // namespace

TEST_CASE("killed after any write it forgets nobody and repeats only what is uncertain") {
  constexpr std::size_t kOrganisations = 9;
  std::size_t kills = 0;
  for (std::size_t kill_at = 1;; ++kill_at) {
    CAPTURE(kill_at);
    OutboxWorld world({Way::sms});
    telephones(world, kOrganisations);
    world.sms().room = 4;
    Killed story(kill_at);
    const AlertBuilder first = alert("A");
    const Sequence sequence = world.append(first);
    story.play(world);
    world.clock.advance(30s);
    story.play(world);
    CHECK(times_seen(world.sms(), sequence).size() == kOrganisations);
    CHECK(world.messages(sequence, State::sent) == kOrganisations);
    const Sequence cancel = world.append(cancel_of("C", first));
    story.play(world);
    CHECK(times_seen(world.sms(), cancel).size() == kOrganisations);
    CHECK(world.sms().seen.size() == 2 * kOrganisations + story.uncertain);
    CHECK(world.messages(cancel, State::sent) == kOrganisations);
    CHECK(world.stand(cancel) == "0 9 0 0");
    if (story.survived()) break;
    ++kills;
  }
  MESSAGE("killed " << kills << " times");
  CHECK(kills > 20);
}

TEST_CASE("killed while it plans, it plans for everybody once") {
  constexpr std::size_t kOrganisations = 1200;
  std::size_t kills = 0;
  for (std::size_t kill_at = 1;; ++kill_at) {
    CAPTURE(kill_at);
    OutboxWorld world({Way::sms});
    for (std::size_t i = 0; i < kOrganisations; ++i) world.organisation(key_of(i));
    Killed story(kill_at);
    const Sequence sequence = world.append(alert("A"));
    story.play(world);
    CHECK(world.stand(sequence) == "0 1200 0 0");
    if (story.survived()) break;
    ++kills;
  }
  CHECK(kills >= 4);  // noted, and three pieces
}

TEST_CASE("what was under way is uncertain after a crash, counted, and tried once more") {
  OutboxWorld world({Way::sms});
  telephones(world, 3);
  const Sequence sequence = world.send(alert("A"));
  world.advance(30s);
  world.sms().answer(Gateway::accepted({{"m1", 0}}));
  world.settle();
  world.crash();
  CHECK(world.outbox->state().uncertain == 2);
  CHECK(world.metrics->text().find("tocsin_delivery_uncertain_total 2") != std::string::npos);
  world.settle();
  CHECK(world.sms().addresses() == "org1000 org1001 org1002 org1001 org1002");
  CHECK(world.sms().seen[3].number == 2);
  CHECK(world.sms().seen[3].delivery == world.sms().seen[1].delivery);
  world.sms().answer(Gateway::accepted({{"m2", 0}}));
  world.sms().answer(Gateway::accepted({{"m3", 0}}));
  CHECK(world.messages(sequence, State::sent) == 3);
  world.crash();
  CHECK(world.outbox->state().uncertain == 0);
  world.settle();
  CHECK(world.sms().seen.size() == 5);
}

TEST_CASE("a retry is due after a restart when it was due before") {
  OutboxWorld world({Way::sms});
  world.contact("org", Way::sms, "org");
  world.send(alert("A"));
  world.advance(30s);
  world.sms().answer(Gateway::refused(Fate::later, "busy"));
  world.settle();
  world.crash();
  world.settle();
  CHECK(world.sms().seen.size() == 1);
  world.advance(14s);
  CHECK(world.sms().seen.size() == 1);
  world.advance(3s);
  CHECK(world.sms().seen.size() == 2);
}

TEST_CASE("an erasure that was begun is finished after a crash") {
  OutboxWorld world({Way::sms});
  world.contact("org", Way::sms, "org");
  const Sequence sequence = world.send(alert("A"));
  world.advance(30s);
  world.sms().answer(Gateway::refused(Fate::permanent, "no"));
  world.settle();
  CHECK(world.unreached(sequence).organisations.size() == 1);
  world.outbox->erase("org", [](engine::Result<void>) {});
  world.outbox->run();  // noted, and not done
  world.crash();
  world.settle();
  CHECK(world.unreached(sequence).organisations.empty());
}
