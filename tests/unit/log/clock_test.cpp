// A clock that jumps, stands still or runs too fast, with and without a restart between: places
// count on, times never go back, what is active is what the clock says now, a rate makes nobody
// wait longer than its hour, and what was decided for good stays decided.
#include "tests/unit/log/log_fixture.hpp"

using namespace tests;

namespace {

constexpr engine::Duration kDay = 24h;
const engine::Duration kJumps[] = {2min, -2min, 1h, -1h, 400 * kDay, -400 * kDay};

enum class Between { nothing, a_restart };

/// A log whose clock is set to another time, and where it says so opened anew.
struct Jumping {
  explicit Jumping(Between what_is_between)
      : quiet(what_is_between == Between::a_restart ? LogOptions::Medium::disk
                                                    : LogOptions::Medium::memory),
        between(what_is_between) {}
  void jump(engine::Duration by) {
    quiet.clock.advance(by);
    if (between == Between::a_restart) quiet.reopen();
  }
  QuietLog quiet;
  Between between;
};

void for_each_jump(const std::function<void(Jumping&, engine::Duration)>& story) {
  for (const Between between : {Between::nothing, Between::a_restart}) {
    for (const engine::Duration by : kJumps) {
      CAPTURE(by.count());
      CAPTURE(static_cast<int>(between));
      Jumping jumping(between);
      story(jumping, by);
    }
  }
}

engine::Time at_of(const AppendAnswer& answer) { return std::get<Appended>(answer).at; }

Draft until(std::string_view expires, Draft draft) {
  draft.expires = time(expires);
  return draft;
}

Draft two_an_hour(std::string identifier) {
  Draft draft = alert(std::move(identifier));
  draft.rate_per_hour = 2;
  return draft;
}

int wait_of(const AppendAnswer& answer) {
  const auto* refusal = std::get_if<Refusal>(&answer);
  return refusal == nullptr ? 0 : refusal->retry_after_s;
}

}  // namespace

TEST_CASE("Wherever the clock jumps places count on and times never go back") {
  for_each_jump([](Jumping& jumping, engine::Duration by) {
    QuietLog& quiet = jumping.quiet;
    const engine::Time noon = quiet.clock.now();
    CHECK(at_of(quiet.append(alert("A"))) == noon);
    jumping.jump(by);
    const AppendAnswer second = quiet.append(alert("B"));
    CHECK(text(second) == "2");
    CHECK(at_of(second) == std::max(noon, noon + by));
    jumping.jump(-by);
    const AppendAnswer third = quiet.append(alert("C"));
    CHECK(text(third) == "3");
    CHECK(at_of(third) == at_of(second));
    CHECK(names(quiet.read(Sequence::none)) == "A B C");
  });
}

TEST_CASE("Wherever the clock jumps a repeat is a repeat and what was cancelled stays so") {
  for_each_jump([](Jumping& jumping, engine::Duration by) {
    QuietLog& quiet = jumping.quiet;
    const engine::Time noon = quiet.clock.now();
    quiet.append_together({alert("A"), alert("B"), cancel("C", {alert("B").identity()})});
    quiet.append(cancel("D", {alert("never came").identity()}));
    for (const engine::Duration there : {by, -by}) {
      jumping.jump(there);
      const AppendAnswer again = quiet.append(alert("A"));
      CHECK(text(again) == "repeat of 1");
      CHECK(at_of(again) == noon);
      CHECK(text(quiet.append(alert("never came"))) == "already_cancelled");
      Draft other = alert("A");
      other.words = "other words";
      CHECK(text(quiet.append(other)) == "identity_conflict");
    }
    CHECK(names(quiet.active()) == "A C");
  });
}

