// Questions 13 to 15, and what an Update or a Cancel does to what it names.
#include "engine/log/intake.hpp"

#include <algorithm>

#include "engine/log/record.hpp"
#include "engine/member.hpp"

#include "tests/unit/log/log_fixture.hpp"

using namespace tests;

namespace {

std::vector<std::string> reached(const Record& record) {
  std::vector<std::string> codes;
  for (const auto& reach : record.bulletin->outline.reaches) {
    codes.insert(codes.end(), reach.codes.begin(), reach.codes.end());
  }
  return codes;
}
using Codes = std::vector<std::string>;

Draft in(std::string code, Draft draft) {
  draft.codes = {std::move(code)};
  return draft;
}
Draft rated(int rate_per_hour, Draft draft) {
  draft.rate_per_hour = rate_per_hour;
  return draft;
}
Draft exempt(Draft draft) {
  draft.rate_exempt = true;
  return draft;
}
Draft saying(std::string words, Draft draft) {
  draft.words = std::move(words);
  return draft;
}

}  // namespace

TEST_CASE("The same bulletin keeps its place and time however often it comes") {
  QuietLog quiet;
  quiet.append(alert("A"));
  quiet.clock.advance(10min);
  const auto again = quiet.append(alert("A"));
  CHECK(text(again) == "repeat of 1");
  CHECK(std::get<Appended>(again).at == time("2026-11-21T12:00:00Z"));
  CHECK(quiet.log->head() == Sequence{1});
}

TEST_CASE("A repeat within one commit is a repeat") {
  QuietLog quiet;
  CHECK(texts(quiet.append_together({alert("A"), alert("A"), alert("B"), alert("A")})) ==
        "1, repeat of 1, 2, repeat of 1");
}

TEST_CASE("A repeat is answered before anything else is asked") {
  QuietLog quiet;
  quiet.append(rated(1, alert("A")));
  quiet.append(cancel("C", {alert("A").identity()}));
  CHECK(text(quiet.append(rated(0, alert("A")))) == "repeat of 1");
}

TEST_CASE("An identity is used once whatever the type of message") {
  QuietLog quiet;
  quiet.append(alert("A"));
  CHECK(text(quiet.append(saying("other", alert("A")))) == "identity_conflict");
  CHECK(text(quiet.append(saying("other", update("A", {})))) == "identity_conflict");
  CHECK(text(quiet.append(saying("other", cancel("A", {})))) == "identity_conflict");
  CHECK(text(quiet.append(saying("other", {.identifier = "A", .type = MsgType::ack}))) ==
        "identity_conflict");
  CHECK(quiet.log->head() == Sequence{1});
}

TEST_CASE("Two that conflict within one commit are decided as between two") {
  QuietLog quiet;
  CHECK(texts(quiet.append_together({alert("A"), saying("other", alert("A"))})) ==
        "1, identity_conflict");
}

TEST_CASE("Sender and time are parts of an identity") {
  QuietLog quiet;
  quiet.append(alert("A"));
  Draft elsewhere = alert("A");
  elsewhere.sender = "other@met.example";
  Draft later = saying("later", alert("A"));
  later.sent += 1s;
  CHECK(text(quiet.append(elsewhere)) == "2");
  CHECK(text(quiet.append(later)) == "3");
}

TEST_CASE("A Cancel that comes first keeps its alert out") {
  for (const auto medium : {LogOptions::Medium::memory, LogOptions::Medium::disk}) {
    QuietLog quiet(medium);
    CHECK(text(quiet.append(cancel("C", {alert("A").identity(), alert("U").identity()}))) == "1");
    CHECK(names(quiet.active()).empty());
    if (medium == LogOptions::Medium::disk) quiet.reopen();
    CHECK(text(quiet.append(alert("A"))) == "already_cancelled");
    CHECK(text(quiet.append(update("U", {}))) == "already_cancelled");
    CHECK(text(quiet.append(alert("B"))) == "2");
  }
}

