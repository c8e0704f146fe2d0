#include "engine/receipts.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <future>
#include <thread>

#include "engine/limits.hpp"
#include "engine/receipts/ledger.hpp"
#include "engine/store/trial.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/scales.hpp"
#include "tests/support/temp_dir.hpp"

using namespace engine;
using tests::kPlenty;
using tests::Scales;
using State = Receipt::State;

namespace {

constexpr Sequence kFirst{1}, kSecond{2};

struct World {
  World() { open(); }
  void open(ReceiptsOptions::Threads threads = ReceiptsOptions::Threads::none,
            std::shared_ptr<const StoreTrial> trial = nullptr) {
    receipts.reset();
    ReceiptsOptions options;
    options.directory = folder.path() / "receipts";
    options.threads = threads;
    options.trial = std::move(trial);
    options.knows = [this](std::string_view organisation) { return erased != organisation; };
    options.acknowledged = [this](Sequence sequence, std::string_view organisation) {
      CHECK(receipts->has_acknowledged(sequence, organisation));
      heard.push_back(std::to_string(number(sequence)) + " " + std::string(organisation));
    };
    receipts = std::move(Receipts::open(options, clock).value());
  }
  void run() {
    while (receipts->run()) {
    }
  }
  ReachCounts reach(Sequence sequence) {
    std::optional<ReachCounts> counts;
    receipts->reach(sequence, [&](Result<ReachCounts> found) { counts = found.value(); });
    run();
    return counts.value();
  }
  Sequence position(std::string_view organisation) {
    std::optional<Sequence> position;
    receipts->position(organisation, [&](Result<Sequence> found) { position = found.value(); });
    run();
    return position.value();
  }
  bool take(Receipt receipt) {
    std::optional<bool> taken;
    receipts->take({std::move(receipt)}, [&](Result<void> done) { taken = done.has_value(); });
    run();
    return taken.value();
  }
  /// Whether some file of the folder holds these octets.
  bool holds(std::string_view octets) const {
    for (const auto& entry : std::filesystem::directory_iterator(folder.path() / "receipts")) {
      std::ifstream stream(entry.path(), std::ios::binary);
      const std::string text{std::istreambuf_iterator<char>(stream), {}};
      if (text.find(octets) != std::string::npos) return true;
    }
    return false;
  }
  tests::ManualClock clock;
  tests::TempDir folder;
  std::string erased;              // an organisation that is none any more
  std::vector<std::string> heard;  // who acknowledged what
  std::unique_ptr<Receipts> receipts;
};

}  // namespace

