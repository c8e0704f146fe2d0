// What an outbox does with alerts, gateways and time, as those who are told see it.
#include "engine/outbox.hpp"

#include "engine/delivery/limits.hpp"
#include "engine/delivery/rows.hpp"
#include "engine/store/trial.hpp"
#include "tests/support/scales.hpp"
#include "tests/unit/delivery/outbox_world.hpp"

using namespace tests;
using engine::Fate;
using engine::Report;
using engine::delivery::OutboxTable;
using engine::delivery::State;

namespace {

/// Organisations a, b, c … with one telephone each.
void telephones(OutboxWorld& world, std::size_t count, const std::string& prefix = "org") {
  for (std::size_t i = 0; i < count; ++i) {
    const std::string key = prefix + std::to_string(100 + i);
    world.contact(key, Way::sms, "+44" + key);
    world.distances[key] = static_cast<double>(i);
  }
}

/// The outbox is closed for it.
void names_nobody(OutboxWorld& world) {
  world.outbox.reset();
  engine::StoreOptions options;
  options.directory = world.directory();
  options.tables = OutboxTable::kNames;
  const auto store = std::move(engine::Store::open(options).value());
  for (std::uint8_t table = 0; table < OutboxTable::kNames.size(); ++table) {
    const auto look = [&](engine::BytesView key, engine::BytesView value) {
      CHECK(key.find("org10") == engine::BytesView::npos);
      CHECK(value.find("org10") == engine::BytesView::npos);
      return true;
    };
    CHECK(store->scan(engine::Table{table}, {}, engine::Bytes(64, '\xff'), look).has_value());
  }
}

}  // namespace

TEST_CASE("whoever has not acknowledged within thirty seconds is sent a message") {
  OutboxWorld world;
  telephones(world, 2);
  world.acknowledged["org101"] = true;
  const Sequence sequence = world.send(alert("A"));
  CHECK(world.stand(sequence) == "0 2 0 0");
  CHECK(world.sms().seen.empty());
  world.advance(30s);
  REQUIRE(world.sms().addresses() == "+44org100");
  const engine::Attempt& attempt = world.sms().seen.front();
  CHECK(attempt.story->alert.infos.front().headline == "A");
  CHECK(attempt.language == "en");
  CHECK(attempt.number == 1);
  CHECK(attempt.expires == engine::parse_time("2026-11-21T18:00:00Z"));
  CHECK(world.stand(sequence) == "1 1 0 0");
  CHECK(world.messages(sequence, State::owed) == 1);
  CHECK(world.outbox->state().under_way == 1);
}

TEST_CASE("who acknowledges in time is sent nothing and counts at once") {
  OutboxWorld world;
  telephones(world, 1);
  const Sequence sequence = world.send(alert("A"));
  world.outbox->acknowledged(sequence, "org100");
  world.settle();
  CHECK(world.stand(sequence) == "1 0 0 0");
  world.advance(1h);
  CHECK(world.sms().seen.empty());
}

TEST_CASE("a message is sent and then delivered when its gateway says so") {
  OutboxWorld world;
  telephones(world, 1);
  const Sequence sequence = world.send(alert("A"));
  world.advance(30s);
  world.sms().answer(Gateway::accepted({{"m1", 0}}));
  CHECK(world.messages(sequence, State::sent) == 1);
  CHECK(world.stand(sequence) == "0 1 0 0");
  world.sms().report("m1", Report::Kind::delivered);
  CHECK(world.messages(sequence, State::delivered) == 1);
  CHECK(world.stand(sequence) == "1 0 0 0");
  world.sms().report("m1", Report::Kind::failed);
  CHECK(world.stand(sequence) == "1 0 0 0");
  CHECK(world.outbox->state().under_way == 0);
}

