#include "engine/delivery/standing.hpp"

#include <doctest/doctest.h>

#include "engine/delivery/limits.hpp"
#include "engine/delivery/retry.hpp"
#include "engine/delivery/words.hpp"
#include "tests/support/manual_clock.hpp"

using namespace engine;
using namespace engine::delivery;
using namespace std::chrono_literals;

namespace {

const Time kNow = parse_time("2026-11-21T12:00:00Z").value();
const Terms kTerms{{1}, Way::sms, kNow + 1h, false};

Attempted attempted(Fate fate, std::string why = "") {
  Attempted one;
  one.outcome.fate = fate;
  one.outcome.why = std::move(why);
  return one;
}
Attempted uncertain() {
  Attempted one = attempted(Fate::later);
  one.uncertain = true;
  return one;
}
Report report(Report::Kind kind, std::string why = "") { return {kind, false, std::move(why)}; }

Standing sent(std::uint8_t parts = 1) {
  Attempted one = attempted(Fate::sent);
  one.names = {{"a", 0}};
  one.parts = parts;
  return after_attempt({}, kTerms, one, kNow);
}

}  // namespace

TEST_CASE("every state is a word a person can read") {
  CHECK(text(State::owed) == "owed");
  CHECK(text(State::expired) == "expired");
}

TEST_CASE("what the gateway took is sent and a report says that it has arrived") {
  CHECK(sent().state == State::sent);
  CHECK(sent().attempts == 1);
  const Standing arrived = after_report(sent(), report(Report::Kind::delivered), 0, kNow);
  CHECK(arrived.state == State::delivered);
  CHECK(after_report(arrived, report(Report::Kind::failed, "no"), 0, kNow) == arrived);
}

TEST_CASE("of several parts every one has to arrive") {
  Standing standing = sent(2);
  standing = after_report(standing, report(Report::Kind::delivered), 1, kNow);
  CHECK(standing.state == State::sent);
  standing = after_report(standing, report(Report::Kind::delivered), 1, kNow);
  CHECK(standing.state == State::sent);
  standing = after_report(standing, report(Report::Kind::delivered), 0, kNow);
  CHECK(standing.state == State::delivered);
  CHECK(after_report(sent(2), report(Report::Kind::delivered), {}, kNow).state == State::delivered);
}

TEST_CASE("one part that failed is a message that failed, in the gateway's words") {
  const Standing failed = after_report(sent(2), report(Report::Kind::failed, "UNDELIV"), 1, kNow);
  CHECK(failed.state == State::failed);
  CHECK(failed.words == "UNDELIV");
  CHECK_FALSE(may_have_arrived(failed));
}

TEST_CASE("a delay changes nothing but the words") {
  const Standing delayed = after_report(sent(), report(Report::Kind::delayed, "later"), 0, kNow);
  CHECK(delayed.state == State::sent);
  CHECK(delayed.words == "later");
}

TEST_CASE("whoever takes a webhook's request has it") {
  Terms terms = kTerms;
  terms.way = Way::webhook;
  CHECK(after_attempt({}, terms, attempted(Fate::sent), kNow).state == State::delivered);
  terms.way = Way::email;
  CHECK(after_attempt({}, terms, attempted(Fate::sent), kNow).state == State::sent);
}

TEST_CASE("what was not sent is tried again when retry.hpp says so") {
  const Standing later = after_attempt({}, kTerms, attempted(Fate::later, "busy"), kNow);
  CHECK(later.state == State::owed);
  CHECK(later.again == next_attempt(kTerms.id, 1, kNow, kTerms.expires, {}));
  CHECK_FALSE(may_have_arrived(later));
  CHECK(after_attempt({}, kTerms, attempted(Fate::permanent, "no such"), kNow).state ==
        State::failed);
}

TEST_CASE("what cannot be sent in time has expired and what was tried for a day has failed") {
  Terms terms = kTerms;
  terms.expires = kNow + 1s;
  CHECK(after_attempt({}, terms, attempted(Fate::later), kNow).state == State::expired);
  Standing often;
  often.attempts = kAttempts - 1;
  CHECK(after_attempt(often, kTerms, attempted(Fate::later), kNow).state == State::failed);
}

