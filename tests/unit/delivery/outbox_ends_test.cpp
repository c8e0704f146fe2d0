// What an outbox does where an alert is replaced or cancelled, and where its log is not what it
// was.
#include "engine/outbox.hpp"

#include <algorithm>

#include "engine/delivery/limits.hpp"
#include "engine/log/tables.hpp"
#include "engine/store/store.hpp"
#include "tests/unit/delivery/outbox_world.hpp"

using namespace tests;
using engine::Fate;
using engine::delivery::State;

namespace {

/// Organisations with one telephone each.
void telephones(OutboxWorld& world, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const std::string key = "org" + std::to_string(100 + i);
    world.contact(key, Way::sms, "+44" + key);
    world.distances[key] = static_cast<double>(i);
  }
}

/// A flipped bit in a record of a log that is closed.
void spoil_record(const std::filesystem::path& path, Sequence sequence) {
  const auto store = engine::Store::open({.directory = path, .tables = engine::LogTable::kNames});
  REQUIRE(store.has_value());
  const engine::Bytes key = engine::sequence_key(sequence);
  engine::Bytes record = (*store)->get(engine::LogTable::records, key).value().value();
  record[record.size() / 2] = static_cast<char>(record[record.size() / 2] ^ 1);
  auto change = (*store)->change();
  change.put(engine::LogTable::records, key, record);
  REQUIRE((*store)->commit(std::move(change), engine::Durability::synced) ==
          engine::Store::Commit::done);
}

}  // namespace

TEST_CASE("a Cancel takes back what has not left and follows what has, to nobody else") {
  OutboxWorld world;
  telephones(world, 4);
  world.contact("org100", Way::email, "ann@example.org");
  world.sms().room = 3;
  const AlertBuilder first = alert("A", Severity::moderate);
  const Sequence sequence = world.send(first);
  world.advance(2min);
  REQUIRE(world.sms().addresses() == "+44org100 +44org101 +44org102");
  world.sms().answer(Gateway::accepted({{"m1", 0}}));
  world.sms().answer(Gateway::refused(Fate::permanent, "no"));  // org101 never heard of it
  world.sms().room = 1;                                         // org102 is under way
  world.settle();
  const Sequence cancel = world.send(cancel_of("C", first));
  CHECK(world.messages(sequence, State::replaced) == 1);  // org103
  world.sms().answer(Gateway::refused(Fate::later, "busy"));
  world.sms().room = 10;
  world.settle();
  CHECK(world.sms().addresses(3) == "+44org100");  // org102 never heard of it either
  CHECK(world.messages(sequence, State::replaced) == 2);
  CHECK(world.stand(cancel) == "0 1 1 0");
  const engine::Attempt& attempt = world.sms().seen[3];
  CHECK(attempt.story->sequence == cancel);
  REQUIRE(attempt.story->ended);
  CHECK(attempt.story->ended->infos.front().headline == "A");
  REQUIRE(attempt.earlier.size() == 1);
  CHECK(attempt.earlier[0].delivery == world.sms().seen[0].delivery);
  CHECK(attempt.earlier[0].title == "A");
  world.advance(1h);
  CHECK(world.email().seen.empty());  // nobody is escalated to by a Cancel
  CHECK(world.sms().seen.size() == 4);
}

TEST_CASE(
    "who was sent a message has not failed when the alert is cancelled, until somebody says so") {
  OutboxWorld world;
  telephones(world, 4);
  const AlertBuilder first = alert("A");
  const Sequence sequence = world.send(first);
  world.sms().room = 3;
  world.advance(30s);
  world.sms().room = 0;
  world.sms().answer(Gateway::accepted({{"m1", 0}}));
  world.sms().answer(Gateway::accepted({{"m2", 0}}));
  world.settle();  // org102 is under way, org103 waits
  world.send(cancel_of("C", first));
  CHECK(world.stand(sequence) == "0 3 1 0");
  const auto page = world.unreached(sequence);
  REQUIRE(page.organisations.size() == 4);
  CHECK(page.organisations[0].sent);
  CHECK_FALSE(page.organisations[3].sent);
  world.sms().answer(Gateway::refused(Fate::later, "busy"));
  CHECK(world.stand(sequence) == "0 2 2 0");
  world.sms().report("m1", engine::Report::Kind::failed, "UNDELIV");
  CHECK(world.stand(sequence) == "0 1 3 0");
  world.sms().report("m2", engine::Report::Kind::delivered);
  CHECK(world.stand(sequence) == "1 0 3 0");
  CHECK(world.unreached(sequence).organisations.size() == 3);
}