TEST_CASE("a message in two parts is delivered when both are, before and after a restart") {
  OutboxWorld world;
  telephones(world, 1);
  const Sequence sequence = world.send(alert("A"));
  world.advance(30s);
  world.sms().answer(Gateway::accepted({{"p0", 0}, {"p1", 1}}, 2));
  world.settle();
  world.sms().report("p1", Report::Kind::delivered);
  CHECK(world.messages(sequence, State::sent) == 1);
  world.crash();
  world.sms().report("p1", Report::Kind::delivered);
  CHECK(world.messages(sequence, State::sent) == 1);
  world.sms().report("p0", Report::Kind::delivered);
  CHECK(world.messages(sequence, State::delivered) == 1);
}

TEST_CASE("a receipt finds its message whenever it comes") {
  OutboxWorld world;
  telephones(world, 1);
  const Sequence sequence = world.send(alert("A"));
  world.advance(30s);
  world.sms().answer(Gateway::accepted({{"m1", 0}}));
  world.settle();
  world.crash();
  CHECK(world.messages(sequence, State::sent) == 1);
  world.sms().report("m1", Report::Kind::delivered);
  world.crash();  // before the report was written: the gateway is not asked to say it again
  CHECK(world.messages(sequence, State::sent) == 1);
  world.sms().listener->reported(world.sms().seen.front().delivery,
                                 {Report::Kind::delivered, {}, {}}, nullptr);
  CHECK(world.messages(sequence, State::delivered) == 1);
  world.sms().report("other", Report::Kind::delivered);
  CHECK(world.stand(sequence) == "1 0 0 0");
}

TEST_CASE("a new Extreme overtakes every Moderate that has not left") {
  OutboxWorld world;
  telephones(world, 40);
  world.sms().room = 4;
  world.send(alert("Moderate", Severity::moderate));
  world.advance(2min);  // the patience of Moderate
  REQUIRE(world.sms().seen.size() == 4);
  world.send(alert("Extreme", Severity::extreme));
  world.advance(30s);
  while (world.sms().seen.size() < 4 + 40 + 4) {
    world.sms().answer(Gateway::accepted({{std::to_string(world.sms().seen.size()), 0}}));
    world.settle();
  }
  for (std::size_t i = 4; i < 44; ++i) {
    CHECK(world.sms().seen[i].story->alert.infos.front().headline == "Extreme");
  }
  CHECK(world.sms().seen[44].story->alert.infos.front().headline == "Moderate");
}

TEST_CASE("of equal alerts the nearest are told first") {
  OutboxWorld world;
  telephones(world, 3);
  world.distances = {{"org100", 900}, {"org101", 10}, {"org102", 90}};
  world.send(alert("A"));
  world.advance(30s);
  CHECK(world.sms().addresses() == "+44org101 +44org102 +44org100");
}

TEST_CASE("a channel without room is handed nothing until it has some") {
  OutboxWorld world;
  telephones(world, 5);
  world.sms().room = 0;
  const Sequence sequence = world.send(alert("A"));
  world.advance(30s);
  CHECK(world.sms().seen.empty());
  CHECK(world.messages(sequence, State::owed) == 5);
  world.sms().room = 2;
  world.sms().listener->has_room(Way::sms);
  world.settle();
  CHECK(world.sms().seen.size() == 2);
  world.sms().room = 5;
  world.settle();
  CHECK(world.sms().addresses() == "+44org100 +44org101 +44org102 +44org103 +44org104");
}

TEST_CASE("what a gateway cannot take now is tried again, and not after the end") {
  OutboxWorld world;
  telephones(world, 1);
  const Sequence sequence = world.send(alert("A"));
  world.advance(30s);
  world.sms().answer(Gateway::refused(Fate::later, "busy"));
  world.settle();
  CHECK(world.sms().seen.size() == 1);
  world.advance(17s);
  REQUIRE(world.sms().seen.size() == 2);
  CHECK(world.sms().seen[1].number == 2);
  CHECK(world.sms().seen[1].delivery == world.sms().seen[0].delivery);
  world.sms().answer(Gateway::refused(Fate::later, "busy"));
  world.clock.set(engine::parse_time("2026-11-21T18:00:00Z").value());
  world.settle();
  CHECK(world.sms().seen.size() == 2);
  CHECK(world.messages(sequence, State::expired) == 1);
  CHECK(world.stand(sequence) == "0 0 1 0");
}