TEST_CASE("Wherever the clock jumps what is active is what has not expired by it") {
  for_each_jump([](Jumping& jumping, engine::Duration by) {
    QuietLog& quiet = jumping.quiet;
    quiet.append_together({until("2026-11-21T12:01:00Z", alert("minute")),
                           until("2026-11-21T12:30:00Z", alert("half_hour")),
                           until("2026-11-22T12:00:00Z", alert("day")),
                           until("2028-11-21T12:00:00Z", alert("years")),
                           cancel("stop", {alert("half_hour").identity()})});
    const std::string all = "minute day years stop";
    const std::string then = by < 0ms     ? all
                             : by <= 2min ? "day years stop"
                             : by <= 1h   ? "day years"
                                          : "years";
    CHECK(names(quiet.active()) == all);
    jumping.jump(by);
    CHECK(names(quiet.active()) == then);
    // The log looks after what has expired, and must not have forgotten it.
    quiet.append(until("2030-01-01T00:00:00Z", alert("later")));
    CHECK(names(quiet.active()) == then + " later");
    jumping.jump(-by);
    CHECK(names(quiet.active()) == all + " later");
  });
}

TEST_CASE("Wherever the clock jumps nobody waits longer than an hour and room is not doubled") {
  for_each_jump([](Jumping& jumping, engine::Duration by) {
    QuietLog& quiet = jumping.quiet;
    quiet.append_together({two_an_hour("A"), two_an_hour("B")});
    CHECK(wait_of(quiet.append(two_an_hour("C"))) == 3600);
    jumping.jump(by);
    const AppendAnswer answer = quiet.append(two_an_hour("D"));
    // An hour ahead and more is over; an hour back and more was another clock's time.
    const bool far = by >= 1h || by <= -1h;
    CHECK(text(answer) == (far ? "3" : "too_many"));
    if (!far) CHECK(wait_of(answer) == (by > 0ms ? 3600 - 120 : 3600));
    // Neither a Cancel nor an Extreme alert with two holders is ever asked.
    CHECK(text(quiet.append(cancel("E", {alert("A").identity()}))) == (far ? "4" : "3"));
    Draft extreme = two_an_hour("F");
    extreme.rate_exempt = true;
    CHECK(text(quiet.append(extreme)) == (far ? "5" : "4"));
    quiet.clock.advance(1h);
    CHECK(wait_of(quiet.append(two_an_hour("G"))) == 0);
  });
}

TEST_CASE("What a wrong clock spent does not come back when its time has come") {
  QuietLog quiet(LogOptions::Medium::disk);
  quiet.clock.advance(400 * kDay);
  quiet.append_together({two_an_hour("A"), two_an_hour("B")});
  quiet.clock.advance(-400 * kDay);
  quiet.reopen();
  CHECK(text(quiet.append(two_an_hour("C"))) == "3");
  quiet.reopen();
  quiet.clock.advance(400 * kDay);
  CHECK(texts(quiet.append_together({two_an_hour("D"), two_an_hour("E")})) == "4, 5");
}

TEST_CASE("While the clock stands still places count on and only rates end") {
  QuietLog quiet;
  const engine::Time noon = quiet.clock.now();
  for (int i = 1; i <= 100; ++i) {
    const AppendAnswer answer = quiet.append(alert(std::to_string(i)));
    REQUIRE(text(answer) == std::to_string(i));
    CHECK(at_of(answer) == noon);
  }
  Draft slow = alert("slow");
  slow.rate_per_hour = 100;
  CHECK(wait_of(quiet.append(slow)) == 3600);
  CHECK(text(quiet.append(cancel("stop", {alert("1").identity()}))) == "101");
  CHECK(quiet.active(Sequence::none, {.records = 200}).records.size() == 100);
}

TEST_CASE("While the clock runs too fast alerts end early by it and none is lost when it is set") {
  QuietLog quiet;
  std::string all;
  for (int i = 1; i <= 20; ++i) {
    quiet.append(two_an_hour("fast" + std::to_string(i)));
    all += (all.empty() ? "fast" : " fast") + std::to_string(i);
    quiet.clock.advance(kDay);
  }
  CHECK(quiet.log->head() == Sequence{20});
  CHECK(names(quiet.active()).empty());
  quiet.clock.advance(-20 * kDay);
  CHECK(names(quiet.active()) == all);
}
