// What one turn does and what is kept in memory is bounded, whatever is owed.
#include <future>

#include "engine/delivery/courier.hpp"
#include "engine/delivery/limits.hpp"
#include "tests/support/accepting_channel.hpp"
#include "tests/unit/delivery/outbox_world.hpp"

using namespace tests;
using engine::Fate;
using engine::Report;
using engine::delivery::Courier;
using engine::delivery::State;
namespace limits = engine::delivery::limits;

namespace {

std::string key_of(std::size_t i) { return "org" + std::to_string(10'000 + i); }

void telephones(OutboxWorld& world, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) world.contact(key_of(i), Way::sms, key_of(i));
}

/// As it is after one more turn.
engine::OutboxReach reach_after_turn(OutboxWorld& world, Sequence sequence) {
  std::optional<engine::OutboxReach> found;
  world.outbox->reach(sequence, [&](auto answer) { found = answer.value(); });
  world.outbox->run();
  return found.value();
}

std::uint64_t owed(const engine::OutboxReach& reach) { return reach.messages[0][0]; }

}  // namespace

TEST_CASE("kCasesAtOnce organisations are planned for in a turn") {
  OutboxWorld world;
  telephones(world, limits::kCasesAtOnce + 1);
  const Sequence sequence = world.append(alert("A"));
  world.outbox->run();  // noted
  CHECK(reach_after_turn(world, sequence).matched == limits::kCasesAtOnce);
  CHECK_FALSE(reach_after_turn(world, sequence).matched == limits::kCasesAtOnce);
  CHECK(world.reach(sequence).planned);
}

TEST_CASE("kDueAtOnce timers are looked at in a turn") {
  OutboxWorld world;
  telephones(world, limits::kDueAtOnce + 1);
  world.sms().room = 0;
  const Sequence sequence = world.send(alert("A"));
  world.clock.advance(30s);
  CHECK(owed(reach_after_turn(world, sequence)) == limits::kDueAtOnce);
  CHECK(owed(reach_after_turn(world, sequence)) == limits::kDueAtOnce + 1);
}

TEST_CASE("kTakenAtOnce deliveries are handed over in a turn") {
  OutboxWorld world;
  telephones(world, limits::kTakenAtOnce + 1);
  world.sms().room = 0;
  world.send(alert("A"));
  world.advance(30s);
  world.sms().room = 1'000'000;
  world.outbox->run();
  CHECK(world.sms().seen.size() == limits::kTakenAtOnce);
  world.outbox->run();
  CHECK(world.sms().seen.size() == limits::kTakenAtOnce + 1);
}

TEST_CASE("kRecordsAtOnce bulletins are noted in a turn") {
  OutboxWorld world;
  for (std::size_t i = 0; i <= limits::kRecordsAtOnce; ++i) {
    world.append(alert("A" + std::to_string(i)));
  }
  world.outbox->run();
  CHECK(world.outbox->state().planned == Sequence{limits::kRecordsAtOnce});
  world.outbox->run();
  CHECK(world.outbox->state().planned == Sequence{limits::kRecordsAtOnce + 1});
}

TEST_CASE("kPiecesAtOnce alerts that concern few are planned in a turn") {
  OutboxWorld world;
  telephones(world, 1);
  for (std::size_t i = 0; i <= limits::kPiecesAtOnce; ++i) {
    world.append(alert("A" + std::to_string(i)));
  }
  world.outbox->run();  // noted
  const auto planned_after_turn = [&] {
    std::size_t planned = 0;
    for (std::uint64_t i = 1; i <= limits::kPiecesAtOnce + 1; ++i) {
      world.outbox->reach(Sequence{i}, [&](auto found) { planned += found.value()->planned; });
    }
    world.outbox->run();
    return planned;
  };
  CHECK(planned_after_turn() == limits::kPiecesAtOnce);
  CHECK(planned_after_turn() == limits::kPiecesAtOnce + 1);
}

TEST_CASE("where it found nothing to do it writes how far it came once in kPositionPause") {
  OutboxWorld world;
  const auto looked_at_after_crash = [&] {
    world.crash();
    return number(world.outbox->state().planned);
  };
  world.send(alert("A"));
  world.send(alert("B"));
  CHECK(number(world.outbox->state().planned) == 2);
  CHECK(looked_at_after_crash() == 1);
  world.settle();
  CHECK(number(world.outbox->state().planned) == 2);
  world.send(alert("C"));
  world.advance(limits::kPositionPause);
  CHECK(looked_at_after_crash() == 3);
  world.settle();
  world.send(alert("D"));
  world.send(alert("E"));
  world.outbox->stop();
  CHECK(looked_at_after_crash() == 5);
  telephones(world, 1);
  world.send(alert("F"));
  world.send(alert("G"));  // who is concerned is written at once
  CHECK(looked_at_after_crash() == 7);
}

TEST_CASE("one look at the log follows another after kLookPause, and a late one at once") {
  CHECK(Courier::pause_of_look(0ns) == limits::kLookPause);
  CHECK(Courier::pause_of_look(limits::kLookPause - 1ns) == 1ns);
  CHECK(Courier::pause_of_look(limits::kLookPause) == 0ns);
  CHECK(Courier::pause_of_look(1h) == 0ns);
}

TEST_CASE("kSweptAtOnce cases are pruned in a turn") {
  OutboxWorld world;
  telephones(world, limits::kSweptAtOnce + 1);
  const Sequence sequence = world.send(alert("A"));
  world.sms().room = 0;
  world.advance(6h);
  CHECK(world.unreached(sequence).organisations.size() == limits::kSweptAtOnce + 1);
  world.clock.advance(world.kept);
  engine::UnreachedPage page;
  world.outbox->unreached(sequence, "", [&](auto answer) { page = answer.value(); });
  world.outbox->run();
  CHECK(page.organisations.size() == 1);
}

TEST_CASE("kListed organisations are named in one answer, and the cursor leads to the others") {
  OutboxWorld world;
  telephones(world, limits::kListed + 1);
  world.sms().room = 0;
  const Sequence sequence = world.send(alert("A"));
  world.advance(6h);
  const auto page = world.unreached(sequence);
  CHECK(page.organisations.size() == limits::kListed);
  CHECK_FALSE(page.end);
  const auto rest = world.unreached(sequence, page.cursor);
  REQUIRE(rest.organisations.size() == 1);
  CHECK(rest.organisations[0].organisation == key_of(limits::kListed));
  CHECK(rest.end);
}

TEST_CASE("kHeardAtOnce, kListedLooked and kUnderWay are bounds of large alerts") {
  static_assert(limits::kHeardAtOnce == 4096 && limits::kListedLooked == 4096);
  static_assert(limits::kUnderWay == 4096);
  OutboxWorld world({Way::sms});
  telephones(world, 4097);
  const Sequence sequence = world.send(alert("A"));
  SUBCASE("what was heard is heard by and by") {
    std::uint64_t reached = 0;  // asked first, it is one of those that are heard
    world.outbox->reach(sequence, [&](auto answer) { reached = answer.value()->reached; });
    for (std::size_t i = 0; i < 4097; ++i) world.outbox->acknowledged(sequence, key_of(i));
    world.outbox->run();
    CHECK(reached == limits::kHeardAtOnce - 1);
    CHECK(world.reach(sequence).reached == 4097);
  }
  SUBCASE("a list looks at so many rows and says where to go on") {
    const auto page = world.unreached(sequence);
    CHECK(page.organisations.empty());
    CHECK_FALSE(page.end);
    CHECK(page.cursor == key_of(limits::kListedLooked - 1));
    CHECK(world.unreached(sequence, page.cursor).end);
  }
  SUBCASE("no more is under way than a crash may leave uncertain") {
    world.sms().room = 1'000'000;
    world.advance(30s);
    CHECK(world.sms().seen.size() == limits::kUnderWay);
    world.sms().answer(Gateway::accepted());
    world.settle();
    CHECK(world.sms().seen.size() == limits::kUnderWay + 1);
  }
}

TEST_CASE("kLookedAtOnce alerts are looked at in a turn for who is to be erased") {
  static_assert(limits::kLookedAtOnce == 1024);
  OutboxWorld world({Way::sms});
  telephones(world, 2);
  for (std::size_t i = 0; i < limits::kLookedAtOnce; ++i) world.append(alert(key_of(i)));
  world.settle();
  bool erased = false;
  world.outbox->erase(key_of(1), [&](engine::Result<void> done) { erased = done.has_value(); });
  world.outbox->run();  // noted
  world.outbox->run();
  CHECK_FALSE(erased);
  world.outbox->run();
  CHECK(erased);
  CHECK(world.stand(Sequence{1}) == "0 1 1 0");
  CHECK(world.stand(Sequence{limits::kLookedAtOnce}) == "0 1 1 0");
}

TEST_CASE("what changes nothing does not keep what was said behind it from being heard") {
  OutboxWorld world({Way::sms});
  telephones(world, 1);
  const Sequence sequence = world.send(alert("A"));
  world.advance(30s);
  for (std::size_t i = 0; i < 2 * limits::kHeardAtOnce; ++i) {
    world.sms().report("of somebody else's", Report::Kind::delivered);
  }
  world.sms().answer(Gateway::accepted());
  world.settle();
  CHECK(world.outbox->state().under_way == 0);
  CHECK(world.messages(sequence, State::sent) == 1);
}

TEST_CASE("more than kHeardAtOnce questions are answered one turn after the other") {
  OutboxWorld world({Way::sms});
  std::size_t answered = 0;
  for (std::size_t i = 0; i <= limits::kHeardAtOnce; ++i) {
    world.outbox->reach(Sequence{1}, [&](const auto&) { ++answered; });
  }
  world.settle();
  CHECK(answered == limits::kHeardAtOnce + 1);
}

TEST_CASE("beyond kHeardWaiting reports are dropped and counted") {
  OutboxWorld world({Way::sms});
  for (std::size_t i = 0; i < limits::kHeardWaiting; ++i) {
    world.sms().report("x", Report::Kind::delivered);
  }
  CHECK(world.outbox->state().dropped == 0);
  world.sms().report("x", Report::Kind::delivered);
  CHECK(world.outbox->state().dropped == 1);
}

TEST_CASE("of kNamesKept names and one more the oldest is known no more") {
  OutboxWorld world({Way::sms});
  telephones(world, 1);
  const Sequence sequence = world.send(alert("A"));
  world.advance(30s);
  std::vector<engine::Attempted::Name> names;
  for (std::size_t i = 0; i <= limits::kNamesKept; ++i) names.push_back({std::to_string(i), 0});
  world.sms().answer(Gateway::accepted(names));
  world.settle();
  world.sms().report("0", Report::Kind::delivered);
  CHECK(world.messages(sequence, State::sent) == 1);
  world.sms().report("1", Report::Kind::delivered);
  CHECK(world.messages(sequence, State::delivered) == 1);
}

TEST_CASE("a report finds its message by the first of its names that is known") {
  OutboxWorld world({Way::sms});
  telephones(world, 2);
  const Sequence sequence = world.send(alert("A"));
  world.advance(30s);
  world.sms().answer(Gateway::accepted({{"10", 0}}));
  world.sms().answer(Gateway::accepted({{"22", 0}}));
  world.settle();
  const Report arrived{Report::Kind::delivered, false, ""};
  world.sms().listener->reported("main", {"nobody", "none"}, arrived, nullptr);
  world.settle();
  CHECK(world.messages(sequence, State::delivered) == 0);
  world.sms().listener->reported("main", {"16", "10", "22"}, arrived, nullptr);
  world.settle();
  CHECK(world.messages(sequence, State::delivered) == 1);
}

TEST_CASE("a title is kept in kTitleBytes") {
  OutboxWorld world({Way::sms});
  telephones(world, 1);
  const AlertBuilder first = alert(std::string(limits::kTitleBytes + 1, 'a'));
  world.send(first);
  world.advance(30s);
  world.sms().answer(Gateway::accepted());
  world.settle();
  world.send(cancel_of("C", first));
  REQUIRE(world.sms().seen.size() == 2);
  REQUIRE(world.sms().seen[1].earlier.size() == 1);
  CHECK(world.sms().seen[1].earlier[0].title == std::string(limits::kTitleBytes, 'a'));
}

TEST_CASE("beyond kAlertsKept and kStoriesKept alerts are read again when they are needed") {
  OutboxWorld world({Way::sms});
  telephones(world, 1);
  world.sms().room = 0;
  const Sequence first = world.send(alert("First"));
  world.advance(30s);
  world.distances.clear();
  for (std::size_t i = 0; i <= limits::kAlertsKept; ++i) {
    world.append(alert("A" + std::to_string(i)));
  }
  world.settle();
  static_assert(limits::kStoriesKept < limits::kAlertsKept);
  world.sms().room = 1;
  world.settle();
  REQUIRE(world.sms().seen.size() == 1);
  CHECK(world.sms().seen[0].story->alert.infos.front().headline == "First");
  world.sms().answer(Gateway::accepted({{"m", 0}}));
  CHECK(world.messages(first, State::sent) == 1);
}

TEST_CASE(
    "the courier sleeps until a timer runs out, kSleepMax at most, kDiskPause while it waits") {
  const engine::Time now = ManualClock().now();
  CHECK(Courier::pause({}, now, false) == limits::kSleepMax);
  CHECK(Courier::pause(now + 3s, now, false) == 3s);
  CHECK(Courier::pause(now + 1h, now, false) == limits::kSleepMax);
  CHECK(Courier::pause(now - 1h, now, false) == 1ms);
  CHECK(Courier::pause(now + 3s, now, true) == limits::kDiskPause);
}

TEST_CASE("on a thread of its own it does all of this by itself, and finishes when it is stopped") {
  ManualClock clock;
  TempDir folder;
  engine::Metrics metrics;
  engine::LogOptions log_options;
  log_options.medium = engine::LogOptions::Medium::memory;
  const auto log = std::move(engine::Log::open(log_options, clock).value());
  engine::Addressees everybody;
  everybody.concerned = [](const engine::Record&, std::string_view after, std::size_t) {
    std::vector<engine::Addressees::Concerned> all = {{"a", 0}, {"b", 0}, {"c", 0}};
    std::erase_if(all, [&](const auto& one) { return one.organisation <= after; });
    return all;
  };
  everybody.profile = [](std::string_view key) -> engine::Result<std::optional<engine::Profile>> {
    engine::Profile profile;
    profile.contacts.push_back({1, Way::sms, std::string(key), "", true, false, false, {}, {}});
    return std::optional(profile);
  };
  engine::OutboxOptions options;
  options.directory = folder.path() / "outbox";
  auto outbox = std::move(
      engine::Outbox::open(options, {*log, everybody, {}, {}, {}, clock, metrics}).value());
  const auto counts = std::make_shared<AcceptingChannel::Counts>();
  counts->window = 2;
  std::vector<std::unique_ptr<engine::Channel>> channels;
  channels.push_back(std::make_unique<AcceptingChannel>(outbox->io(), counts));
  outbox->start(std::move(channels));
  const AlertBuilder builder = alert("A");
  auto bulletin = std::make_shared<engine::Bulletin>();
  bulletin->envelope.payload = builder.xml();
  bulletin->id = engine::trust::sha256(bulletin->envelope.payload);
  bulletin->outline = engine::cap::outline_of(builder.alert());
  std::promise<void> appended;
  log->append({std::move(bulletin), 1, true}, [&](engine::AppendAnswer) { appended.set_value(); });
  appended.get_future().wait();
  clock.advance(30s);
  outbox->wake();
  while (counts->answered < 3) counts->answered.wait(counts->answered);
  log->stop();
  outbox->stop();
  CHECK(counts->attempts == 3);
  CHECK(outbox->state().under_way == 0);
  std::promise<bool> told;
  outbox->reach(Sequence{1}, [&](auto answer) { told.set_value(answer.has_value()); });
  CHECK_FALSE(told.get_future().get());
}
