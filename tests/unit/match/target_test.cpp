#include "engine/target.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <random>

using namespace engine;

namespace {

const Places& places() { return Places::builtin(); }

class Maker {
 public:
  explicit Maker(unsigned seed) : random_(seed) {}
  int below(int n) { return std::uniform_int_distribution<int>(0, n - 1)(random_); }
  bool one_in(int n) { return below(n) == 0; }

  std::string code() {
    return places().all()[static_cast<std::size_t>(below(std::ssize(places().all())))].code;
  }
  /// In London, in the kingdom and at sea around it; coarse, so that some meet again.
  cap::Point point() {
    if (one_in(2)) return {51.3 + 0.01 * below(40), -0.5 + 0.01 * below(80)};
    return {50 + 0.1 * below(80), -7 + 0.1 * below(90)};
  }
  std::string sender() { return fmt::format("control-{}@example.org", below(4)); }
  std::string name() { return fmt::format("name-{}", below(12)); }

  Member member() {
    Member member;
    if (!one_in(3)) member.organisation = name();
    for (int i = below(4); i > 0; --i) member.groups.push_back(name());
    std::sort(member.groups.begin(), member.groups.end());
    member.groups.erase(std::unique(member.groups.begin(), member.groups.end()),
                        member.groups.end());
    return member;
  }

  Filter filter() {
    static const std::vector<std::string> categories{"Geo", "Met", "Security", "CBRNE"};
    static const std::vector<std::string> severities{"Minor", "Moderate", "Severe", "Extreme"};
    static const std::vector<std::string> statuses{"Actual", "Exercise", "Test"};
    std::vector<Filter::Parameter> query;
    const auto any_of = [this](const std::vector<std::string>& words) {
      return words[static_cast<std::size_t>(below(static_cast<int>(words.size())))];
    };
    for (int i = one_in(4) ? 0 : below(5); i > 0; --i) {
      const cap::Point where = point();
      query.emplace_back(
          "area",
          one_in(2) ? code() : fmt::format("{:.4f},{:.4f}", where.latitude, where.longitude));
    }
    for (int i = below(3); i > 0; --i) query.emplace_back("category", any_of(categories));
    if (one_in(3)) query.emplace_back("severity", any_of(severities));
    for (int i = below(3); i > 0; --i) query.emplace_back("status", any_of(statuses));
    for (int i = one_in(2) ? 0 : below(4); i > 0; --i) query.emplace_back("sender", sender());
    return std::get<Filter>(Filter::parse(query, cap::Status::exercise, places(), member()));
  }

  cap::Ring ring() {
    const cap::Spot middle = cap::spot_of(point());
    const int size = one_in(3) ? 30'000'000 : 1'000'000;
    cap::Ring ring;
    for (int i = 3 + below(20); i > 0; --i) {
      ring.push_back({middle.x + below(size) - size / 2, middle.y + below(size) - size / 2});
    }
    return ring;
  }

  cap::Reach reach() {
    cap::Reach reach;
    reach.audience.scope = one_in(2)   ? cap::Scope::public_
                           : one_in(2) ? cap::Scope::restricted
                                       : cap::Scope::private_;
    if (reach.audience.scope != cap::Scope::public_) reach.audience.names = member().groups;
    reach.status = static_cast<cap::Status>(below(3));
    reach.severity = static_cast<cap::Severity>(below(5));
    reach.categories = static_cast<cap::CategorySet>(below(1 << 12) & below(1 << 12));
    reach.sender = sender();
    reach.everywhere = one_in(20);
    for (int i = one_in(2) ? 0 : below(4); i > 0; --i) reach.codes.push_back(code());
    if (one_in(5)) reach.codes.emplace_back("E99999999");
    std::sort(reach.codes.begin(), reach.codes.end());
    std::vector<cap::Ring> rings;
    std::vector<cap::Disc> circles;
    for (int i = below(3); i > 0; --i) rings.push_back(ring());
    for (int i = below(3); i > 0; --i) circles.emplace_back(cap::spot_of(point()), below(60));
    reach.shapes = {rings, circles};
    return reach;
  }

  cap::Outline outline(int reaches) {
    cap::Outline outline;
    if (one_in(15)) outline.msg_type = cap::MsgType::ack;
    while (reaches-- > 0) outline.reaches.push_back(reach());
    places().complete(outline);
    return outline;
  }