TEST_CASE("what waits in the queue when the alert is over has expired") {
  OutboxWorld world;
  telephones(world, 3);
  world.sms().room = 0;
  const Sequence sequence = world.send(alert("A"));
  world.advance(30s);
  world.advance(6h);
  CHECK(world.messages(sequence, State::expired) == 3);
  CHECK(world.stand(sequence) == "0 0 3 0");
  world.sms().room = 10;
  world.settle();
  CHECK(world.sms().seen.empty());
}

TEST_CASE("contacts that a turn has found dead are marked together") {
  OutboxWorld world;
  telephones(world, 3);
  world.send(alert("A"));
  world.advance(30s);
  world.sms().answer_all(Gateway::refused(Fate::permanent, "no subscriber", true));
  world.settle();
  CHECK(world.dead.size() == 3);
  CHECK(world.dead_writes == 1);
}

TEST_CASE("who cannot be reached is named with the gateway's words, and the contact is marked") {
  OutboxWorld world;
  telephones(world, 1);
  world.contact("org100", Way::email, "ann@example.org");
  const Sequence sequence = world.send(alert("A"));
  world.advance(30s);
  world.sms().answer(Gateway::refused(Fate::permanent, "+447700900123 is no subscriber", true));
  world.settle();
  CHECK(world.dead == std::vector<std::string>{"org100/1"});
  REQUIRE(world.email().addresses() == "ann@example.org");  // the next one, at once
  world.email().answer(Gateway::refused(Fate::permanent, "no such user"));
  CHECK(world.stand(sequence) == "0 0 1 0");
  const auto page = world.unreached(sequence);
  CHECK(page.end);
  REQUIRE(page.organisations.size() == 1);
  CHECK(page.organisations[0].organisation == "org100");
  REQUIRE(page.organisations[0].tried.size() == 2);
  CHECK(page.organisations[0].tried[0].words == "… is no subscriber");
  CHECK(page.organisations[0].tried[0].state == State::failed);
  CHECK(page.organisations[0].tried[1].words == "no such user");
}

TEST_CASE("a message that is not delivered in time sends for the next contact") {
  OutboxWorld world;
  telephones(world, 1);
  world.contact("org100", Way::email, "ann@example.org");
  const Sequence sequence = world.send(alert("A"));
  world.advance(30s);
  world.sms().answer(Gateway::accepted({{"m1", 0}}));
  world.advance(59s);
  CHECK(world.email().seen.empty());
  world.advance(1s);
  CHECK(world.email().addresses() == "ann@example.org");
  world.sms().report("m1", Report::Kind::delivered);
  CHECK(world.stand(sequence) == "1 0 0 0");
}

TEST_CASE("what was sent and never confirmed is waited for, after the alert is over too") {
  OutboxWorld world;
  telephones(world, 1);
  const Sequence sequence = world.send(alert("A"));
  world.advance(30s);
  world.sms().answer(Gateway::accepted({{"m1", 0}}));
  world.advance(2h);
  CHECK(world.stand(sequence) == "0 1 0 0");
  CHECK(world.unreached(sequence).organisations.empty());
  world.advance(4h);
  CHECK(world.stand(sequence) == "0 1 0 0");
  const auto page = world.unreached(sequence);
  REQUIRE(page.organisations.size() == 1);
  CHECK(page.organisations[0].sent);
  CHECK(page.organisations[0].tried[0].state == State::sent);
  world.sms().report("m1", Report::Kind::delivered);  // late, and true
  CHECK(world.stand(sequence) == "1 0 0 0");
}

TEST_CASE("hours are waited for and an Extreme does not wait") {
  OutboxWorld world;
  telephones(world, 1);
  world.profiles["org100"].contacts[0].hours = {std::chrono::hours{14}, std::chrono::hours{15}};
  world.send(alert("Severe"));
  world.advance(30s);
  CHECK(world.sms().seen.empty());
  world.send(alert("Extreme", Severity::extreme));
  world.advance(30s);
  CHECK(world.sms().seen.size() == 1);
  world.clock.set(engine::parse_time("2026-11-21T14:00:00Z").value());
  world.settle();
  REQUIRE(world.sms().seen.size() == 2);
  CHECK(world.sms().seen[1].story->alert.infos.front().headline == "Severe");
}