TEST_CASE("of whom an attempt was never answered nobody says that they failed") {
  OutboxWorld world({Way::sms});
  telephones(world, 4);
  const AlertBuilder first = alert("A");
  const Sequence sequence = world.send(first);
  world.advance(30s);
  engine::Attempted lost = Gateway::refused(Fate::later, "The connection was lost.");
  lost.uncertain = true;
  for (int i = 0; i < 3; ++i) world.sms().answer(lost);
  world.sms().answer(Gateway::refused(Fate::later, "busy"));
  world.settle();
  world.sms().room = 0;
  world.advance(30s);
  REQUIRE(world.stand(sequence) == "0 4 0 0");
  world.send(cancel_of("C", first));
  CHECK(world.messages(sequence, State::replaced) == 4);
  CHECK(world.stand(sequence) == "0 3 1 0");
  const auto page = world.unreached(sequence);
  REQUIRE(page.organisations.size() == 4);
  CHECK(page.organisations[0].sent);
  CHECK(page.organisations[0].tried[0].uncertain);
  CHECK_FALSE(page.organisations[3].sent);
}

TEST_CASE("who may have been told when an alert is over has failed once it is known") {
  OutboxWorld world({Way::sms});
  telephones(world, 2);
  const Sequence sequence = world.send(alert("A"));
  world.advance(30s);
  engine::Attempted lost = Gateway::refused(Fate::later, "The connection was lost.");
  lost.uncertain = true;
  world.sms().answer_all(lost);
  world.settle();
  world.sms().room = 0;
  world.advance(24h);
  CHECK(world.messages(sequence, State::expired) == 2);
  CHECK(world.stand(sequence) == "0 2 0 0");
  world.sms().listener->reported(world.sms().seen[0].delivery,
                                 {engine::Report::Kind::failed, false, "UNDELIV"}, nullptr);
  CHECK(world.stand(sequence) == "0 1 1 0");
  world.sms().listener->reported(world.sms().seen[1].delivery,
                                 {engine::Report::Kind::delivered, false, ""}, nullptr);
  CHECK(world.stand(sequence) == "1 0 1 0");
}

TEST_CASE("a Cancel leaves with what it takes back, and not before") {
  OutboxWorld world;
  telephones(world, 2);
  const AlertBuilder minor = alert("Minor", Severity::minor);
  world.send(minor);
  world.advance(10min);
  world.sms().answer_all(Gateway::accepted({{"m", 0}}));
  world.settle();
  world.sms().room = 0;
  world.send(alert("Extreme", Severity::extreme));
  world.advance(30s);
  world.send(cancel_of("C", minor));
  world.sms().room = 10;
  world.settle();
  REQUIRE(world.sms().seen.size() == 6);
  CHECK(world.sms().seen[2].story->alert.infos.front().headline == "Extreme");
  CHECK(world.sms().seen[3].story->alert.infos.front().headline == "Extreme");
  CHECK(world.sms().seen[4].story->alert.msg_type == engine::cap::MsgType::cancel);
}

TEST_CASE("an Update goes at once to those who were told, and to the others by the rules") {
  OutboxWorld world;
  telephones(world, 2);
  const AlertBuilder first = alert("A");
  const Sequence sequence = world.send(first);
  world.acknowledged["org101"] = true;
  world.advance(30s);
  world.sms().answer(Gateway::accepted({{"m1", 0}}));
  world.settle();
  world.acknowledged.clear();
  const Sequence update = world.send(update_of("U", first));
  REQUIRE(world.sms().addresses(1) == "+44org100");
  CHECK(world.stand(update) == "0 2 0 0");
  CHECK(world.stand(sequence) == "1 1 0 0");
  world.advance(30s);
  CHECK(world.sms().addresses(1) == "+44org100 +44org101");
}

