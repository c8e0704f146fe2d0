// Question 13 asked without appending: what a dry run hears.
#include "engine/log/precedents.hpp"
#include "tests/unit/log/log_fixture.hpp"

using namespace tests;
using engine::Foreseen;
using engine::Foresight;

namespace {

Foresight foresee(QuietLog& quiet, const Draft& draft) {
  engine::Result<Foresight> foresight = engine::Failure{"no answer"};
  quiet.log->foresee(draft.candidate().bulletin,
                     [&](auto answer) { foresight = std::move(answer); });
  quiet.run();
  return foresight.value();
}
std::string said(const Foresight& foresight) {
  if (const auto* refusal = std::get_if<Refusal>(&foresight)) {
    return std::string(engine::text(refusal->code));
  }
  const auto& foreseen = std::get<Foreseen>(foresight);
  if (foreseen.repeat) return "repeat of " + std::to_string(number(foreseen.repeat->sequence));
  return "new";
}

}  // namespace

TEST_CASE("What is foreseen is what an append would have answered") {
  QuietLog quiet;
  quiet.append(alert("A"));
  quiet.append(cancel("C", {alert("B").identity()}));
  Draft other = alert("A");
  other.words = "storm";
  CHECK(said(foresee(quiet, alert("N"))) == "new");
  CHECK(said(foresee(quiet, alert("A"))) == "repeat of 1");
  CHECK(said(foresee(quiet, other)) == "identity_conflict");
  CHECK(said(foresee(quiet, alert("B"))) == "already_cancelled");
  CHECK(said(foresee(quiet, cancel("D", {alert("A").identity()}))) == "new");
}

TEST_CASE("What is foreseen changes nothing") {
  QuietLog quiet;
  foresee(quiet, alert("A"));
  foresee(quiet, cancel("C", {alert("A").identity()}));
  CHECK(quiet.log->head() == Sequence::none);
  CHECK(quiet.follower.heard.empty());
  Draft one_an_hour = alert("A");
  one_an_hour.rate_per_hour = 1;
  CHECK(text(quiet.append(one_an_hour)) == "1");
}

TEST_CASE("What is foreseen reaches those whom the named alerts reached") {
  QuietLog quiet;
  quiet.append(alert("A"));
  const auto foresight = foresee(quiet, cancel("C", {alert("A").identity()}));
  const auto& reaches = std::get<Foreseen>(foresight).bulletin->outline.reaches;
  REQUIRE(reaches.size() == 1);
  CHECK(reaches.front().codes == std::vector<std::string>{"E09000033"});
  const auto unseen = foresee(quiet, cancel("C", {alert("B").identity()}));
  CHECK(std::get<Foreseen>(unseen).bulletin->outline.reaches.empty());
}

TEST_CASE("What is being written while it is asked for is no repeat yet and no fault") {
  const auto store = engine::Store::open({.directory = "/foresight",
                                          .tables = engine::LogTable::kNames,
                                          .medium = engine::StoreOptions::Medium::memory})
                         .value();
  const auto bulletin = alert("A").candidate().bulletin;
  auto change = store->change();
  change.put(engine::LogTable::ids, engine::view(bulletin->id),
             engine::standing_value({Sequence{5}, time("2026-11-21T12:00:00Z")}));
  change.put(engine::LogTable::identities, engine::identity_key(bulletin->outline.identity),
             engine::sequence_key(Sequence{5}));
  REQUIRE(store->commit(std::move(change), engine::Durability::synced) ==
          engine::Store::Commit::done);
  const auto unchanged = store->unchanged();
  const auto asked = [&](Sequence head) {
    return said(engine::Precedents(unchanged, head).foresee(bulletin).value());
  };
  CHECK(asked(Sequence{4}) == "new");
  CHECK(asked(Sequence{5}) == "repeat of 5");
  // The writer never takes it for a repeat: what a commit that failed has left is not promised.
  CHECK_FALSE(engine::Precedents(unchanged, Sequence{4}).repeat_of(*bulletin).has_value());
}

TEST_CASE("A log that has stopped foresees nothing") {
  QuietLog quiet;
  quiet.log->stop();
  engine::Result<Foresight> foresight = Foresight{};
  quiet.log->foresee(alert("A").candidate().bulletin,
                     [&](auto answer) { foresight = std::move(answer); });
  CHECK_FALSE(foresight.has_value());
}