TEST_CASE("who has no contact that consents, and no way that there is, cannot be contacted") {
  OutboxWorld world({Way::email});
  telephones(world, 1);  // and no channel for it
  world.organisation("empty");
  world.contact("shy", Way::email, "x@example.org");
  world.profiles["shy"].contacts[0].consents = false;
  const Sequence sequence = world.send(alert("A"));
  world.advance(30s);
  CHECK(world.stand(sequence) == "0 0 0 3");
}

TEST_CASE("without channels nobody is kept but how many there are") {
  OutboxWorld world(std::vector<Way>{});
  telephones(world, 700);
  const Sequence sequence = world.send(alert("A"));
  CHECK(world.stand(sequence) == "0 0 0 700");
  CHECK(world.reach(sequence).planned);
}

TEST_CASE("consent that was taken back before the message left is obeyed") {
  OutboxWorld world;
  telephones(world, 1);
  world.sms().room = 0;
  const Sequence sequence = world.send(alert("A"));
  world.advance(30s);
  world.profiles["org100"].contacts[0].consents = false;
  world.sms().room = 1;
  world.settle();
  CHECK(world.sms().seen.empty());
  CHECK(world.messages(sequence, State::failed) == 1);
}

TEST_CASE("Acks and Errors and what is over are told to nobody") {
  OutboxWorld world;
  telephones(world, 1);
  const AlertBuilder first = alert("A");
  world.append(AlertBuilder().identifier("K").ack(first.identity()));
  const Sequence over = world.append(alert("Old").expires("2026-11-21T11:00:00Z"));
  world.settle();
  world.advance(1h);
  CHECK(world.sms().seen.empty());
  for (const Sequence sequence : {Sequence{1}, over}) {
    std::optional<bool> known;
    world.outbox->reach(sequence, [&](auto found) { known = found.value().has_value(); });
    world.settle();
    CHECK(known == false);
  }
}

TEST_CASE("a new outbox tells nobody of what was before it") {
  OutboxWorld world;
  telephones(world, 1);
  world.append(alert("A"));
  world.outbox.reset();
  std::filesystem::remove_all(world.directory());
  world.open();
  world.settle();
  world.advance(1h);
  CHECK(world.sms().seen.empty());
  CHECK(world.outbox->state().planned == Sequence{1});
}

TEST_CASE("an outbox of another log is refused") {
  OutboxWorld world;
  OutboxWorld other;
  engine::OutboxOptions options;
  options.directory = world.directory();
  options.threads = engine::OutboxOptions::Threads::none;
  world.outbox.reset();
  engine::Addressees nobody;
  const auto opened = engine::Outbox::open(
      options, {*other.log, nobody, nullptr, nullptr, nullptr, other.clock, *other.metrics});
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error().what.find("another log") != std::string::npos);
}

TEST_CASE("what an organisation was sent is told a page of kSentLooked alerts at a time") {
  OutboxWorld world;
  telephones(world, 2);
  const auto page = [&](const std::string& key, Sequence after = Sequence::none) {
    engine::SentPage found;
    world.outbox->sent_to(key, after, [&](auto answer) { found = std::move(answer.value()); });
    world.settle();
    return found;
  };
  CHECK(page("org100").end);
  const Sequence first = world.send(alert("A"));
  world.advance(30s);
  world.sms().answer(Gateway::accepted({{"m1", 0}}));
  world.settle();
  const engine::SentPage one = page("org100");
  REQUIRE(one.alerts.size() == 1);
  CHECK(one.alerts[0].sequence == first);
  CHECK(one.alerts[0].title == "A");
  REQUIRE(one.alerts[0].tried.size() == 1);
  CHECK(one.alerts[0].tried[0].state == State::sent);
  CHECK(one.end);
  CHECK(page("nobody").alerts.empty());
  const std::size_t most = engine::delivery::limits::kSentLooked;
  for (std::size_t i = 1; i < most; ++i) world.append(alert("B" + std::to_string(i)));
  world.settle();
  CHECK_FALSE(page("org101").end);  // there may be more
  world.send(alert("C"));
  const engine::SentPage full = page("org101");
  CHECK(full.alerts.size() == most);
  CHECK_FALSE(full.end);
  const engine::SentPage rest = page("org101", full.cursor);
  REQUIRE(rest.alerts.size() == 1);
  CHECK(rest.alerts[0].title == "C");
  CHECK(rest.end);
}

