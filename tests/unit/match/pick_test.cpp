#include "engine/match/pick.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace engine;

namespace {

using Numbers = std::vector<std::uint32_t>;
constexpr std::uint32_t kNumbers = 200'000;

struct Sites {
  explicit Sites(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      Wishes one;
      one.rank_at_least = static_cast<int>(random() % 5);
      one.categories = random() % 3 == 0 ? 0 : static_cast<cap::CategorySet>(random() % 4096);
      one.statuses = static_cast<unsigned>(random() % 32);
      one.sector = static_cast<unsigned>(random() % kSectors);
      wishes.emplace_back(one).set_often(random() % 3 == 0);
      organisations.push_back(static_cast<std::uint32_t>(random() % kNumbers));
    }
  }

  /// Once and again, as `picks` says.
  std::pair<Numbers, Numbers> picked(decltype(pick)* picks, const WishWord::Asked& asked,
                                     const PassedOver& passed) const {
    Numbers once(organisations.size() + kPickSpill), again(once.size());
    const Picked end = picks({organisations.data(), wishes.data(), organisations.size()}, asked,
                             passed, {once.data(), again.data()});
    once.resize(static_cast<std::size_t>(end.once - once.data()));
    again.resize(static_cast<std::size_t>(end.again - again.data()));
    return {once, again};
  }

  std::mt19937 random{7};
  Numbers organisations;
  std::vector<WishWord> wishes;
};

WishWord::Asked asked(cap::Severity severity, std::uint64_t sectors) {
  cap::Reach reach;
  reach.severity = severity;
  reach.categories = cap::bit(cap::Category::met) | cap::bit(cap::Category::fire);
  return WishWord::asked(reach, sectors);
}

}  // namespace

TEST_CASE("eight sites at a time are picked as they are one by one") {
  PassedOver nobody, some(kNumbers);
  std::mt19937 random{3};
  for (int i = 0; i < 5000; ++i) some.add(static_cast<std::uint32_t>(random() % kNumbers));
  for (const std::size_t count : {0UL, 1UL, 7UL, 8UL, 9UL, 1024UL, 20'003UL}) {
    const Sites sites(count);
    for (const std::uint64_t sectors : {~std::uint64_t{0}, std::uint64_t{1}, 1UL << 31, 1UL << 32,
                                        1UL << 63, 0x0123456789abcdefUL, std::uint64_t{0}}) {
      for (const cap::Severity severity : {cap::Severity::minor, cap::Severity::extreme}) {
        for (const PassedOver* passed : {&nobody, &some}) {
          CAPTURE(count);
          CAPTURE(sectors);
          const auto ask = asked(severity, sectors);
          const auto found = sites.picked(pick, ask, *passed);
          CHECK(found == sites.picked(pick_one_by_one, ask, *passed));
          if (count > 20'000 && sectors == ~std::uint64_t{0}) {
            CHECK(found.first.size() > 100);
            CHECK(found.second.size() > 100);
          }
        }
      }
    }
  }
}

TEST_CASE(
    "whoever is passed over is not picked, and nobody else for a number that is like theirs") {
  PassedOver passed(kNumbers);
  CHECK(passed.empty());
  passed.add(5);
  CHECK_FALSE(passed.empty());
  CHECK(passed.has(5));
  CHECK_FALSE(passed.has(5 + (1U << 16)));
  CHECK_FALSE(passed.has(6));
  Sites sites(0);
  for (const std::uint32_t number : {4U, 5U, 6U, 5U + (1U << 16), 5U, 8U, 9U, 10U, 5U}) {
    sites.organisations.push_back(number);
    sites.wishes.emplace_back(Wishes{});
  }
  const auto found = sites.picked(pick, asked(cap::Severity::severe, ~std::uint64_t{0}), passed);
  CHECK(found.first == Numbers{4, 6, 5 + (1U << 16), 8, 9, 10});
  CHECK(found.second.empty());
}