TEST_CASE("A Cancel and its alert in one commit count in their order") {
  QuietLog quiet;
  CHECK(texts(quiet.append_together({cancel("C", {alert("A").identity()}), alert("A")})) ==
        "1, already_cancelled");
  CHECK(texts(quiet.append_together({alert("B"), cancel("D", {alert("B").identity()})})) == "2, 3");
  CHECK(names(quiet.active()) == "D");
}

TEST_CASE("A Cancel may itself be named without being refused") {
  QuietLog quiet;
  quiet.append(cancel("X", {cancel("C", {}).identity()}));
  CHECK(text(quiet.append(cancel("C", {alert("A").identity()}))) == "2");
  CHECK(text(quiet.append(alert("A"))) == "already_cancelled");
}

TEST_CASE("An Update reaches its own and those of the alerts it names") {
  QuietLog quiet;
  quiet.append(in("E09000033", alert("A")));
  quiet.append(in("E09000001", update("U", {alert("A").identity(), alert("missing").identity()})));
  CHECK(reached(*quiet.find(Sequence{2})) == Codes{"E09000001", "E09000033"});
  CHECK(reached(quiet.follower.heard[1]) == Codes{"E09000001", "E09000033"});
  CHECK(reached(*quiet.find(Sequence{1})) == Codes{"E09000033"});
}

TEST_CASE("A chain of Updates reaches everyone who was ever reached") {
  QuietLog quiet;
  quiet.append_together({in("E09000001", alert("A")),
                         in("E09000002", update("U", {alert("A").identity()})),
                         in("E09000003", update("V", {alert("U").identity()}))});
  quiet.append(cancel("C", {alert("V").identity()}));
  CHECK(reached(*quiet.find(Sequence{3})) == Codes{"E09000003", "E09000002", "E09000001"});
  CHECK(reached(*quiet.find(Sequence{4})) == Codes{"E09000003", "E09000002", "E09000001"});
}

TEST_CASE("A Cancel reaches exactly those whom the alerts it names reached") {
  QuietLog quiet;
  quiet.append(in("E09000001", alert("A")));
  quiet.append(in("E09000002", alert("B")));
  quiet.append(in("E09000003", alert("other")));
  quiet.append(cancel("C", {alert("B").identity(), alert("A").identity(), alert("B").identity()}));
  CHECK(reached(*quiet.find(Sequence{4})) == Codes{"E09000002", "E09000001"});
  quiet.append(cancel("D", {alert("missing").identity()}));
  CHECK(reached(*quiet.find(Sequence{5})).empty());
}

TEST_CASE("A Cancel goes to those who were told what it stops, whatever its own scope is") {
  using engine::cap::Scope;
  const auto scoped = [](Scope scope, Draft draft) {
    draft.scope = scope;
    return draft;
  };
  const auto scopes = [](const engine::Record& record) {
    std::vector<Scope> found;
    for (const auto& reach : record.bulletin->outline.reaches) {
      found.push_back(reach.audience.scope);
    }
    return found;
  };
  QuietLog quiet;
  quiet.append(in("E09000001", scoped(Scope::restricted, alert("A"))));
  quiet.append(in("E09000002", alert("B")));
  quiet.append(cancel("CA", {alert("A").identity()}));
  quiet.append(scoped(Scope::private_, cancel("CB", {alert("B").identity()})));
  quiet.append(cancel("C", {alert("A").identity(), alert("B").identity()}));
  const auto of_a = quiet.find(Sequence{3}).value();
  CHECK(scopes(of_a) == std::vector{Scope::restricted});
  CHECK(reached(of_a) == Codes{"E09000001"});
  CHECK_FALSE(engine::may_read(of_a.bulletin->outline, {}));
  const auto of_b = quiet.find(Sequence{4}).value();
  CHECK(scopes(of_b) == std::vector{Scope::public_});
  CHECK(engine::may_read(of_b.bulletin->outline, {}));
  const auto of_both = quiet.find(Sequence{5}).value();
  CHECK(scopes(of_both) == std::vector{Scope::restricted, Scope::public_});
}

