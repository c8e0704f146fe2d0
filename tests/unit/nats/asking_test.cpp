#include "connectors/nats/asking.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "connectors/nats/limits.hpp"
#include "engine/trust/signature.hpp"
#include "tests/support/alert_builder.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/rooms_in_memory.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/trust_builder.hpp"

using namespace connectors::nats;

namespace {

/// An engine whose log answers when it is run, and whoever asks it.
struct World {
  World() {
    REQUIRE(engine::trust::start_crypto());
    trust.sender().rate_per_hour(10'000).officer("Ann").officer("Ben");
    engine::LogOptions options;
    options.medium = engine::LogOptions::Medium::memory;
    options.threads = engine::LogOptions::Threads::none;
    options.directory = folder.path() / "log";
    log = std::move(engine::Log::open(options, clock).value());
    store = std::make_unique<engine::trust::TrustStore>(
        engine::trust::TrustStore::open(folder.path(), {}).value());
    store->take(trust.file()).value();
    directory = tests::directory_in_memory(clock);
    receipts = tests::receipts_in_memory(clock);
    engine = std::make_unique<engine::Engine>(
        engine::EngineOptions{}, engine::EngineParts{*log, *store, engine::Places::builtin(),
                                                     *directory, *receipts, clock, metrics});
    asking = std::make_unique<Asking>(*engine);
  }
  ~World() { run(); }

  void run() {
    while (log->run()) {
    }
  }
  void ask(std::string reply, std::string body) {
    asking->ask({std::move(reply), std::move(body)},
                [this](const std::string& subject, Reply said) {
                  subjects.push_back(subject);
                  statuses.push_back(said.headers.front().value);
                  bodies.push_back(said.body);
                });
  }
  std::string alert(int number) {
    return tests::AlertBuilder()
        .identifier(fmt::format("A-{}", number))
        .severity(engine::cap::Severity::minor)
        .signed_by({&trust.key("Ann"), &trust.key("Ben")});
  }

  tests::ManualClock clock;
  tests::TempDir folder;
  tests::TrustBuilder trust;
  engine::Metrics metrics;
  std::unique_ptr<engine::Log> log;
  std::unique_ptr<engine::trust::TrustStore> store;
  std::unique_ptr<engine::Directory> directory;
  std::unique_ptr<engine::Receipts> receipts;
  std::unique_ptr<engine::Engine> engine;
  std::unique_ptr<Asking> asking;
  std::vector<std::string> subjects, statuses, bodies;
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("an alert that is asked for is answered once it is durable and a repeat as the first") {
  World world;
  world.ask("_INBOX.a.1", world.alert(1));
  CHECK(world.statuses.empty());
  world.run();
  CHECK(world.statuses == Texts{"201"});
  CHECK(world.subjects == Texts{"_INBOX.a.1"});
  world.ask("_INBOX.a.2", world.alert(1));
  world.run();
  CHECK(world.statuses == Texts{"201", "200"});
  CHECK(world.bodies.front() == world.bodies.back());
  CHECK(number(world.log->head()) == 1);
}

TEST_CASE("an answer goes to an inbox or nowhere") {
  World world;
  for (const char* lured :
       {"orgs.bank-a.exercise.minor", "alerts.exercise", "_INBOX", "_INBOXES.a", "tocsin.ingest"}) {
    world.ask(lured, world.alert(1));
  }
  world.run();
  CHECK(world.subjects.empty());
  CHECK(number(world.log->head()) == 0);  // not looked at
  world.ask("", world.alert(2));
  world.run();
  CHECK(world.subjects.empty());
  CHECK(number(world.log->head()) == 1);  // nobody waits for the answer
}

TEST_CASE("kRequestsUnderWay requests are under way and one more is too_many") {
  World world;
  const int most = static_cast<int>(limits::kRequestsUnderWay);
  for (int i = 0; i < most; ++i) world.ask("_INBOX.a.1", world.alert(i));
  CHECK(world.statuses.empty());
  world.ask("_INBOX.a.2", world.alert(most));
  CHECK(world.statuses == Texts{"429"});
  CHECK(world.bodies.front().find("too_many") != std::string::npos);
  world.run();
  CHECK(world.statuses.size() == limits::kRequestsUnderWay + 1);
  CHECK(number(world.log->head()) == limits::kRequestsUnderWay);
  world.ask("_INBOX.a.3", world.alert(most));
  world.run();
  CHECK(world.statuses.back() == "201");
}