TEST_CASE("organisations are counted once and anonymous readers as often as they say it") {
  World world;
  world.receipts->delivered({{kFirst, "", 15'000}, {kFirst, "acme", 3}, {kFirst, "other", 1}});
  world.receipts->delivered({{kFirst, "acme", 1}, {kSecond, "acme", 1}});
  for (int i = 0; i < 2; ++i) {
    world.receipts->take({kFirst, State::displayed, "", ""});
    world.receipts->take({kFirst, State::displayed, "", "acme"});
    world.receipts->take({kFirst, State::acknowledged, "we are safe", "acme"});
  }
  world.receipts->take({kFirst, State::acknowledged, "gone home", ""});
  const ReachCounts counts = world.reach(kFirst);
  CHECK(counts.organisations == ReachCount{2, 1, 1, 1});
  CHECK(counts.anonymous == ReachCount{15'000, 2, 1, 1});
  CHECK(world.reach(kSecond).organisations == ReachCount{1, 0, 0, 0});
  CHECK(world.reach(Sequence{3}) == ReachCounts{});
}

TEST_CASE("whoever waits for an acknowledgement hears of it once it is written") {
  World world;
  world.receipts->take({kFirst, State::displayed, "", "acme"});
  world.receipts->take({kFirst, State::acknowledged, "", ""});
  world.run();
  CHECK(world.heard.empty());
  CHECK_FALSE(world.receipts->has_acknowledged(kFirst, "acme"));
  world.receipts->take({kFirst, State::acknowledged, "safe", "acme"});
  CHECK(world.heard.empty());
  world.run();
  CHECK(world.heard == std::vector<std::string>{"1 acme"});
  CHECK_FALSE(world.receipts->has_acknowledged(kSecond, "acme"));
  CHECK_FALSE(world.receipts->has_acknowledged(kFirst, "other"));
  world.open();
  CHECK(world.receipts->has_acknowledged(kFirst, "acme"));
}

TEST_CASE("organisations stay counted once over batches and restarts") {
  World world;
  for (int i = 0; i < 3; ++i) {
    CHECK(world.take({kFirst, State::acknowledged, "yes", "acme"}));
    CHECK(world.take({kFirst, State::acknowledged, "no", "acme"}));
    CHECK(world.take({kFirst, State::displayed, "", ""}));
    world.open();
  }
  CHECK(world.reach(kFirst).organisations == ReachCount{0, 0, 1, 1});
  CHECK(world.reach(kFirst).anonymous == ReachCount{0, 3, 0, 0});
}

TEST_CASE("what organisations answered is listed a page at a time, each its newest answer") {
  World world;
  const auto page = [&](Sequence sequence, std::string cursor, std::size_t most) {
    GivenAnswers found;
    world.receipts->answers(sequence, std::move(cursor), most,
                            [&](Result<GivenAnswers> done) { found = std::move(done.value()); });
    world.run();
    std::string text;
    for (const auto& [key, answer] : found.given) text += key + "=" + answer + " ";
    return text + (found.end ? "end" : "on from " + found.cursor);
  };
  CHECK(page(kFirst, "", 10) == "end");
  for (const char* key : {"a", "aa", "b", "c"}) {
    CHECK(world.take({kFirst, State::acknowledged, std::string("safe ") + key, key}));
  }
  CHECK(world.take({kFirst, State::acknowledged, "need help", "c"}));
  CHECK(world.take({kFirst, State::displayed, "", "c"}));  // says nothing new
  CHECK(world.take({kFirst, State::acknowledged, "", "b2"}));
  CHECK(world.take({kSecond, State::acknowledged, "safe", "d"}));
  CHECK(world.take({kFirst, State::acknowledged, "safe", ""}));  // nobody knows whose
  CHECK(page(kFirst, "", 5) == "a=safe a aa=safe aa b=safe b c=need help end");
  CHECK(page(kFirst, "", 4) == "a=safe a aa=safe aa b=safe b on from b2");
  CHECK(page(kFirst, "b2", 4) == "c=need help end");
  CHECK(page(kFirst, "a", 1) == "aa=safe aa on from aa");
  CHECK(page(kFirst, "c", 1) == "end");
  CHECK(page(kSecond, "", 1) == "d=safe end");
}

TEST_CASE("what one organisation said of bulletins is told a page at a time, and nobody else's") {
  World world;
  const auto page = [&](std::string_view key, Sequence after, std::size_t most) {
    OrganisationSaid found;
    world.receipts->said_by(key, after, most,
                            [&](Result<OrganisationSaid> done) { found = done.value(); });
    world.run();
    std::string text;
    for (const auto& one : found.said) {
      text += std::to_string(number(one.sequence)) + (one.connected ? "c" : "") +
              (one.displayed ? "d" : "") + (one.acknowledged ? "a" : "") + "=" + one.answer + " ";
    }
    return text + (found.end ? "end" : "on from " + std::to_string(number(found.cursor)));
  };
  CHECK(page("acme", Sequence::none, 10) == "end");
  world.receipts->delivered({{Sequence{1}, "acme", 2}, {Sequence{2}, "", 7}});
  CHECK(world.take({Sequence{1}, State::acknowledged, "safe", "acme"}));
  CHECK(world.take({Sequence{1}, State::acknowledged, "need help", "acme"}));
  CHECK(world.take({Sequence{1}, State::displayed, "", "acme-two"}));
  CHECK(world.take({Sequence{3}, State::displayed, "", "acme"}));
  CHECK(page("acme", Sequence::none, 10) == "1ca=need help 3d= end");
  CHECK(page("acme", Sequence::none, 2) == "1ca=need help on from 2");
  CHECK(page("acme", Sequence{2}, 2) == "3d= end");
  CHECK(page("acme-two", Sequence::none, 10) == "1d= end");
  CHECK(page("acme", Sequence{3}, 10) == "end");
}

TEST_CASE("who settled how far only ever grows") {
  World world;
  world.receipts->settled(Sequence{7}, "acme");
  world.receipts->settled(Sequence{5}, "acme");
  CHECK(world.position("acme") == Sequence{7});
  CHECK(world.position("other") == Sequence::none);
  world.open();
  world.receipts->settled(Sequence{6}, "acme");
  CHECK(world.position("acme") == Sequence{7});
}

TEST_CASE("of an organisation that is forgotten a number remains and nobody inherits the rest") {
  World world;
  world.receipts->settled(kSecond, "acme");
  CHECK(world.take({kFirst, State::acknowledged, "we are safe", "acme"}));
  CHECK(world.take({kFirst, State::acknowledged, "", "acme-2"}));
  world.receipts->take({kSecond, State::displayed, "", "acme"});  // in the same batch
  Result<void> forgotten = Failure{"no answer"};
  world.receipts->forget("acme", [&](Result<void> done) { forgotten = done; });
  while (world.receipts->run()) {
  }
  REQUIRE(forgotten.has_value());
  world.open();
  CHECK(world.position("acme") == Sequence::none);
  CHECK(world.reach(kFirst).organisations == ReachCount{0, 0, 2, 1});
  // Another of that key speaks for the first time; its neighbour has spoken before.
  CHECK(world.take({kFirst, State::acknowledged, "", "acme"}));
  CHECK(world.take({kSecond, State::displayed, "", "acme"}));
  CHECK(world.take({kFirst, State::acknowledged, "", "acme-2"}));
  CHECK(world.reach(kFirst).organisations == ReachCount{0, 0, 3, 1});
  CHECK(world.reach(kSecond).organisations == ReachCount{0, 2, 0, 0});
}

TEST_CASE("whoever is forgotten is found among many others of many alerts, and nobody else is") {
  World world;
  const auto key = [](std::size_t i) { return "org" + std::to_string(1000 + i); };
  constexpr std::size_t kOrganisations = 200;
  for (const Sequence sequence : {Sequence{1}, Sequence{2}, Sequence{3}}) {
    for (std::size_t i = 0; i < kOrganisations; ++i) {
      world.receipts->take({sequence, State::displayed, "", key(i)});
    }
    world.run();
  }
  world.receipts->take({Sequence{7}, State::displayed, "", key(0)});
  world.run();
  for (const std::size_t gone : {0U, 63U, 64U, 65U, 130U, 199U}) {
    std::optional<bool> forgotten;
    world.receipts->forget(key(gone), [&](Result<void> done) { forgotten = done.has_value(); });
    world.run();
    REQUIRE(forgotten == true);
    // Whoever was forgotten says it for the first time, and their neighbours for the second.
    for (const std::uint64_t sequence : {1U, 2U, 3U}) {
      const auto before = world.reach(Sequence{sequence}).organisations.displayed;
      for (const std::size_t i : {gone, (gone + 1) % kOrganisations}) {
        world.receipts->take({Sequence{sequence}, State::displayed, "", key(i)});
      }
      world.run();
      CHECK(world.reach(Sequence{sequence}).organisations.displayed == before + 1);
    }
  }
  CHECK(world.take({Sequence{7}, State::displayed, "", key(0)}));
  CHECK(world.reach(Sequence{7}).organisations.displayed == 2);
}

TEST_CASE("no file of the folder holds an answer of an organisation that is forgotten") {
  World world;
  CHECK(world.take({kFirst, State::acknowledged, "help: Zwyxq at the quay", "acme"}));
  world.open();  // written out
  CHECK(world.take({kFirst, State::acknowledged, "safe: Vrbtk has gone home", "acme"}));
  CHECK(world.take({kFirst, State::acknowledged, "safe: Kplmn stays", "other"}));
  CHECK((world.holds("Zwyxq") && world.holds("Vrbtk")));  // this search finds what is there
  world.receipts->take({kSecond, State::displayed, "safe: Jhgfw", "acme"});  // in its batch
  std::optional<bool> forgotten;
  world.receipts->forget("acme", [&](Result<void> done) { forgotten = done.has_value(); });
  world.run();
  CHECK(forgotten == true);
  for (const char* word : {"Zwyxq", "Vrbtk", "Jhgfw"}) CHECK_FALSE(world.holds(word));
  CHECK(world.holds("Kplmn"));
}

TEST_CASE("what a stop kept from being cleaned of answers is cleaned at the next start") {
  World world;
  CHECK(world.take({kFirst, State::acknowledged, "safe: Zwyxq", "acme"}));
  world.receipts.reset();
  {
    StoreOptions options;
    options.directory = world.folder.path() / "receipts";
    options.tables = ReceiptsTable::kNames;
    auto store = std::move(Store::open(options).value());
    auto change = store->change();
    change.erase(ReceiptsTable::organisations, std::string("\0\0\0\0\0\0\0\1acme", 12));
    change.put(ReceiptsTable::meta, "purge", "1");
    REQUIRE(store->commit(std::move(change), Durability::synced) == Store::Commit::done);
  }
  CHECK(world.holds("Zwyxq"));
  world.open();
  CHECK_FALSE(world.holds("Zwyxq"));
  world.receipts.reset();
  const auto store =
      Store::open({.directory = world.folder.path() / "receipts", .tables = ReceiptsTable::kNames});
  CHECK_FALSE(store.value()->get(ReceiptsTable::meta, "purge").value());
}

TEST_CASE("what an organisation says while it is erased is not kept for the next of its name") {
  World world;
  CHECK(world.take({kFirst, State::displayed, "", "acme"}));
  world.erased = "acme";
  Result<void> forgotten = Failure{"no answer"};
  world.receipts->forget("acme", [&](Result<void> done) { forgotten = done; });
  // Under way since before it was erased.
  world.receipts->settled(kSecond, "acme");
  world.receipts->delivered({{kSecond, "acme", 1}, {kSecond, "other", 1}});
  CHECK(world.take({kSecond, State::acknowledged, "we are safe", "acme"}));
  REQUIRE(forgotten.has_value());
  world.erased.clear();
  CHECK(world.position("acme") == Sequence::none);
  CHECK(world.reach(kSecond).organisations == ReachCount{1, 0, 0, 0});
  CHECK(world.take({kSecond, State::acknowledged, "", "acme"}));
  CHECK(world.reach(kSecond).organisations == ReachCount{1, 0, 1, 0});
}

TEST_CASE("a thread of its own writes what nobody waits for and says yes to those who do") {
  World world;
  world.open(ReceiptsOptions::Threads::own);
  for (int i = 0; i < 1000; ++i) world.receipts->delivered({{kFirst, "", 1}});
  world.receipts->stop();
  world.open();
  CHECK(world.reach(kFirst).anonymous.connected == 1000);
}

TEST_CASE("beyond limits::kReceiptsWaiting counts are dropped and counted as such") {
  World world;
  for (std::size_t i = 0; i < limits::kReceiptsWaiting; ++i) {
    world.receipts->take({kFirst, State::displayed, "", ""});
  }
  CHECK(world.receipts->state().waiting == limits::kReceiptsWaiting);
  CHECK(world.receipts->state().dropped == 0);
  world.receipts->take({kFirst, State::displayed, "", ""});
  world.receipts->settled(kFirst, "acme");
  CHECK(world.receipts->state().dropped == 2);
  std::optional<bool> taken, told;
  world.receipts->take({{kFirst, State::displayed, "", ""}},
                       [&](Result<void> done) { taken = done.has_value(); });
  world.receipts->reach(kFirst, [&](Result<ReachCounts> found) { told = found.has_value(); });
  CHECK(taken == false);
  CHECK(told == false);
  // One run is one write of at most limits::kReceiptsBatch.
  CHECK(world.receipts->run());
  CHECK(world.receipts->state().waiting == limits::kReceiptsWaiting - limits::kReceiptsBatch);
  CHECK(world.reach(kFirst).anonymous.displayed == limits::kReceiptsWaiting);
}

TEST_CASE("what one request says is taken together or not at all") {
  World world;
  const std::vector<Receipt> three{{kFirst, State::displayed, "", ""},
                                   {kFirst, State::acknowledged, "yes", ""},
                                   {kSecond, State::displayed, "", ""}};
  for (std::size_t i = 0; i < limits::kReceiptsWaiting - 1; ++i) {
    world.receipts->settled(kFirst, "acme");
  }
  std::string answers;
  const auto note = [&](Result<void> done) { answers += done ? "yes " : "no "; };
  world.receipts->take(three, note);  // the last place is enough for them
  world.receipts->take(three, note);
  CHECK(answers == "no ");
  world.run();
  CHECK(world.reach(kFirst).anonymous == ReachCount{0, 1, 1, 1});
  CHECK(world.reach(kSecond).anonymous.displayed == 1);
  CHECK(answers == "no yes ");
  CHECK(world.receipts->state().dropped == 0);

  const std::string answer(limits::kReceiptsWaitingBytes / 2, 'a');
  world.receipts->take({{kFirst, State::acknowledged, answer, ""}}, note);
  world.receipts->take({three[0], {kFirst, State::acknowledged, answer, ""}}, note);
  CHECK(world.reach(kFirst).anonymous == ReachCount{0, 1, 2, 2});
  CHECK(answers == "no yes no yes ");
}

TEST_CASE("what waits weighs at most limits::kReceiptsWaitingBytes") {
  World world;
  const std::string answer(1'000, 'a');
  std::size_t taken = 0;
  while (world.receipts->state().dropped == 0 && taken <= limits::kReceiptsWaiting) {
    world.receipts->take({kFirst, State::displayed, answer, ""});
    ++taken;
  }
  CHECK(taken < limits::kReceiptsWaiting);
  CHECK(taken * answer.size() <= limits::kReceiptsWaitingBytes + answer.size());
  constexpr std::size_t kBesides = 300;  // more than anything that waits weighs but its answer
  CHECK(taken * (answer.size() + kBesides) > limits::kReceiptsWaitingBytes);
}

TEST_CASE(
    "a thread with nothing to write looks every limits::kReceiptsPause whether there is room") {
  CHECK(limits::kReceiptsPause == std::chrono::milliseconds{250});
  World world;
  auto scales = std::make_shared<Scales>();
  world.open(ReceiptsOptions::Threads::own, std::make_shared<StoreTrial>(StoreTrial{scales}));
  scales->free_bytes = 0;
  std::promise<bool> taken;
  world.receipts->take({{kFirst, State::displayed, "", ""}},
                       [&taken](Result<void> done) { taken.set_value(done.has_value()); });
  CHECK_FALSE(taken.get_future().get());
  CHECK(world.receipts->state().full);
  // Nobody says anything more. A look may be late on a busy machine and is never early.
  constexpr std::uint64_t kLooks = 4, kQuestionsEach = 2;
  const auto began = std::chrono::steady_clock::now();
  scales->wait_for(kLooks * kQuestionsEach);
  CHECK(std::chrono::steady_clock::now() - began >= (kLooks - 1) * limits::kReceiptsPause);
  scales->free_bytes = kPlenty;
  while (world.receipts->state().full) std::this_thread::yield();
  CHECK(world.receipts->state().writable);
}

TEST_CASE("what comes after the end is dropped and counted") {
  World world;
  world.open(ReceiptsOptions::Threads::own);
  world.receipts->stop();
  world.receipts->take({kFirst, State::displayed, "", ""});
  CHECK(world.receipts->state().dropped == 1);
}