TEST_CASE("an organisation is erased of a folder that no engine runs on, and nobody is told") {
  OutboxWorld world;
  telephones(world, 2);
  const Sequence sequence = world.send(alert("A"));
  world.advance(30s);
  world.sms().answer(Gateway::accepted());
  world.settle();
  const auto before = world.reach(sequence);
  const std::string gone = world.profiles.begin()->first;
  world.outbox.reset();
  {
    engine::OutboxOptions options;
    options.directory = world.directory();
    options.threads = engine::OutboxOptions::Threads::none;
    engine::Metrics metrics;
    const auto alone = std::move(
        engine::Outbox::open(options, {*world.log, {}, {}, {}, {}, world.clock, metrics}).value());
    CHECK(alone->erase_alone(gone).has_value());
    CHECK(alone->erase_alone(gone).has_value());  // what is not there is gone
  }
  world.profiles.erase(gone);
  world.distances.erase(gone);
  world.open();
  world.settle();
  CHECK(world.reach(sequence).matched == before.matched);
  CHECK(world.reach(sequence).trying == 1);
  world.contact(gone, Way::sms, "+44");
  std::optional<engine::DeliveryFound> found;
  for (const auto& attempt : world.sms().seen) {
    world.outbox->find(attempt.delivery, [&](auto answer) {
      if (answer.value()) found = answer.value();
    });
    world.settle();
    if (found) CHECK(found->organisation != gone);
  }
  CHECK(found.has_value());
}

TEST_CASE("an organisation that is erased is gone from everything and stays a number") {
  OutboxWorld world;
  telephones(world, 2);
  const Sequence sequence = world.send(alert("A"));
  world.advance(30s);
  world.sms().answer(Gateway::accepted({{"m1", 0}}));
  world.settle();
  CHECK(world.erase("org100"));
  CHECK(world.erase("org101"));  // while its attempt is under way
  CHECK(world.stand(sequence) == "0 0 2 0");
  CHECK(world.unreached(sequence).organisations.empty());
  world.sms().answer(Gateway::accepted({{"m2", 0}}));
  world.sms().report("m1", Report::Kind::delivered);
  CHECK(world.stand(sequence) == "0 0 2 0");
  CHECK(world.outbox->state().under_way == 0);
}

TEST_CASE("who waits for an erasure that the disk does not take hears no and it goes on later") {
  const auto disk = std::make_shared<Scales>();
  OutboxWorld world;
  world.trial = std::make_shared<const engine::StoreTrial>(engine::StoreTrial{disk, {}});
  world.crash();
  world.contact("acme", Way::sms, "+441");
  const Sequence sequence = world.send(alert("A"));
  std::optional<bool> erased;
  world.profiles.clear();
  world.distances.clear();
  world.outbox->erase("acme", [&](engine::Result<void> done) { erased = done.has_value(); });
  world.outbox->run();  // noted
  CHECK_FALSE(erased);
  disk->free_bytes = 0;
  world.outbox->run();
  CHECK(erased == false);
  CHECK(world.stand(sequence) == "0 1 0 0");
  disk->free_bytes = kPlenty;
  world.settle();
  CHECK(world.stand(sequence) == "0 0 1 0");
}

TEST_CASE("no row of the outbox names an organisation that was erased") {
  OutboxWorld world;
  telephones(world, 2);
  world.send(alert("A"));
  CHECK(world.erase("org100"));  // a timer of it runs still
  world.advance(30s);
  CHECK(world.erase("org101"));  // in the middle of an attempt
  names_nobody(world);
}