 private:
  std::mt19937 random_;
};

TargetPtr target_of(const cap::Outline& outline) {
  return std::make_shared<const Target>(std::make_shared<const cap::Outline>(outline), places());
}

}  // namespace

TEST_CASE("a target says of every filter what the filter says of the bulletin") {
  Maker maker(1);
  std::vector<Filter> filters;
  for (int i = 0; i < 1500; ++i) filters.push_back(maker.filter());
  std::size_t concerned = 0, asked = 0;
  for (int round = 0; round < 40; ++round) {
    CAPTURE(round);
    // One reach mostly; and more than there are bits in a number.
    const int reaches = round % 10 == 9 ? 150 : round % 5 == 4 ? maker.below(66) : 1 + round % 3;
    const cap::Outline outline = maker.outline(reaches);
    std::vector<bool> plain;  // before its shapes are made ready
    for (const Filter& filter : filters) plain.push_back(filter.matches(outline));
    const TargetPtr target = target_of(outline);
    for (std::size_t i = 0; i < filters.size(); ++i) {
      CAPTURE(filters[i].key());
      REQUIRE(target->concerns(filters[i]) == plain[i]);
    }
    asked += plain.size();
    concerned += static_cast<std::size_t>(std::count(plain.begin(), plain.end(), true));
  }
  CHECK(concerned > asked / 20);
  CHECK(concerned < asked / 2);
}

TEST_CASE("a target is the same for bulletins that reach the same people and for no others") {
  Maker maker(2);
  cap::Outline outline = maker.outline(3);
  outline.msg_type = cap::MsgType::alert;
  const TargetPtr target = target_of(outline);
  cap::Outline other = outline;
  other.identity.identifier = "another";
  other.msg_type = cap::MsgType::update;
  CHECK(target->same_for(other));
  other.msg_type = cap::MsgType::ack;  // shown to nobody
  CHECK_FALSE(target->same_for(other));
  other = outline;
  other.reaches[1].sender = "somebody@example.org";
  CHECK_FALSE(target->same_for(other));
  other = outline;
  other.reaches.pop_back();
  CHECK_FALSE(target->same_for(other));
}

TEST_CASE("names whose hashes are alike are told apart") {
  // As whoever floods a table by its low bits chooses them.
  std::vector<std::string> alike;
  for (int i = 0; alike.size() < 300; ++i) {
    std::string name = fmt::format("group-{}", i);
    if (std::hash<std::string>{}(name) % 1024 == 0) alike.push_back(std::move(name));
  }
  std::sort(alike.begin(), alike.end());
  cap::Outline outline;
  outline.reaches.resize(2);
  for (std::size_t i = 0; i < alike.size(); ++i) {
    if (i % 3 != 0) outline.reaches[i % 3 - 1].audience.names.push_back(alike[i]);
  }
  for (cap::Reach& reach : outline.reaches) {
    reach.audience.scope = cap::Scope::restricted;
    reach.audience.names.push_back("\x7f of both");
  }
  const TargetPtr target = target_of(outline);
  const auto concerned = [&](const std::string& group) {
    Member member;
    member.organisation = "somebody";
    member.groups = {group};
    const auto filter =
        std::get<Filter>(Filter::parse({}, cap::Status::actual, places(), std::move(member)));
    CHECK(target->concerns(filter) == filter.matches(outline));
    return target->concerns(filter);
  };
  for (std::size_t i = 0; i < alike.size(); ++i) CHECK(concerned(alike[i]) == (i % 3 != 0));
  CHECK(concerned("\x7f of both"));
  CHECK_FALSE(concerned("nobody's"));
}

TEST_CASE("many reaches take hardly more memory than one, and are decided as well") {
  Maker maker(3);
  cap::Outline outline;
  outline.reaches.resize(cap::kReachesMax);
  for (cap::Reach& reach : outline.reaches) {
    cap::Ring ring;
    for (int i = 0; i < 2000; ++i) ring.push_back(cap::spot_of(maker.point()));
    reach.shapes = {{ring}, {}};
  }
  std::vector<bool> plain;
  std::vector<Filter> filters;
  for (int i = 0; i < 20; ++i) {
    filters.push_back(maker.filter());
    plain.push_back(filters.back().matches(outline));
  }
  const TargetPtr target = target_of(outline);
  CHECK(target->octets() < 8UL << 20);
  for (std::size_t i = 0; i < filters.size(); ++i) {
    CHECK(target->concerns(filters[i]) == plain[i]);
  }
}
