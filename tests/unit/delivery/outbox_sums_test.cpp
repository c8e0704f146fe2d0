// Everybody who is concerned stands somewhere, whatever happens: matched is reached, trying, failed
// and not contactable, of all together, of each area and of each sector.
#include <random>
#include <set>

#include "tests/unit/delivery/outbox_world.hpp"

using namespace tests;
using engine::Fate;
using engine::OutboxReach;
using engine::OutboxSums;
using engine::Report;
using engine::delivery::State;

namespace {

using Groups = std::vector<OutboxReach::Group>;

std::string key_of(std::size_t i) { return "org" + std::to_string(100 + i); }

OutboxSums sum_of(const Groups& groups) {
  OutboxSums all;
  for (const auto& group : groups) {
    const OutboxSums& sums = group.sums;
    CHECK(sums.matched == sums.reached + sums.trying + sums.failed + sums.not_contactable);
    all.matched += sums.matched;
    all.reached += sums.reached;
    all.trying += sums.trying;
    all.failed += sums.failed;
    all.not_contactable += sums.not_contactable;
  }
  return all;
}

std::uint64_t messages_of(const OutboxReach& reach) {
  std::uint64_t all = 0;
  for (const auto& way : reach.messages) {
    for (const std::uint64_t count : way) all += count;
  }
  return all;
}

/// "name matched reached trying failed not_contactable", one group after the other.
std::string text_of(const Groups& groups) {
  std::string text;
  for (const auto& [name, sums] : groups) {
    text += (text.empty() ? "" : "; ") + name + " " + std::to_string(sums.matched) + " " +
            std::to_string(sums.reached) + " " + std::to_string(sums.trying) + " " +
            std::to_string(sums.failed) + " " + std::to_string(sums.not_contactable);
  }
  return text;
}

/// Whatever may happen to organisations, alerts and gateways, in any order. Each organisation has
/// one area, or none, and one sector, so that both come to the same sum as all together.
class History {
 public:
  explicit History(unsigned seed) : random_(seed) {
    for (std::size_t i = 0; i < 40; ++i) settle_down(key_of(i));
  }

  void go_on() {
    switch (number(12)) {
      case 0:
        return note(alert(name(), number(2) == 0 ? Severity::extreme : Severity::moderate));
      case 1:
        return follow();
      case 2:
        return world.outbox->acknowledged(any_alert(), key_of(number(40)));
      case 3:
        return settle_down(key_of(number(40)));
      case 4:
        if (number(4) == 0) world.erase(key_of(number(40)));
        return;
      case 5:
        if (number(6) == 0) world.crash();
        return;
      case 6:
        world.unreadable = number(4) == 0;
        return;
      case 7:
        return world.clock.advance(std::chrono::seconds{number(40)});
      default:
        return answer();
    }
  }

  void check() {
    for (const Sequence sequence : sent_) {
      const OutboxReach reach = world.reach(sequence);
      CHECK(sum_of(reach.areas) == reach);
      CHECK(sum_of(reach.sectors) == reach);
      std::set<engine::DeliveryId> handed;
      for (const auto& [way, gateway] : world.gateways) {
        for (const engine::Attempt& attempt : gateway->seen) {
          if (attempt.story->sequence == sequence) handed.insert(attempt.delivery);
        }
      }
      CHECK(messages_of(reach) >= handed.size());
      CHECK(reach.matched >= matched_[sequence]);
      matched_[sequence] = reach.matched;
    }
  }

  /// Every alert is over, and nothing is tried any more.
  void end() {
    world.unreadable = false;
    world.advance(7h);
    for (auto& [way, gateway] : world.gateways) {
      gateway->answer_all(Gateway::refused(Fate::later, "busy"));
    }
    world.settle();
    check();
    // Nobody is tried any more; who was sent something may have it, until it is said otherwise.
    for (const Sequence sequence : sent_) {
      const OutboxReach reach = world.reach(sequence);
      for (const auto& way : reach.messages) {
        CHECK(way[static_cast<std::size_t>(State::owed)] == 0);
      }
      std::uint64_t sent = 0;
      for (const engine::Unreached& one : world.unreached(sequence).organisations) {
        const bool perhaps = std::any_of(one.tried.begin(), one.tried.end(), [](const auto& tried) {
          return tried.state == State::sent || tried.uncertain;
        });
        CHECK(one.sent == perhaps);
        sent += one.sent ? 1 : 0;
      }
      CHECK(reach.trying == sent);
    }
    for (auto& [way, gateway] : world.gateways) {
      for (std::size_t name = 1; name <= names_given_; ++name) {
        gateway->report("m" + std::to_string(name), Report::Kind::failed, "said so");
      }
      // Of some an attempt was never answered, and another one had a name.
      for (const engine::Attempt& attempt : gateway->seen) {
        for (int i = 0; i < 2; ++i) {
          gateway->listener->reported(attempt.delivery, {Report::Kind::failed, false, "no"}, {});
        }
      }
    }
    world.settle();
    check();
    for (const Sequence sequence : sent_) CHECK(world.reach(sequence).trying == 0);
  }

  OutboxWorld world;

 private:
  std::size_t number(std::size_t below) { return random_() % below; }
  std::string name() { return "A" + std::to_string(++names_); }

