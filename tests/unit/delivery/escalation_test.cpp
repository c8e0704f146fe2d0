#include "engine/delivery/escalation.hpp"

#include <doctest/doctest.h>

#include <set>

#include "engine/base/uk_time.hpp"

using namespace engine;
using namespace engine::delivery;
using cap::Severity;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

Time at(std::string_view text) { return parse_time(text).value(); }

const Time kStart = at("2026-11-22T12:00:00Z");
constexpr Hours kOffice{hours{9}, hours{17}};
constexpr Duration kMoment{1};

Contact phone(Hours when = {}) { return {.way = Way::sms, .consents = true, .hours = when}; }
Contact last_resort() { return {.way = Way::email, .consents = true, .fallback = true}; }

/// An organisation with two telephones and an e-mail as the last resort.
struct Story {
  Case one{.severity = Severity::severe,
           .since = kStart,
           .expires = kStart + hours{2},
           .acknowledged = false,
           .contacts = {last_resort(), phone(), phone()}};
  Rules rules;

  Plan at(Duration later) const { return plan(one, rules, kStart + later); }
  void tried(std::size_t place, Duration later) {
    one.contacts[place].reached = Reached::trying;
    one.contacts[place].since = kStart + later;
  }
  void came(std::size_t place, Reached reached) { one.contacts[place].reached = reached; }
};

}  // namespace

TEST_CASE("nobody is sent a message before there was time to acknowledge on the dashboard") {
  Story story;
  CHECK(story.at(seconds{0}).step == Step::wait_for_acknowledgement);
  const Plan early = story.at(seconds{30} - kMoment);
  CHECK(early.step == Step::wait_for_acknowledgement);
  CHECK_FALSE(early.contact);
  CHECK(early.look_again == kStart + seconds{30});
  const Plan due = story.at(seconds{30});
  CHECK(due.step == Step::first);
  CHECK(due.contact == 1);
  CHECK(due.look_again == kStart + seconds{90});
}

TEST_CASE("how long is waited depends on the severity and can be chosen") {
  struct Row {
    Severity severity;
    seconds acknowledged;
    seconds delivered;
  };
  for (const Row& row : {Row{Severity::extreme, seconds{30}, seconds{60}},
                         Row{Severity::unknown, seconds{30}, seconds{60}},
                         Row{Severity::severe, seconds{30}, seconds{60}},
                         Row{Severity::moderate, minutes{2}, minutes{5}},
                         Row{Severity::minor, minutes{10}, minutes{10}}}) {
    Story story;
    story.one.severity = row.severity;
    CHECK(story.at(row.acknowledged - kMoment).step == Step::wait_for_acknowledgement);
    CHECK(story.at(row.acknowledged).step == Step::first);
    CHECK(story.at(row.acknowledged).look_again == kStart + row.acknowledged + row.delivered);
  }
  Story story;
  story.rules.patience[2].acknowledged = seconds{0};
  CHECK(story.at(seconds{0}).step == Step::first);
}

TEST_CASE("what is not delivered within 60 s goes to the second contact, then to the fallback") {
  Story story;
  story.tried(1, seconds{30});
  CHECK(story.at(seconds{90} - kMoment).step == Step::wait_for_delivery);
  CHECK(story.at(seconds{90} - kMoment).look_again == kStart + seconds{90});
  const Plan second = story.at(seconds{90});
  CHECK(second.step == Step::another);
  CHECK(second.contact == 2);
  story.tried(2, seconds{90});
  CHECK(story.at(seconds{150} - kMoment).step == Step::wait_for_delivery);
  const Plan fallback = story.at(seconds{150});
  CHECK(fallback.step == Step::fallback);
  CHECK(fallback.contact == 0);
  story.tried(0, seconds{150});
  CHECK(story.at(seconds{210} - kMoment).step == Step::wait_for_delivery);
  const Plan end = story.at(seconds{210});
  CHECK(end.step == Step::nobody_left);
  CHECK_FALSE(end.look_again);
}

TEST_CASE("a failure is not waited for") {
  Story story;
  story.tried(1, seconds{30});
  story.came(1, Reached::failed);
  const Plan next = story.at(seconds{31});
  CHECK(next.step == Step::another);
  CHECK(next.contact == 2);
}

TEST_CASE("one message delivered or one acknowledgement ends it") {
  Story story;
  story.tried(1, seconds{30});
  story.came(1, Reached::delivered);
  CHECK(story.at(hours{1}).step == Step::delivered);
  CHECK_FALSE(story.at(hours{1}).look_again);
  Story other;
  other.one.acknowledged = true;
  CHECK(other.at(seconds{30}).step == Step::acknowledged);
  CHECK_FALSE(other.at(seconds{30}).contact);
}

TEST_CASE("nothing is sent when the alert is over and nobody looks again later") {
  Story story;
  story.one.expires = kStart + seconds{45};
  CHECK(story.at(seconds{45} - kMoment).step == Step::first);
  CHECK(story.at(seconds{45} - kMoment).look_again == kStart + seconds{45});
  CHECK(story.at(seconds{45}).step == Step::expired);
  CHECK_FALSE(story.at(seconds{45}).look_again);
  story.one.expires = kStart + seconds{20};
  CHECK(story.at(seconds{0}).look_again == kStart + seconds{20});
}

