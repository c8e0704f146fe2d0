// Several logs that share one order: here a vector, which agrees to whoever is up to date.
#include "engine/order.hpp"

#include "tests/unit/log/log_fixture.hpp"

using namespace tests;
using engine::Adopted;
using engine::Agreed;
using engine::BulletinId;
using engine::Order;
using Outcome = Adopted::Outcome;

namespace {

/// What all agree on, if a majority can be had.
struct Agreement {
  std::vector<Agreed> records;
  bool reachable = true;
};

class Member final : public Order {
 public:
  explicit Member(Agreement& agreement) : agreement_(agreement) { quiet.log->order_by(*this); }

  Said propose(Sequence after, const BulletinId& last, std::span<const Agreed> records) override {
    ++asked;
    if (!agreement_.reachable) return Said::unavailable;
    if (number(after) != agreement_.records.size()) return Said::behind;
    if (after != Sequence::none) {
      CHECK(last == agreement_.records.back().record.bulletin->id);
    }
    // As others derive it: without what the alerts it names reached.
    for (const Agreed& one : records) {
      auto bare = std::make_shared<engine::Bulletin>(*one.record.bulletin);
      if (bare->outline.msg_type == MsgType::cancel) bare->outline.reaches.clear();
      agreement_.records.push_back({{one.record.sequence, one.record.at, bare}, one.counts});
    }
    return Said::agreed;
  }
  std::string elsewhere() const override { return "b.example takes alerts now."; }
  bool current() const override { return agreement_.reachable; }
  bool only_follows() const noexcept override { return follows; }

  /// What has been agreed on since.
  Adopted catch_up() { return adopt(std::vector<Agreed>(next_here(), agreement_.records.cend())); }
  Adopted adopt(std::vector<Agreed> records) {
    Adopted answer;
    quiet.log->adopt(std::move(records), [&](Adopted adopted) { answer = adopted; });
    quiet.run();
    return answer;
  }
  std::vector<Agreed>::const_iterator next_here() const {
    return agreement_.records.cbegin() + static_cast<std::ptrdiff_t>(number(quiet.log->head()));
  }

  QuietLog quiet;
  int asked = 0;
  bool follows = false;

 private:
  Agreement& agreement_;
};

Agreed agreed(std::uint64_t sequence, const Draft& draft, bool counts = true) {
  return {{Sequence{sequence}, time("2026-11-21T12:00:00Z"), draft.candidate().bulletin}, counts};
}

}  // namespace

TEST_CASE("What one machine appended has the same place in every log") {
  Agreement agreement;
  Member a(agreement), b(agreement);
  CHECK(texts(a.quiet.append_together({alert("A"), alert("B")})) == "1, 2");
  CHECK(b.catch_up().outcome == Outcome::taken);
  CHECK(text(b.quiet.append(alert("C"))) == "3");
  CHECK(a.catch_up().head == Sequence{3});
  for (Member* member : {&a, &b}) {
    CHECK(names(member->quiet.read(Sequence::none)) == "A B C");
    CHECK(names(member->quiet.follower.heard) == "A B C");
    CHECK(names(member->quiet.active()) == "A B C");
    CHECK(text(member->quiet.append(alert("A"))) == "repeat of 1");
  }
}

TEST_CASE("Nothing is answered with yes that no majority has agreed to") {
  Agreement agreement;
  Member a(agreement);
  agreement.reachable = false;
  const auto answer = a.quiet.append(alert("A"));
  CHECK(text(answer) == "log_unavailable");
  CHECK(std::get<Refusal>(answer).detail.ends_with("b.example takes alerts now."));
  CHECK(a.quiet.log->head() == Sequence::none);
  CHECK(a.quiet.follower.heard.empty());
  CHECK_FALSE(a.quiet.log->current());
  agreement.reachable = true;
  CHECK(text(a.quiet.append(alert("A"))) == "1");
  CHECK(a.quiet.log->current());
}

TEST_CASE("Who only follows refuses at once, and has what others append") {
  Agreement agreement;
  Member a(agreement), edge(agreement);
  edge.follows = true;
  AppendAnswer answer;
  edge.quiet.log->append(alert("A").candidate(), [&](AppendAnswer said) { answer = said; });
  CHECK(text(answer) == "log_unavailable");
  CHECK(std::get<Refusal>(answer).detail.ends_with("b.example takes alerts now."));
  CHECK(edge.asked == 0);
  CHECK(text(a.quiet.append(alert("A"))) == "1");
  CHECK(edge.catch_up().outcome == Outcome::taken);
  CHECK(names(edge.quiet.follower.heard) == "A");
}

TEST_CASE("Who comes second is decided anew behind what came first") {
  Agreement agreement;
  Member a(agreement), b(agreement);
  CHECK(text(a.quiet.append(alert("A"))) == "1");

  // b does not know of it yet, and has something of the same name, the same, and something else.
  Draft other = alert("A");
  other.words = "fire";
  std::string answers;
  for (const Draft& draft : {other, alert("A"), alert("B")}) {
    b.quiet.log->append(draft.candidate(),
                        [&](AppendAnswer answer) { answers += text(answer) + "; "; });
  }
  CHECK(b.quiet.log->run());
  CHECK(answers.empty());
  CHECK(b.catch_up().outcome == Outcome::taken);
  CHECK(answers == "identity_conflict; repeat of 1; 2; ");
  CHECK(names(b.quiet.read(Sequence::none)) == "A B");
  CHECK(names(b.quiet.follower.heard) == "A B");
}