TEST_CASE("a Cancel of an Update that was still going out reaches those of the first alert too") {
  OutboxWorld world;
  telephones(world, 3);
  const AlertBuilder first = alert("A");
  world.send(first);
  world.advance(30s);
  world.sms().answer_all(Gateway::accepted({{"m", 0}}));
  world.settle();
  const AlertBuilder update = update_of("U", first);
  world.append(update);
  world.append(cancel_of("C", update));
  world.settle();
  CHECK(world.sms().addresses(3) == "+44org100 +44org101 +44org102");
  for (std::size_t i = 3; i < 6; ++i) {
    CHECK(world.sms().seen[i].story->alert.msg_type == engine::cap::MsgType::cancel);
  }
}

TEST_CASE("a test takes no alert away that is meant, and nobody is told of a secret by an Update") {
  for (const bool drill : {true, false}) {
    CAPTURE(drill);
    OutboxWorld world;
    telephones(world, 2);
    world.sms().room = 1;
    const AlertBuilder first = alert("A");
    const Sequence sequence = world.send(first);
    world.advance(30s);
    world.sms().answer(Gateway::accepted({{"m", 0}}));
    world.sms().room = 0;
    world.settle();
    AlertBuilder update = update_of("U", first);
    if (drill) update.status(engine::cap::Status::test);
    if (!drill) update.scope(engine::cap::Scope::restricted).meant_for("fire");
    world.only[Sequence{2}] = {};
    world.send(update);
    CHECK(world.messages(sequence, State::replaced) == 0);
    world.sms().room = 10;
    world.settle();
    CHECK(world.sms().addresses(1) == "+44org101");
    for (const engine::Attempt& one : world.sms().seen) CHECK(one.story->sequence == sequence);
  }
}

TEST_CASE("a Cancel is told for as long as what it takes back would hold") {
  OutboxWorld world;
  telephones(world, 1);
  const AlertBuilder first = alert("A");
  world.send(first);
  world.advance(30s);
  world.sms().answer(Gateway::accepted({{"m", 0}}));
  world.settle();
  world.send(cancel_of("C", first).expires("2026-11-21T12:00:10Z"));
  REQUIRE(world.sms().seen.size() == 2);
  CHECK(world.sms().seen[1].story->alert.msg_type == engine::cap::MsgType::cancel);
  CHECK(world.sms().seen[1].expires == world.sms().seen[0].expires);
}

TEST_CASE("nobody waits for a time that the log's clock had when it was ahead") {
  OutboxWorld world;
  telephones(world, 1);
  world.clock.advance(2h);
  world.append(alert("Ahead"));
  world.clock.advance(-2h);
  world.append(alert("A"));  // its time is two hours ahead still: the log's never goes back
  world.settle();
  world.advance(30s);
  CHECK(world.sms().seen.size() == 2);
}

TEST_CASE("what cannot be read of the log keeps nobody else from being told or heard") {
  OutboxWorld world;
  telephones(world, 1);
  world.sms().room = 0;
  world.send(alert("A"));
  world.send(alert("B"));
  world.advance(30s);
  world.crash();
  world.sms().room = 1;
  world.settle();
  REQUIRE(world.sms().seen.size() == 1);
  const Sequence sequence = world.sms().seen.front().story->sequence;
  world.log->stop();  // from now on it reads nothing
  world.sms().answer(Gateway::accepted({{"m", 0}}));
  world.settle();
  CHECK(world.messages(sequence, State::sent) == 1);
  CHECK(world.sms().seen.size() == 1);
}