TEST_CASE("who did not consent or cannot be reached any more is passed over however severe") {
  Story story;
  story.one.severity = Severity::extreme;
  story.one.contacts[1].consents = false;
  CHECK(story.at(seconds{30}).contact == 2);
  CHECK(story.at(seconds{30}).step == Step::first);
  story.one.contacts[2].dead = true;
  CHECK(story.at(seconds{30}).step == Step::fallback);
  story.one.contacts[0].consents = false;
  CHECK(story.at(seconds{30}).step == Step::nobody_contactable);
  story.one.contacts.clear();
  CHECK(story.at(seconds{30}).step == Step::nobody_contactable);
}

TEST_CASE("hours are kept, and Extreme overrides them and so does Unknown") {
  Story story;
  story.one.since = at("2026-11-22T16:59:00Z");
  story.one.expires = story.one.since + hours{24};
  story.one.contacts = {phone(kOffice)};
  const auto on = [&](std::string_view time) { return plan(story.one, story.rules, at(time)); };
  CHECK(on("2026-11-22T16:59:59.999Z").step == Step::first);
  const Plan closed = on("2026-11-22T17:00:00Z");
  CHECK(closed.step == Step::wait_for_hours);
  CHECK(closed.look_again == at("2026-11-23T09:00:00Z"));
  CHECK(on("2026-11-23T08:59:59.999Z").step == Step::wait_for_hours);
  CHECK(on("2026-11-23T09:00:00Z").step == Step::first);
  for (const Severity severity : {Severity::extreme, Severity::unknown}) {
    story.one.severity = severity;
    CHECK(on("2026-11-22T17:00:00Z").step == Step::first);
  }
}

TEST_CASE("somebody who may be disturbed now comes before somebody who may be later") {
  Story story;
  story.one.since = at("2026-11-22T20:00:00Z");
  story.one.expires = story.one.since + hours{24};
  story.one.contacts = {phone(kOffice), phone()};
  const Plan now = plan(story.one, story.rules, at("2026-11-22T20:00:30Z"));
  CHECK(now.contact == 1);
  story.one.contacts[1].reached = Reached::failed;
  const Plan later = plan(story.one, story.rules, at("2026-11-22T20:00:31Z"));
  CHECK(later.step == Step::wait_for_hours);
  CHECK(later.look_again == at("2026-11-23T09:00:00Z"));
  story.one.expires = at("2026-11-23T09:00:00Z");
  CHECK(plan(story.one, story.rules, at("2026-11-22T20:00:31Z")).look_again == story.one.expires);
}

TEST_CASE("hours may cross midnight, and the same beginning and end are always") {
  constexpr Hours kNight{hours{22}, hours{6}};
  CHECK_FALSE(open_at(kNight, at("2026-11-22T21:59:59Z")));
  CHECK(open_at(kNight, at("2026-11-22T22:00:00Z")));
  CHECK(open_at(kNight, at("2026-11-23T05:59:59Z")));
  CHECK_FALSE(open_at(kNight, at("2026-11-23T06:00:00Z")));
  CHECK(open_at({hours{7}, hours{7}}, at("2026-11-22T03:00:00Z")));
  CHECK(open_at({}, at("2026-11-22T03:00:00Z")));
}

TEST_CASE("hours begin at the first minute that counts, also when the clocks change") {
  const Hours windows[] = {kOffice,
                           {hours{22}, hours{6}},
                           {minutes{90}, minutes{105}},  // what is left out in March
                           {minutes{30}, minutes{120}},
                           {minutes{23 * 60 + 30}, minutes{75}},
                           {minutes{0}, minutes{1}},
                           {minutes{1439}, minutes{0}}};
  for (const char* from : {"2026-03-27T22:00:00Z", "2026-10-23T22:00:00Z", "2026-07-01T00:00:00Z",
                           "2026-12-30T00:00:00Z"}) {
    for (const Hours& window : windows) {
      // From the end on, so that the minutes themselves say when the next opening is.
      const Time begin = at(from), end = begin + hours{120};
      std::optional<Time> opens;
      for (Time time = end; time >= begin; time -= minutes{1}) {
        if (open_at(window, time)) opens = time;
        if (!opens) continue;
        if (next_open(window, time) != *opens) {
          FAIL_CHECK(format_time(time) << ": " << format_time(next_open(window, time)) << " not "
                                       << format_time(*opens));
        }
      }
      CHECK(opens);
    }
  }
}

TEST_CASE("every step has a sentence of its own") {
  std::set<std::string_view> sentences;
  for (const Step step :
       {Step::first, Step::another, Step::fallback, Step::wait_for_acknowledgement,
        Step::wait_for_delivery, Step::wait_for_hours, Step::acknowledged, Step::delivered,
        Step::expired, Step::nobody_left, Step::nobody_contactable}) {
    CHECK(sentence(step).ends_with("."));
    sentences.insert(sentence(step));
  }
  CHECK(sentences.size() == 11);
}