TEST_CASE("timers that nobody waits for any more name nobody who was erased") {
  OutboxWorld world({Way::sms});
  telephones(world, 3);
  const AlertBuilder first = alert("A");
  const Sequence sequence = world.send(first);
  world.advance(30s);
  world.outbox->acknowledged(sequence, "org100");  // was to be looked at a minute later
  world.sms().answer_all(Gateway::accepted({{"m1", 0}}));
  world.advance(60s);  // and the others at the end
  world.outbox->acknowledged(sequence, "org101");
  world.send(cancel_of("C", first));
  for (const char* key : {"org100", "org101", "org102"}) CHECK(world.erase(key));
  names_nobody(world);
}

TEST_CASE("who is being erased is not told of a Cancel that comes in that moment") {
  OutboxWorld world;
  telephones(world, 1);
  const AlertBuilder first = alert("A");
  world.send(first);
  world.advance(30s);
  world.sms().answer(Gateway::accepted({{"m1", 0}}));
  world.settle();
  bool erased = false;
  world.profiles.clear();
  world.distances.clear();
  world.outbox->erase("org100", [&](engine::Result<void> done) { erased = done.has_value(); });
  world.append(cancel_of("C", first));
  world.settle();
  CHECK(erased);
  names_nobody(world);
}

TEST_CASE("ninety days after its end nothing is left of an alert") {
  OutboxWorld world;
  telephones(world, 600);
  const Sequence sequence = world.send(alert("A"));
  world.advance(30s);
  world.sms().answer_all(Gateway::accepted({{"m", 0}}));
  world.advance(6h + 90 * 24h - 1min);
  CHECK(world.reach(sequence).matched == 600);
  world.advance(1min);
  std::optional<bool> known;
  world.outbox->reach(sequence, [&](auto found) { known = found.value().has_value(); });
  world.settle();
  CHECK(known == false);
  CHECK(world.unreached(sequence).organisations.empty());
}

TEST_CASE("contacts that cannot be read now are asked for again after kUnreadPause") {
  static_assert(engine::delivery::limits::kUnreadPause == 30s);
  OutboxWorld world;
  telephones(world, 1);
  world.send(alert("A"));
  world.unreadable = true;
  world.advance(30s);
  world.unreadable = false;
  world.advance(29s);
  CHECK(world.outbox->state().under_way == 0);
  world.sms().room = 0;
  world.advance(1s);  // owed, and not handed over
  world.unreadable = true;
  world.sms().room = 1;
  world.settle();
  world.unreadable = false;
  world.advance(29s);
  CHECK(world.sms().seen.empty());
  world.advance(1s);
  CHECK(world.sms().seen.size() == 1);
}

TEST_CASE("48 MiB of the disk are left to others where nobody chose otherwise") {
  CHECK(engine::OutboxOptions{}.working_bytes == 48UL << 20);
}

TEST_CASE("what a webhook's receiver says in its answer is a receipt, and counts at once") {
  OutboxWorld world;
  world.contact("org", Way::sms, "+44");
  world.profiles["org"].contacts[0].fallback = true;
  world.contact("org", Way::webhook, "https://example.org/alerts");
  const Sequence sequence = world.send(alert("A"));
  world.advance(30s);
  engine::Attempted attempted = Gateway::accepted();
  attempted.said = {engine::Receipt::State::acknowledged, "safe"};
  world.webhook().answer(attempted);
  CHECK(world.stand(sequence) == "1 0 0 0");
  CHECK(world.messages(sequence, State::delivered, Way::webhook) == 1);
  REQUIRE(world.said.size() == 1);
  CHECK(world.said[0].sequence == sequence);
  CHECK(world.said[0].organisation == "org");
  CHECK(world.said[0].answer == "safe");
  world.advance(1h);
  CHECK(world.sms().seen.empty());
}

TEST_CASE("each gateway says how it is") {
  OutboxWorld world({Way::sms});
  std::vector<engine::GatewayState> states;
  world.outbox->gateways([&](auto all) { states = std::move(all); });
  world.settle();
  REQUIRE(states.size() == 1);
  CHECK(states[0].name == "main");
}