TEST_CASE("An Update goes where those it replaces went, to those it is itself meant for") {
  using engine::cap::Scope;
  QuietLog quiet;
  quiet.append(in("E09000001", alert("A")));
  Draft narrower = in("E09000002", update("U", {alert("A").identity()}));
  narrower.scope = Scope::restricted;
  quiet.append(narrower);
  const auto record = quiet.find(Sequence{2}).value();
  CHECK(reached(record) == Codes{"E09000002", "E09000001"});
  CHECK_FALSE(engine::may_read(record.bulletin->outline, {}));
}

TEST_CASE("An Update replaces only what it is meant for all readers of") {
  using engine::cap::Scope;
  const auto meant_for = [](Scope scope, std::vector<std::string> names, Draft draft) {
    draft.scope = scope;
    draft.names = std::move(names);
    return draft;
  };
  const struct {
    Scope scope;
    std::vector<std::string> names;
    Scope updated_to;
    std::vector<std::string> updated_names;
    const char* active;
  } cases[] = {
      {Scope::public_, {}, Scope::public_, {}, "U"},
      {Scope::public_, {}, Scope::restricted, {"retail"}, "A U"},
      {Scope::restricted, {"retail"}, Scope::public_, {}, "U"},
      {Scope::restricted, {"retail"}, Scope::restricted, {"banks", "retail"}, "U"},
      {Scope::restricted, {"banks", "retail"}, Scope::restricted, {"retail"}, "A U"},
      {Scope::private_, {"acme"}, Scope::restricted, {"acme"}, "A U"},
  };
  for (const auto& each : cases) {
    QuietLog quiet;
    quiet.append(meant_for(each.scope, each.names, alert("A")));
    quiet.append(
        meant_for(each.updated_to, each.updated_names, update("U", {alert("A").identity()})));
    CHECK(names(quiet.active()) == each.active);
    quiet.append(cancel("C", {alert("A").identity()}));  // which asks for no scope
    CHECK(names(quiet.active()) == "U C");
  }
}

TEST_CASE("An Update replaces only what has its own status and reaches none of the others") {
  using engine::cap::Status;
  const auto with = [](Status status, Draft draft) {
    draft.status = status;
    return draft;
  };
  const struct {
    Status status, updated_to;
    const char* active;
    Codes reached;
  } cases[] = {
      {Status::actual, Status::actual, "U", {"E09000002", "E09000001"}},
      {Status::exercise, Status::exercise, "U", {"E09000002", "E09000001"}},
      {Status::actual, Status::test, "A U", {"E09000002"}},
      {Status::actual, Status::exercise, "A U", {"E09000002"}},
      {Status::test, Status::actual, "A U", {"E09000002"}},
  };
  for (const auto& each : cases) {
    const Draft first = with(each.status, in("E09000001", alert("A")));
    const Draft second =
        with(each.updated_to, in("E09000002", update("U", {alert("A").identity()})));
    QuietLog quiet;
    quiet.append(first);
    quiet.append(second);
    CHECK(names(quiet.active()) == each.active);
    CHECK(reached(*quiet.find(Sequence{2})) == each.reached);
    quiet.append(cancel("C", {alert("A").identity(), update("U", {}).identity()}));
    CHECK(reached(*quiet.find(Sequence{3})).size() == 2);

    // The Update first: what it would not have replaced comes all the same.
    QuietLog early;
    early.append(second);
    early.append(first);
    CHECK(names(early.active()) == (std::string_view(each.active) == "U" ? "U" : "U A"));
  }
}

TEST_CASE("Of all that came before the alert they replace one is enough, in any order") {
  using engine::cap::Status;
  const auto with = [](Status status, Draft draft) {
    draft.status = status;
    return draft;
  };
  const Draft meant = with(Status::actual, update("U", {alert("A").identity()}));
  const auto test = [&](std::size_t i) {
    return with(Status::test, update("T" + std::to_string(i), {alert("A").identity()}));
  };
  for (const std::size_t before : {std::size_t{0}, std::size_t{1}, engine::kEndedByMax - 1}) {
    CAPTURE(before);
    QuietLog quiet;
    for (std::size_t i = 0; i < before; ++i) quiet.append(test(i));
    quiet.append(meant);
    for (std::size_t i = before; i < engine::kEndedByMax - 1; ++i) quiet.append(test(i));
    quiet.append(with(Status::actual, alert("A")));
    CHECK(names(quiet.active()).find('A') == std::string::npos);
  }
  // Of more than that the newest are asked.
  QuietLog forgotten;
  forgotten.append(meant);
  for (std::size_t i = 0; i < engine::kEndedByMax; ++i) forgotten.append(test(i));
  forgotten.append(with(Status::actual, alert("A")));
  CHECK(names(forgotten.active()).find('A') != std::string::npos);
}