TEST_CASE("an Update of what the disk spoilt is told after kUnreadPatience") {
  OutboxWorld world({Way::sms});
  telephones(world, 1);
  TempDir folder;
  engine::LogOptions options;
  options.directory = folder.path();
  options.threads = engine::LogOptions::Threads::none;
  const auto open_log = [&] {
    world.log = std::move(engine::Log::open(options, world.clock).value());
  };
  world.outbox.reset();
  std::filesystem::remove_all(world.directory());
  open_log();
  world.open();
  const AlertBuilder first = alert("A");
  const AlertBuilder second = alert("B");
  const Sequence spoilt = world.send(first), too = world.send(second);
  world.outbox.reset();
  const Sequence update =
      world.append(alert("U").update(first.identity()).refers_to(second.identity()));
  for (int i = 0; i < 20; ++i) world.only[world.append(alert("B" + std::to_string(i)))] = {};
  const Sequence last = world.append(alert("C"));
  world.log.reset();
  spoil_record(folder.path() / "store", spoilt);
  spoil_record(folder.path() / "store", too);
  open_log();
  world.open();
  world.settle();
  CHECK(world.outbox->state().planned == too);
  world.advance(engine::delivery::limits::kUnreadPatience - 1ms);
  CHECK(world.outbox->state().planned == too);
  world.advance(1ms);
  CHECK(world.outbox->state().planned == last);
  world.advance(30s);
  std::vector<Sequence> told;
  for (const engine::Attempt& attempt : world.sms().seen) told.push_back(attempt.story->sequence);
  CHECK(std::count(told.begin(), told.end(), update) == 1);
  CHECK(std::count(told.begin(), told.end(), last) == 1);
}

TEST_CASE("an outbox that has seen more than the log holds is refused") {
  OutboxWorld world;
  telephones(world, 1);
  TempDir folder;
  engine::LogOptions options;
  options.directory = folder.path() / "log";
  options.threads = engine::LogOptions::Threads::none;
  const auto open = [&] { world.log = std::move(engine::Log::open(options, world.clock).value()); };
  world.outbox.reset();
  std::filesystem::remove_all(world.directory());
  open();
  world.open();
  world.send(alert("A"));
  world.outbox.reset();
  world.log.reset();
  std::filesystem::copy(options.directory, folder.path() / "earlier",
                        std::filesystem::copy_options::recursive);
  open();
  world.open();
  world.send(alert("B"));
  world.outbox.reset();
  world.log.reset();
  options.directory = folder.path() / "earlier";
  open();
  engine::OutboxOptions outbox_options;
  outbox_options.directory = world.directory();
  outbox_options.threads = engine::OutboxOptions::Threads::none;
  const auto refused = engine::Outbox::open(
      outbox_options, {*world.log, {}, {}, {}, {}, world.clock, *world.metrics});
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().what.find("more bulletins than the log holds") != std::string::npos);
}

TEST_CASE(
    "a Cancel of an Update that has not left reaches those who were told of the first alert") {
  OutboxWorld world;
  telephones(world, 3);
  const AlertBuilder first = alert("A");
  world.send(first);
  world.advance(30s);
  world.sms().answer(Gateway::accepted({{"m", 0}}));
  world.sms().answer(Gateway::accepted({{"n", 0}}));
  world.sms().answer(Gateway::refused(Fate::permanent, "no"));  // org102 never heard of it
  world.sms().room = 1;
  world.settle();
  const AlertBuilder update = update_of("U", first), another = update_of("V", update);
  world.send(update);
  REQUIRE(world.sms().addresses(3) == "+44org100");  // the other one waits in the queue
  world.sms().answer(Gateway::refused(Fate::permanent, "no"));
  world.sms().room = 0;
  world.settle();
  world.send(another);
  world.send(cancel_of("C", another));
  world.sms().room = 10;
  world.settle();
  REQUIRE(world.sms().addresses(4) == "+44org100 +44org101");
  for (std::size_t i = 4; i < 6; ++i) {
    const engine::Attempt& attempt = world.sms().seen[i];
    CHECK(attempt.story->alert.msg_type == engine::cap::MsgType::cancel);
    REQUIRE(attempt.earlier.size() == 1);
    CHECK(attempt.earlier[0].delivery == world.sms().seen[i - 4].delivery);
  }
}

TEST_CASE("an alert that comes after its own Update is told to nobody") {
  OutboxWorld world;
  telephones(world, 2);
  world.send(update_of("B", alert("A")));
  world.send(alert("A"));
  world.advance(30s);
  REQUIRE(world.sms().seen.size() == 2);
  for (const engine::Attempt& attempt : world.sms().seen) {
    CHECK(attempt.story->alert.infos.front().headline == "B");
  }
}
