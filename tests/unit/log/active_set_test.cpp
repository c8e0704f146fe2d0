// What is active, as readers see it, while time goes on, stands still and goes back.
#include "engine/log/active_set.hpp"

#include "engine/log/tables.hpp"
#include "tests/unit/log/log_fixture.hpp"

using engine::LogTable;
using namespace tests;

namespace {

Draft until(std::string_view expires, Draft draft) {
  draft.expires = time(expires);
  return draft;
}

/// The set itself, without the readers' look at the time of each alert.
struct BareSet {
  BareSet() { REQUIRE(set.load(*store).has_value()); }

  void enter(std::uint64_t sequence, std::string_view expires) {
    auto change = store->change();
    set.enter(change, Sequence{sequence}, time(expires));
    commit(std::move(change));
  }
  void advance(std::string_view now, std::size_t steps_max = 100) {
    auto change = store->change();
    reached = set.advance(change, time(now), steps_max).value();
    if (!change.empty()) commit(std::move(change));
  }
  void commit(engine::Store::Change change) {
    REQUIRE(store->commit(std::move(change), engine::Durability::lazy) ==
            engine::Store::Commit::done);
  }
  std::string inside() const {
    std::string sequences;
    const auto visit = [&](engine::BytesView key, engine::BytesView) {
      sequences += std::to_string(number(*engine::parse_sequence_key(key)));
      return true;
    };
    REQUIRE(store->scan(LogTable::active, "", "\xff", visit).has_value());
    return sequences;
  }

  std::unique_ptr<engine::Store> store =
      engine::Store::open({.directory = "/set",
                           .tables = LogTable::kNames,
                           .medium = engine::StoreOptions::Medium::memory})
          .value();
  engine::ActiveSet set;
  bool reached = false;
};

}  // namespace

TEST_CASE("What expires before all that was there leaves in its turn") {
  BareSet bare;
  bare.enter(1, "2026-11-21T15:00:00Z");
  bare.advance("2026-11-21T12:00:00Z");
  bare.enter(2, "2026-11-21T13:00:00Z");
  bare.enter(3, "2026-11-21T14:00:00Z");
  bare.advance("2026-11-21T12:59:59.999Z");
  CHECK(bare.inside() == "123");
  bare.advance("2026-11-21T13:00:00Z");
  CHECK(bare.inside() == "13");
  bare.advance("2026-11-21T14:00:00Z");
  CHECK(bare.inside() == "1");
  bare.advance("2026-11-21T15:00:00Z");
  CHECK(bare.inside().empty());
  bare.enter(4, "2026-11-21T15:00:00.002Z");
  CHECK(bare.inside() == "4");
  bare.advance("2026-11-21T15:00:00.002Z");
  CHECK(bare.inside().empty());
}

TEST_CASE("What came back with the clock leaves again when its time comes") {
  BareSet bare;
  bare.enter(1, "2026-11-21T13:00:00Z");
  bare.enter(2, "2026-11-21T14:00:00Z");
  bare.enter(3, "2026-11-21T20:00:00Z");
  bare.advance("2026-11-21T15:00:00Z");
  CHECK(bare.inside() == "3");
  bare.advance("2026-11-21T12:00:00Z");
  CHECK(bare.inside() == "123");
  bare.advance("2026-11-21T13:30:00Z");
  CHECK(bare.inside() == "23");
  bare.advance("2026-11-21T14:00:00Z");
  CHECK(bare.inside() == "3");
}

TEST_CASE("Many that expire together leave a few at a time, and none is forgotten") {
  BareSet bare;
  for (std::uint64_t i = 1; i <= 5; ++i) bare.enter(i, "2026-11-21T13:00:00Z");
  bare.enter(6, "2026-11-21T14:00:00Z");
  const char* const left[] = {"3456", "56", "6"};
  for (const char* expected : left) {
    bare.advance("2026-11-21T13:00:00Z", 2);
    CHECK(bare.inside() == expected);
  }
  CHECK(bare.reached);
}

TEST_CASE("An alert is active until the moment it expires") {
  QuietLog quiet;
  quiet.append(until("2026-11-21T13:00:00Z", alert("A")));
  quiet.append(until("2026-11-21T14:00:00Z", alert("B")));
  CHECK(names(quiet.active()) == "A B");
  quiet.clock.set(time("2026-11-21T12:59:59.999Z"));
  CHECK(names(quiet.active()) == "A B");
  quiet.clock.set(time("2026-11-21T13:00:00Z"));
  CHECK(names(quiet.active()) == "B");
}

TEST_CASE("An Update takes the place of the alerts it names") {
  QuietLog quiet;
  quiet.append_together({alert("A"), alert("B"), alert("other")});
  quiet.append(update("U", {alert("A").identity(), alert("B").identity()}));
  CHECK(names(quiet.active()) == "other U");
  quiet.append(update("V", {alert("A").identity(), alert("U").identity()}));
  CHECK(names(quiet.active()) == "other V");
}