TEST_CASE("Who stays behind hears in time that it is not known") {
  Agreement agreement;
  Member a(agreement), b(agreement);
  a.quiet.append(alert("A"));
  const auto begun = std::chrono::steady_clock::now();
  CHECK(text(b.quiet.append(alert("B"))) == "log_unavailable");
  CHECK(b.asked > 1);
  CHECK(std::chrono::steady_clock::now() - begun >= 2s);
  CHECK(b.catch_up().outcome == Outcome::taken);
  CHECK(text(b.quiet.append(alert("B"))) == "2");
}

TEST_CASE("A record is adopted once, in its place or not at all") {
  Agreement agreement;
  Member a(agreement);
  CHECK(a.adopt({agreed(2, alert("B"))}).outcome == Outcome::gap);
  CHECK(a.adopt({agreed(1, alert("A")), agreed(3, alert("C"))}).outcome == Outcome::gap);
  CHECK(a.quiet.log->head() == Sequence::none);
  CHECK(a.adopt({agreed(1, alert("A"))}).outcome == Outcome::taken);
  CHECK(a.adopt({agreed(1, alert("A")), agreed(2, alert("B"))}).head == Sequence{2});
  CHECK(a.adopt({agreed(2, alert("B"))}).outcome == Outcome::taken);
  CHECK(a.adopt({agreed(2, alert("C"))}).outcome == Outcome::differs);
  CHECK(a.adopt({agreed(1, alert("B"))}).outcome == Outcome::differs);
  CHECK(names(a.quiet.read(Sequence::none)) == "A B");
  CHECK(names(a.quiet.follower.heard) == "A B");
}

TEST_CASE("What was adopted ends what it names, and counts towards the rate as it did elsewhere") {
  Agreement agreement;
  Member a(agreement), b(agreement);
  Draft limited = alert("A");
  limited.rate_per_hour = 1;
  CHECK(text(a.quiet.append(limited)) == "1");
  Draft exempt = alert("B");
  exempt.rate_exempt = true;
  CHECK(text(a.quiet.append(exempt)) == "2");
  CHECK(text(a.quiet.append(cancel("C", {alert("B").identity()}))) == "3");
  CHECK(b.catch_up().outcome == Outcome::taken);
  CHECK(names(b.quiet.active()) == names(a.quiet.active()));
  CHECK(names(b.quiet.active()) == "A C");
  // What it cancels tells where it goes, in each log and to each follower.
  for (const auto* heard : {&a.quiet.follower.heard, &b.quiet.follower.heard}) {
    REQUIRE(heard->size() == 3);
    CHECK_FALSE((*heard)[2].bulletin->outline.reaches.empty());
    CHECK((*heard)[2].bulletin->outline == a.quiet.find(Sequence{3})->bulletin->outline);
  }
  CHECK(b.quiet.find(Sequence{3})->bulletin->outline ==
        a.quiet.find(Sequence{3})->bulletin->outline);
  Draft second = alert("D");
  second.rate_per_hour = 1;
  CHECK(text(b.quiet.append(second)) == "too_many");
  second.rate_per_hour = 2;
  CHECK(text(b.quiet.append(second)) == "4");
}

TEST_CASE("What was adopted is there after a restart") {
  QuietLog quiet(LogOptions::Medium::disk);
  Adopted::Outcome outcome = Outcome::gap;
  quiet.log->adopt({agreed(1, alert("A")), agreed(2, alert("B"))},
                   [&](Adopted adopted) { outcome = adopted.outcome; });
  quiet.run();
  CHECK(outcome == Outcome::taken);
  quiet.reopen();
  CHECK(quiet.log->head() == Sequence{2});
  CHECK(names(quiet.read(Sequence::none)) == "A B");
  CHECK(text(quiet.append(alert("B"))) == "repeat of 2");
}

TEST_CASE("An empty log takes the epoch of those it joins, and keeps it") {
  QuietLog quiet(LogOptions::Medium::disk);
  CHECK(quiet.log->take_epoch("00112233445566ff").has_value());
  CHECK(quiet.log->epoch() == "00112233445566ff");
  quiet.reopen();
  CHECK(quiet.log->epoch() == "00112233445566ff");
}

TEST_CASE("Alerts of others are adopted while a log's own thread waits for something to do") {
  ManualClock clock;
  LogOptions options;
  options.medium = LogOptions::Medium::memory;
  auto opened = Log::open(options, clock);
  REQUIRE(opened.has_value());
  for (std::uint64_t i = 1; i <= 3; ++i) {
    std::promise<Adopted> done;
    (*opened)->adopt({agreed(i, alert(std::to_string(i)))},
                     [&](Adopted adopted) { done.set_value(adopted); });
    auto told = done.get_future();
    REQUIRE(told.wait_for(5s) == std::future_status::ready);
    CHECK(told.get().head == Sequence{i});
  }
}
