#include "connectors/sms/part_tally.hpp"

#include <doctest/doctest.h>

#include "connectors/sms/limits.hpp"

using namespace connectors::sms;
using engine::Fate;

namespace {

/// A text of so many parts that are all on their way.
PartTally on_its_way(std::size_t parts) {
  PartTally tally(parts);
  for (std::size_t part = 0; part < parts; ++part) {
    REQUIRE(tally.next() == part);
    tally.submitted(part);
  }
  REQUIRE_FALSE(tally.next());
  REQUIRE_FALSE(tally.complete());
  return tally;
}

}  // namespace

TEST_CASE("a text is sent when all its parts are, with the name of each") {
  PartTally tally = on_its_way(2);
  tally.sent(1, "b");
  CHECK_FALSE(tally.complete());
  tally.sent(0, "a");
  REQUIRE(tally.complete());
  const auto attempted = tally.answer("main");
  CHECK(attempted.outcome == engine::Outcome{Fate::sent, false, {}, ""});
  CHECK_FALSE(attempted.uncertain);
  CHECK(attempted.gateway == "main");
  CHECK(attempted.parts == 2);
  REQUIRE(attempted.names.size() == 2);
  CHECK(attempted.names[0].name == "a");
  CHECK(attempted.names[0].part == 0);
  CHECK(attempted.names[1].name == "b");
  CHECK(attempted.names[1].part == 1);
}

TEST_CASE("a text goes the way of its worst part") {
  const auto outcome_of = [](auto first, auto second) {
    PartTally tally = on_its_way(2);
    first(tally, 0);
    second(tally, 1);
    return tally.answer("main");
  };
  const auto sent = [](PartTally& tally, std::size_t part) { tally.sent(part, "a"); };
  const auto recipient = [](PartTally& tally, std::size_t part) {
    tally.refused(part, status::destination, Verdict::recipient);
  };
  const auto message = [](PartTally& tally, std::size_t part) {
    tally.refused(part, 0x0A, Verdict::message);
  };
  const auto deferred = [](PartTally& tally, std::size_t part) {
    tally.deferred(part, status::throttled);
  };
  const auto uncertain = [](PartTally& tally, std::size_t part) { tally.uncertain(part); };

  auto attempted = outcome_of(sent, recipient);
  CHECK(attempted.outcome == engine::Outcome{Fate::permanent, true, {}, "ESME_RINVDSTADR"});
  CHECK(attempted.names.empty());
  attempted = outcome_of(uncertain, message);
  CHECK(attempted.outcome == engine::Outcome{Fate::permanent, false, {}, "ESME_RINVSRCADR"});
  CHECK_FALSE(attempted.uncertain);
  attempted = outcome_of(uncertain, deferred);
  CHECK(attempted.outcome == engine::Outcome{Fate::later, false, {}, "ESME_RTHROTTLED"});
  CHECK_FALSE(attempted.uncertain);
  attempted = outcome_of(sent, uncertain);
  CHECK(attempted.outcome.fate == Fate::later);
  CHECK(attempted.uncertain);
  CHECK(attempted.names.size() == 1);
}

TEST_CASE(
    "a text for which the centre was too busy is put off, and one half taken is tried again") {
  for (const auto status : {status::throttled, status::queue_full}) {
    PartTally tally = on_its_way(2);
    tally.deferred(0, status);
    tally.deferred(1, status);
    const auto attempted = tally.answer("main");
    CHECK(attempted.put_off);
    CHECK(attempted.outcome ==
          engine::Outcome{Fate::later, false, limits::kBackOffFirst, status_text(status)});
  }
  PartTally half = on_its_way(2);
  half.sent(0, "a");
  half.deferred(1, status::throttled);
  CHECK_FALSE(half.answer("main").put_off);
  PartTally broken = on_its_way(1);
  broken.deferred(0, status::system_error);
  CHECK_FALSE(broken.answer("main").put_off);
  PartTally unsent(1);
  unsent.give_up("No gateway is up.");
  CHECK_FALSE(unsent.answer("main").put_off);
}

TEST_CASE("a part that was uncertain and is answered before the others counts as answered") {
  PartTally tally = on_its_way(2);
  tally.uncertain(0);
  tally.sent(0, "a");
  tally.sent(1, "b");
  CHECK(tally.answer("main").outcome.fate == Fate::sent);
}

TEST_CASE("a text none of whose parts has left is untouched, and what came back goes again") {
  PartTally tally(2);
  CHECK(tally.untouched());
  tally.submitted(0);
  CHECK_FALSE(tally.untouched());
  tally.came_back(0);
  CHECK(tally.untouched());
  CHECK(tally.next() == 0);
  tally.submitted(0);
  tally.sent(0, "a");
  tally.give_up("gone");
  REQUIRE(tally.complete());
  CHECK(tally.answer("main").outcome == engine::Outcome{Fate::later, false, {}, "gone"});
}

TEST_CASE("a status that the specification does not name is told as its number") {
  CHECK(status_text(status::throttled) == "ESME_RTHROTTLED");
  CHECK(status_text(0x401) == "status 0x00000401");
}