TEST_CASE("what was put off keeps its attempts and comes again soon, unless the alert is over") {
  Attempted crowd = attempted(Fate::later, "others are before it");
  crowd.put_off = true;
  crowd.outcome.not_before = 5s;
  Standing often;
  often.attempts = kAttempts - 1;
  const Standing waits = after_attempt(often, kTerms, crowd, kNow);
  CHECK(waits.state == State::owed);
  CHECK(waits.attempts == often.attempts);
  CHECK(waits.words == "others are before it");
  CHECK(waits.again == next_turn(kTerms.id, often.attempts, kNow, kTerms.expires, 5s));
  Terms terms = kTerms;
  terms.expires = kNow + 5s;
  CHECK(after_attempt({}, terms, crowd, kNow).state == State::expired);
  terms.ended = true;
  CHECK(after_attempt({}, terms, crowd, kNow).state == State::replaced);
  CHECK(after_attempt(sent(), kTerms, crowd, kNow) == sent());
}

TEST_CASE("of an alert that was replaced meanwhile nothing is tried again") {
  Terms terms = kTerms;
  terms.ended = true;
  CHECK(after_attempt({}, terms, attempted(Fate::later), kNow).state == State::replaced);
  CHECK(after_attempt({}, terms, attempted(Fate::sent), kNow).state == State::sent);
  CHECK(after_end({}, kNow).state == State::replaced);
  CHECK(after_end(sent(), kNow) == sent());
  CHECK(after_expiry({}, kNow).state == State::expired);
  CHECK(after_expiry(sent(), kNow) == sent());
}

TEST_CASE("what nobody answered may have arrived until a report says otherwise") {
  const Standing lost = after_attempt({}, kTerms, uncertain(), kNow);
  CHECK(lost.state == State::owed);
  CHECK(may_have_arrived(lost));
  CHECK(after_report(lost, report(Report::Kind::delivered), 0, kNow).state == State::delivered);
  const Standing known = after_report(lost, report(Report::Kind::failed), 0, kNow);
  CHECK(known.state == State::owed);
  CHECK_FALSE(may_have_arrived(known));
  CHECK(after_report(lost, {Report::Kind::failed, true, ""}, 0, kNow).state == State::failed);
  CHECK(may_have_arrived(after_end(lost, kNow)));
}

TEST_CASE("what nobody answered may have arrived though an attempt after it failed") {
  const Standing lost = after_attempt({}, kTerms, uncertain(), kNow);
  const Standing refused = after_attempt(lost, kTerms, attempted(Fate::permanent, "no"), kNow);
  CHECK(refused.state == State::failed);
  CHECK(may_have_arrived(refused));
  const Standing again = after_attempt(lost, kTerms, attempted(Fate::sent), kNow);
  CHECK(may_have_arrived(after_report(again, report(Report::Kind::failed), 0, kNow)));
  CHECK_FALSE(may_have_arrived(after_report(again, {Report::Kind::failed, true, ""}, 0, kNow)));
}

TEST_CASE("a crash counts as an attempt that nobody answered") {
  const Standing crashed = after_crash({}, kNow);
  CHECK(crashed.attempts == 1);
  CHECK(crashed.state == State::owed);
  CHECK(may_have_arrived(crashed));
}

TEST_CASE("a report that was faster than the answer stands") {
  Standing arrived = after_report({}, report(Report::Kind::delivered), {}, kNow);
  CHECK(arrived.state == State::delivered);
  arrived = after_attempt(arrived, kTerms, attempted(Fate::later), kNow);
  CHECK(arrived.state == State::delivered);
  CHECK(arrived.attempts == 1);
}

TEST_CASE("words are kept without whom they are about") {
  CHECK(kept_words("550 5.1.1 <ann@example.org>: no such user") == "550 5.1.1 … no such user");
  CHECK(kept_words("number +447700900123 barred") == "number … barred");
  CHECK(kept_words("to +44 7700 900123: barred") == "to …: barred");
  CHECK(kept_words("id:0123456789 sub:001 err:045") == "id:… sub:001 err:045");
  CHECK(kept_words("020 7946 0018 and 07700-900-123") == "… and …");
  CHECK(kept_words("https://example.org/x?y said 500") == "… said 500");
  CHECK(kept_words("two\r\nlines\tand\x01 one") == "two lines and one");
  CHECK(kept_words("") == "");
}

TEST_CASE("kWordsBytes of a sentence are kept and nothing is cut within a character") {
  CHECK(kept_words(std::string(limits::kWordsBytes, 'a')).size() == limits::kWordsBytes);
  CHECK(kept_words(std::string(limits::kWordsBytes + 1, 'a')).size() == limits::kWordsBytes);
  CHECK(cut_to("aé", 2) == "a");
  CHECK(cut_to("aé", 3) == "aé");
}
