#include "connectors/nats/asking.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "connectors/nats/limits.hpp"
#include "tests/support/alert_builder.hpp"
#include "tests/support/engine_in_memory.hpp"

using namespace connectors::nats;

namespace {

/// An engine whose log answers when it is run, and whoever asks it.
struct World : tests::EngineInMemory {
  World() : EngineInMemory(10'000) {}
  ~World() { run(); }

  void run() {
    while (log->run()) {
    }
  }
  void ask(std::string reply, std::string body) {
    asking.ask({std::move(reply), std::move(body)}, [this](const std::string& subject, Reply said) {
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

  Asking asking{*engine};
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