TEST_CASE("A Cancel of everything it may name keeps to a few megabytes and reaches all of them") {
  QuietLog quiet;
  std::vector<Identity> named;
  for (std::size_t i = 0; i < engine::cap::kReferencesMax; ++i) {
    Draft draft = alert("A" + std::to_string(i));
    draft.scope = engine::cap::Scope::private_;
    for (std::size_t name = 0; name < engine::cap::kAudienceNamesMax; ++name) {
      draft.names.push_back("organisation-" + std::to_string(1'000'000 * i + name));
    }
    std::sort(draft.names.begin(), draft.names.end());
    CHECK(text(quiet.append(draft)) == std::to_string(i + 1));
    named.push_back(draft.identity());
  }
  const auto at = std::get<Appended>(quiet.append(cancel("C", named))).sequence;
  const auto record = quiet.find(at).value();
  CHECK(record.bulletin->outline.reaches.size() == engine::cap::kReferencesMax);
  const auto told = [&](int of) {
    engine::Member member;
    member.organisation = "organisation-" + std::to_string(of);
    return engine::may_read(record.bulletin->outline, member);
  };
  for (const int of : {0, 63'000'999}) {
    CHECK(told(of));
  }
  CHECK_FALSE(told(1000));
  CHECK(engine::encode_record(record).size() < 2'000'000);
}