TEST_CASE("An Update may name an alert that was replaced already") {
  QuietLog quiet;
  quiet.append_together(
      {alert("A"), update("U", {alert("A").identity()}), update("V", {alert("A").identity()})});
  CHECK(names(quiet.active()) == "U V");
}

TEST_CASE("An alert that comes after its Update is logged and not active") {
  QuietLog quiet;
  quiet.append(update("U", {alert("A").identity()}));
  CHECK(text(quiet.append(alert("A"))) == "2");
  CHECK(names(quiet.active()) == "U");
}

TEST_CASE("A cancelled Update does not bring back what it replaced") {
  QuietLog quiet;
  quiet.append_together({alert("A"), update("U", {alert("A").identity()})});
  quiet.append(cancel("C", {alert("U").identity()}));
  CHECK(names(quiet.active()) == "C");
}

TEST_CASE("A Cancel is active as long as the last alert it names would have been") {
  QuietLog quiet;
  quiet.append_together(
      {until("2026-11-21T13:00:00Z", alert("A")), until("2026-11-21T14:00:00Z", alert("B"))});
  // The Cancel's own expiry does not count.
  quiet.append(
      until("2026-11-21T23:00:00Z", cancel("C", {alert("B").identity(), alert("A").identity()})));
  CHECK(names(quiet.active()) == "C");
  quiet.clock.set(time("2026-11-21T13:59:59Z"));
  CHECK(names(quiet.active()) == "C");
  quiet.clock.set(time("2026-11-21T14:00:00Z"));
  CHECK(names(quiet.active()).empty());
}

TEST_CASE("A Cancel cannot be cancelled away") {
  QuietLog quiet;
  quiet.append_together({alert("A"), cancel("C", {alert("A").identity()})});
  quiet.append(cancel("D", {cancel("C", {}).identity()}));
  quiet.append(update("U", {cancel("C", {}).identity()}));
  CHECK(names(quiet.active()) == "C U");
}

TEST_CASE("Once cancelled stays cancelled whatever comes later") {
  QuietLog quiet;
  quiet.append(cancel("C", {alert("A").identity()}));
  quiet.append(update("U", {alert("A").identity()}));
  CHECK(text(quiet.append(alert("A"))) == "already_cancelled");
}

TEST_CASE("A page of the active ones is bounded and says where it ends") {
  QuietLog quiet;
  for (const char* name : {"A", "B", "C", "D", "E", "F"}) quiet.append(alert(name));
  quiet.append(update("U", {alert("B").identity(), alert("E").identity()}));
  struct Row {
    std::uint64_t until;
    std::uint64_t after;
    PageLimit limit;
    const char* page;
    std::uint64_t through;
    bool end;
  };
  const std::size_t each = octets_of(alert("A"));
  const Row rows[] = {
      {99, 0, {}, "A C D F U", 7, true},
      {6, 0, {}, "A C D F", 6, true},
      {5, 0, {}, "A C D", 5, true},
      {99, 3, {}, "D F U", 7, true},
      {99, 0, {.records = 2}, "A C", 3, false},
      {99, 3, {.records = 3}, "D F U", 7, true},
      {99, 0, {.records = 0}, "A", 1, false},
      {99, 0, {.bytes = 2 * each}, "A C", 3, false},
      {3, 3, {}, "", 3, true},
      {2, 5, {}, "", 5, true},
      {99, 7, {}, "", 7, true},
      {0, 0, {}, "", 0, true},
  };
  for (const Row& row : rows) {
    const Page page = quiet.active_until(Sequence{row.until}, Sequence{row.after}, row.limit);
    CAPTURE(row.until);
    CAPTURE(row.after);
    CHECK(names(page) == row.page);
    CHECK(page.through == Sequence{row.through});
    CHECK(page.end == row.end);
  }
}

TEST_CASE("A clock that was ahead for a while loses no active alert") {
  QuietLog quiet(LogOptions::Medium::disk);
  quiet.append_together({alert("A"), alert("B"), alert("C")});
  quiet.append(until("2026-11-23T00:00:00Z", alert("long")));
  quiet.clock.advance(24h);
  // Makes the log look after what has expired.
  quiet.append(until("2026-11-23T00:00:00Z", cancel("X", {alert("B").identity()})));
  CHECK(names(quiet.active()) == "long");
  quiet.append(until("2026-11-23T00:00:00Z", alert("D")));
  quiet.reopen();
  quiet.clock.advance(-24h);
  quiet.append(alert("E"));
  CHECK(names(quiet.active()) == "A C long X D E");
}

TEST_CASE("Many that expired do not hide the few that are active") {
  QuietLog quiet;
  for (int i = 0; i < 40; ++i) {
    quiet.append(until(i % 10 == 0 ? "2026-11-22T00:00:00Z" : "2026-11-21T13:00:00Z",
                       alert(std::to_string(i))));
  }
  quiet.clock.advance(2h);
  CHECK(names(quiet.active()) == "0 10 20 30");
  quiet.append(until("2026-11-22T00:00:00Z", alert("next")));
  CHECK(names(quiet.active()) == "0 10 20 30 next");
}