  /// Has other contacts from now on, another place and another trade.
  void settle_down(const std::string& key) {
    world.profiles.erase(key);
    world.organisation(key, static_cast<double>(number(1000)));
    for (std::size_t contacts = number(4); contacts > 0; --contacts) {
      world.contact(key, static_cast<Way>(number(engine::kWays)), key);
      world.profiles[key].contacts.back().consents = number(5) > 0;
    }
    const char* const areas[] = {"", "E09000007", "E09000033", "W06000015"};
    world.groupings[key] = {areas[number(4)], {number(2) == 0 ? "food" : "retail"}};
  }

  void note(const AlertBuilder& builder) {
    builders_.push_back(builder);
    sent_.push_back(world.append(builder));
    if (number(2) == 0) {
      std::vector<std::string> some;
      for (std::size_t i = 0; i < 40; i += 1 + number(4)) some.push_back(key_of(i));
      world.only[sent_.back()] = some;
    }
  }

  void follow() {
    if (builders_.empty()) return;
    const AlertBuilder named = builders_[number(builders_.size())];
    note(number(2) == 0 ? update_of(name(), named) : cancel_of(name(), named));
  }

  Sequence any_alert() { return Sequence{1 + number(sent_.size() + 1)}; }

  void answer() {
    Gateway& gateway = *world.gateways.at(static_cast<Way>(number(engine::kWays)));
    if (number(3) == 0 && names_given_ > 0) {
      const std::string given = "m" + std::to_string(1 + number(names_given_));
      return gateway.report(given, static_cast<Report::Kind>(number(3)), "said so");
    }
    if (gateway.open.empty()) return;
    switch (number(4)) {
      case 0:
        return gateway.answer(Gateway::refused(Fate::later, "busy"));
      case 1:
        return gateway.answer(Gateway::refused(Fate::permanent, "no", number(2) == 0));
      default:
        return gateway.answer(Gateway::accepted({{"m" + std::to_string(++names_given_), 0}}));
    }
  }

  std::mt19937 random_;
  std::vector<AlertBuilder> builders_;
  std::vector<Sequence> sent_;
  std::map<Sequence, std::uint64_t> matched_;
  std::size_t names_ = 0, names_given_ = 0;
};

}  // namespace

TEST_CASE("sums balance over random histories, in all and by area and sector") {
  for (unsigned seed = 1; seed <= 12; ++seed) {
    CAPTURE(seed);
    History history(seed);
    for (int step = 0; step < 250; ++step) {
      CAPTURE(step);
      history.go_on();
      history.world.settle();
      if (step % 5 == 0) history.check();
    }
    history.end();
  }
}

TEST_CASE("an organisation counts in one area and in each of its sectors") {
  OutboxWorld world({Way::sms});
  world.contact("cafe", Way::sms, "cafe");
  world.groupings["cafe"] = {"E09000007", {"food", "tourism"}};
  world.contact("shop", Way::sms, "shop");
  world.groupings["shop"] = {"E09000007", {"food"}};
  world.organisation("nowhere");
  const Sequence sequence = world.send(alert("A"));
  CHECK(text_of(world.reach(sequence).areas) == " 1 0 1 0 0; E09000007 2 0 2 0 0");
  CHECK(text_of(world.reach(sequence).sectors) == "food 2 0 2 0 0; tourism 1 0 1 0 0");
  world.outbox->acknowledged(sequence, "cafe");
  world.advance(30s);
  CHECK(text_of(world.reach(sequence).areas) == " 1 0 0 0 1; E09000007 2 1 1 0 0");
  CHECK(text_of(world.reach(sequence).sectors) == "food 2 1 1 0 0; tourism 1 1 0 0 0");
}

TEST_CASE("where an organisation was counted it counts until the end, also by what follows") {
  OutboxWorld world({Way::sms});
  world.contact("cafe", Way::sms, "cafe");
  world.groupings["cafe"] = {"E09000007", {"food"}};
  const AlertBuilder first = alert("A");
  const Sequence sequence = world.send(first);
  world.groupings["cafe"] = {"W06000015", {"retail"}};
  world.advance(30s);
  world.sms().answer(Gateway::accepted({{"m1", 0}}));
  world.settle();
  world.sms().report("m1", Report::Kind::delivered);
  world.settle();
  CHECK(text_of(world.reach(sequence).areas) == "E09000007 1 1 0 0 0");
  const Sequence end = world.send(cancel_of("C", first));
  CHECK(text_of(world.reach(end).areas) == "E09000007 1 0 1 0 0");
  CHECK(text_of(world.reach(end).sectors) == "food 1 0 1 0 0");
}

TEST_CASE("without channels it is known where those are who cannot be told") {
  OutboxWorld world(std::vector<Way>{});
  world.organisation("a");
  world.organisation("b");
  world.groupings["a"] = {"E09000007", {"food"}};
  world.groupings["b"] = {"E09000007", {}};
  const Sequence sequence = world.send(alert("A"));
  CHECK(text_of(world.reach(sequence).areas) == "E09000007 2 0 0 0 2");
  CHECK(text_of(world.reach(sequence).sectors) == "food 1 0 0 0 1");
}

TEST_CASE("sums by area and sector go with their alert") {
  OutboxWorld world({Way::sms});
  world.contact("cafe", Way::sms, "cafe");
  world.groupings["cafe"] = {"E09000007", {"food"}};
  const Sequence sequence = world.send(alert("A"));
  world.advance(6h + world.kept + 1s);
  bool gone = false;
  world.outbox->reach(sequence, [&](auto answer) { gone = !answer.value().has_value(); });
  world.settle();
  CHECK(gone);
}