TEST_CASE("Cancels of Cancels of Cancels grow no further than kReachesOfCancelsBytes") {
  QuietLog quiet;
  std::vector<Identity> cancels;
  for (int i = 0; i < 30; ++i) {
    const std::string number = std::to_string(i);
    Draft draft = alert("A" + number);
    draft.scope = engine::cap::Scope::restricted;
    draft.names = {number + std::string(60'000, 'n')};
    quiet.append(draft);
    cancels.push_back(cancel("C" + number, {}).identity());
    CHECK(text(quiet.append(cancel("C" + number, {draft.identity()}))) ==
          std::to_string(2 * i + 2));
  }
  const auto at = std::get<Appended>(quiet.append(cancel("D", cancels))).sequence;
  const auto record = quiet.find(at).value();
  CHECK(engine::encode_record(record).size() < engine::cap::kReachesOfCancelsBytes + 10'000);
  const std::size_t reaches = engine::cap::kReachesOfCancelsBytes / 60'200;
  CHECK(record.bulletin->outline.reaches.size() == reaches);
  // An Alert that is named beside them is reached whatever they take.
  quiet.append(in("E09000009", alert("late")));
  cancels.push_back(alert("late").identity());
  const auto last = std::get<Appended>(quiet.append(cancel("E", cancels))).sequence;
  CHECK(engine::may_read(quiet.find(last)->bulletin->outline, {}));
}

TEST_CASE("Ack and Error are logged and change nothing") {
  QuietLog quiet;
  quiet.append(alert("A"));
  for (const MsgType type : {MsgType::ack, MsgType::error}) {
    const std::string name(engine::cap::text(type));
    quiet.append({.identifier = name, .type = type, .references = {alert("A").identity()}});
  }
  CHECK(quiet.log->head() == Sequence{3});
  CHECK(reached(*quiet.find(Sequence{2})).empty());
  CHECK(names(quiet.active()) == "A");
}

TEST_CASE("A sender has its bulletins of an hour and hears when there is room") {
  QuietLog quiet;
  quiet.append(rated(2, alert("A")));
  quiet.clock.advance(20min);
  quiet.append(rated(2, alert("B")));
  quiet.clock.advance(10min);
  const auto third = quiet.append(rated(2, alert("C")));
  CHECK(text(third) == "too_many");
  CHECK(std::get<Refusal>(third).retry_after_s == 30 * 60);
  quiet.clock.advance(30min - 1ms);
  CHECK(std::get<Refusal>(quiet.append(rated(2, alert("C")))).retry_after_s == 1);
  quiet.clock.advance(1ms);
  CHECK(text(quiet.append(rated(2, alert("C")))) == "3");
  CHECK(text(quiet.append(rated(2, alert("D")))) == "too_many");
}

TEST_CASE("The rate is asked within one commit too") {
  QuietLog quiet;
  CHECK(texts(quiet.append_together({rated(2, alert("A")), rated(2, alert("B")),
                                     rated(2, alert("C")), rated(2, alert("A"))})) ==
        "1, 2, too_many, repeat of 1");
}

TEST_CASE("Each sender has a rate of its own") {
  QuietLog quiet;
  quiet.append(rated(1, alert("A")));
  Draft other = rated(1, alert("A"));
  other.sender = kControl + std::string("x");
  CHECK(text(quiet.append(other)) == "2");
}

TEST_CASE("A rate of none admits none") {
  QuietLog quiet;
  const auto answer = quiet.append(rated(0, alert("A")));
  CHECK(text(answer) == "too_many");
  CHECK(std::get<Refusal>(answer).retry_after_s == 3600);
}

TEST_CASE("The rate is remembered over a restart") {
  QuietLog quiet(LogOptions::Medium::disk);
  quiet.append(rated(2, alert("A")));
  quiet.append(exempt(alert("free")));
  quiet.clock.advance(40min);
  quiet.append(rated(2, alert("B")));
  quiet.reopen();
  const auto third = quiet.append(rated(2, alert("C")));
  CHECK(text(third) == "too_many");
  CHECK(std::get<Refusal>(third).retry_after_s == 20 * 60);
  quiet.clock.advance(20min);
  quiet.reopen();
  CHECK(text(quiet.append(rated(2, alert("C")))) == "4");
}

TEST_CASE("An exempt bulletin is not asked for the rate and spends none") {
  QuietLog quiet;
  quiet.append(rated(1, alert("A")));
  CHECK(text(quiet.append(exempt(rated(1, alert("B"))))) == "2");
  QuietLog other;
  other.append(exempt(rated(1, alert("A"))));
  CHECK(text(other.append(rated(1, alert("B")))) == "2");
}

TEST_CASE("A Cancel is asked for the rate only if it cancels nothing") {
  QuietLog quiet;
  quiet.append_together({rated(2, alert("A")), rated(2, alert("B"))});
  CHECK(text(quiet.append(rated(2, cancel("C", {alert("missing").identity()})))) == "too_many");
  CHECK(text(quiet.append(rated(2, cancel("C", {alert("A").identity()})))) == "3");
  CHECK(text(quiet.append(rated(2, cancel("D", {alert("A").identity()})))) == "too_many");
  quiet.clock.advance(1h);
  CHECK(text(quiet.append(rated(2, alert("E")))) == "4");
  CHECK(text(quiet.append(rated(2, alert("F")))) == "5");
}

TEST_CASE("A clock that was far ahead for a while does not silence a sender") {
  QuietLog quiet;
  quiet.clock.advance(24h);
  quiet.append(rated(1, alert("A")));
  quiet.clock.advance(-24h);
  CHECK(text(quiet.append(rated(1, alert("B")))) == "2");
}

TEST_CASE("Without room on the disk only Cancels are taken") {
  QuietLog quiet(LogOptions::Medium::disk);
  quiet.append(alert("A"));
  quiet.options.reserve_bytes = UINT64_MAX / 2;
  quiet.reopen();
  CHECK(text(quiet.append(alert("B"))) == "log_full");
  CHECK(text(quiet.append(exempt(alert("B")))) == "log_full");
  CHECK(text(quiet.append(update("U", {alert("A").identity()}))) == "log_full");
  CHECK(text(quiet.append(alert("A"))) == "repeat of 1");
  CHECK(text(quiet.append(cancel("C", {alert("A").identity()}))) == "2");
  CHECK(quiet.log->writable());
}
