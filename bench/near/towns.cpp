#include "bench/near/towns.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <string>

#include "embedded/bench_populations.hpp"
#include "engine/base/ensure.hpp"
#include "engine/match/ground.hpp"

namespace bench {
namespace {

using namespace engine;

const Places& places() { return Places::builtin(); }
const std::vector<Leaf>& leaves() { return places().ground().leaves(); }

// People of a town, on average; and of a town's sites those that lie anywhere in its authority.
constexpr double kPeople = 25'000, kOutside = 0.2;

/// Of each of the leaves, in their order.
std::vector<double> populations() {
  std::map<std::string, double> people;
  std::string_view rest = embedded::bench_populations();
  while (!rest.empty()) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (line.starts_with('#') || line.starts_with("code,")) continue;
    const auto comma = line.find(',');
    const Place* place = places().find(line.substr(0, comma));
    double count = 0;
    std::from_chars(line.data() + comma + 1, line.data() + line.size(), count);
    ENSURE(place != nullptr && count > 0);
    people[place->code] += count;
  }
  std::vector<double> of_leaves;
  for (const Leaf& leaf : leaves()) of_leaves.push_back(people[leaf.code]);
  return of_leaves;
}

}  // namespace

Towns::Towns(unsigned seed) : chance_(seed) {
  const std::vector<double> people = populations();
  double sum = 0;
  for (std::size_t i = 0; i < people.size(); ++i) {
    const auto count = std::max(1.0, std::round(people[i] / kPeople));
    // Some are larger than others: the first as large as all others would be of equal share.
    double shares = 0;
    for (double k = 1; k <= count; ++k) shares += 1 / k;
    for (double k = 1; k <= count; ++k) {
      const double inhabitants = people[i] / k / shares;
      towns_.push_back({anywhere_in(i), 900 * std::sqrt(inhabitants), i});
      sum += inhabitants;
      until_.push_back(sum);
    }
  }
  for (double& until : until_) until /= sum;
}

cap::Spot Towns::anywhere_in(std::size_t authority) {
  const cap::Region& ground = leaves()[authority].region;
  const cap::Extent& box = ground.extent();
  for (;;) {
    const cap::Spot spot{
        box.least.x + std::llround(chance_.between(0, 1) * double(box.most.x - box.least.x)),
        box.least.y + std::llround(chance_.between(0, 1) * double(box.most.y - box.least.y))};
    if (ground.holds(spot)) return spot;
  }
}

cap::Spot Towns::spot() {
  const double share = chance_.between(0, 1);
  const auto found = std::upper_bound(until_.begin(), until_.end() - 1, share);
  const Town& town = towns_[static_cast<std::size_t>(found - until_.begin())];
  if (chance_.between(0, 1) < kOutside) return anywhere_in(town.authority);
  // Two numbers of a normal distribution (Box and Muller).
  const double far = town.size * std::sqrt(-2 * std::log(1 - chance_.between(0, 1)));
  const double turn = chance_.between(0, 6.283185307);
  return {town.middle.x + std::llround(1.6 * far * std::cos(turn)),
          town.middle.y + std::llround(far * std::sin(turn))};
}

Wishes Towns::wishes() {
  Wishes wishes;
  wishes.sector = static_cast<unsigned>(below(20));
  if (below(2) == 0) wishes.rank_at_least = static_cast<int>(below(5));
  if (below(4) == 0) {
    wishes.categories = static_cast<cap::CategorySet>(below(4096) | cap::bit(cap::Category::met));
  }
  if (below(10) == 0) wishes.statuses |= 1U << static_cast<unsigned>(cap::Status::exercise);
  return wishes;
}

std::vector<Site> Towns::sites(std::size_t count) {
  std::vector<Site> sites;
  sites.reserve(count);
  for (std::uint32_t organisation = 0; sites.size() < count; ++organisation) {
    const std::size_t own = below(30) == 0 ? 2 + below(2) : 1;
    for (std::size_t i = 0; i < own && sites.size() < count; ++i) {
      const auto site = Site::at(organisation, cap::point_of(spot()), wishes());
      ENSURE(site);
      sites.push_back(*site);
    }
  }
  return sites;
}

}  // namespace bench
