#include "engine/nearby.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <set>

#include "engine/match/lattice.hpp"

using namespace engine;

namespace {

const Places& places() { return Places::builtin(); }

/// A site as somebody wishes for it: what is asked here is asked of this, by the rules of Filter.
struct Plain {
  std::uint32_t organisation = 0;
  cap::Spot spot;
  std::string code;  // empty: at the spot
  Wishes wishes;

  Site site() const {
    const auto made = code.empty() ? Site::at(organisation, cap::point_of(spot), wishes)
                                   : Site::in(organisation, code, places(), wishes);
    REQUIRE(made);
    return *made;
  }
};

bool wants(const Wishes& wishes, const cap::Reach& reach, std::uint64_t sectors) {
  if (cap::rank(reach.severity) < wishes.rank_at_least) return false;
  if (wishes.categories != 0 && (wishes.categories & reach.categories) == 0) return false;
  if ((wishes.statuses >> static_cast<unsigned>(reach.status) & 1) == 0) return false;
  return (sectors >> wishes.sector & 1) != 0;
}

/// With what Places::wanted() finds of it, made once.
struct Known {
  Plain plain;
  Wanted wanted;
};

bool lies_there(const Known& site, const cap::Reach& reach, const cap::Reach& without_shapes) {
  if (!site.plain.code.empty()) return Places::concerns(reach, site.wanted);
  return Places::concerns(without_shapes, site.wanted) || reach.shapes.holds(site.plain.spot);
}

class Maker {
 public:
  explicit Maker(unsigned seed) : random_(seed) {}
  std::int64_t below(std::int64_t n) {
    return std::uniform_int_distribution<std::int64_t>(0, n - 1)(random_);
  }
  bool one_in(int n) { return below(n) == 0; }

  const Place& place() {
    const auto all = places().all();
    return all[static_cast<std::size_t>(below(std::ssize(all)))];
  }
  const Leaf& leaf() {
    const auto& leaves = places().ground().leaves();
    return leaves[static_cast<std::size_t>(below(std::ssize(leaves)))];
  }
  cap::Spot corner_of_leaf() {
    const auto& rings = leaf().rings;
    const cap::Ring& ring = rings[static_cast<std::size_t>(below(std::ssize(rings)))];
    return ring[static_cast<std::size_t>(below(std::ssize(ring)))];
  }
  /// In the kingdom and at sea around it.
  cap::Spot spot() { return {-87'000'000 + below(105'000'000), 498'000'000 + below(112'000'000)}; }
  cap::Spot spot_in_london() {
    return {-3'000'000 + below(5'000'000), 514'000'000 + below(3'000'000)};
  }

  Wishes wishes() {
    Wishes wishes;
    wishes.rank_at_least = static_cast<int>(below(5));
    if (!one_in(3)) wishes.categories = static_cast<cap::CategorySet>(below(1 << 12));
    wishes.statuses = static_cast<unsigned>(below(32));
    wishes.sector = static_cast<unsigned>(below(kSectors));
    return wishes;
  }
  /// Of those that are hard to place: on corners of authorities and of cells, on each other.
  Plain plain(std::uint32_t organisation) {
    Plain plain{organisation, one_in(2) ? spot_in_london() : spot(), "", wishes()};
    if (one_in(3)) plain.wishes = {};
    switch (below(12)) {
      case 0:
        plain.code = place().code;
        break;
      case 1:
        plain.spot = corner_of_leaf();
        break;
      case 2:
        plain.spot = lattice::corner_of(lattice::cell_of(spot_in_london()));
        if (one_in(2)) --plain.spot.x;
        break;
      case 3:
        plain.spot = {-1'270'000, 515'000'000};
        break;
      case 4:
        plain.spot = {below(2) * 3'600'000'000 - 1'800'000'000, below(1'800'000'001) - 900'000'000};
        break;
      case 5:
        plain.spot = {below(3'600'000'001) - 1'800'000'000, 900'000'000 - below(2) * 1'800'000'000};
        break;
      default:
        break;
    }
    return plain;
  }

  cap::Ring ragged(std::size_t corners, cap::Spot middle, double size) {
    cap::Ring ring;
    for (std::size_t i = 0; i < corners; ++i) {
      const double turn = 6.283185307 * static_cast<double>(i) / static_cast<double>(corners);
      const double far = size * (0.5 + 0.5 * static_cast<double>(below(1000)) / 1000);
      ring.push_back({middle.x + std::llround(far * std::cos(turn)),
                      middle.y + std::llround(far * std::sin(turn))});
    }
    return ring;
  }
  cap::Ring comb(int teeth, cap::Spot from, std::int64_t width, std::int64_t height) {
    cap::Ring ring{from};
    for (int i = 0; i < teeth; ++i) {
      const std::int64_t east = from.x + width * (2 * i + 1);
      ring.push_back({east, from.y + height - below(1000)});
      ring.push_back({east + width, from.y + below(1000)});
    }
    ring.push_back({from.x + width * 2 * teeth, from.y - height / 10});
    return ring;
  }
  /// From corner to corner wherever they are, so that edges cross, go round the Earth, or lie on
  /// what the sites lie on.
  cap::Ring any_ring() {
    cap::Ring ring;
    const int kind = static_cast<int>(below(5));
    for (std::int64_t i = 3 + below(12); i > 0; --i) {
      ring.push_back(kind == 0   ? spot()
                     : kind == 1 ? spot_in_london()
                     : kind == 2 ? corner_of_leaf()
                     : kind == 3 ? lattice::corner_of(lattice::cell_of(spot_in_london()))
                                 : plain(0).spot);
    }
    return ring;
  }
  cap::Disc circle() {
    static const std::vector<double> radii{0, 0.5, 3, 30, 200, 900, 2500, 12'000, 30'000};
    return {plain(0).spot, radii[static_cast<std::size_t>(below(std::ssize(radii)))]};
  }
  cap::Footprint shapes() {
    std::vector<cap::Ring> rings;
    std::vector<cap::Disc> circles;
    for (std::int64_t i = below(4); i > 0; --i) {
      switch (below(6)) {
        case 0:
          rings.push_back(ragged(400, spot_in_london(), 3e6));
          break;
        case 1:
          rings.push_back(comb(100, spot_in_london(), 7000, 900'000));
          break;
        case 2:
          circles.push_back(circle());
          break;
        default:
          rings.push_back(any_ring());
      }
    }
    if (one_in(20)) rings.push_back(comb(3000, {-80'000'000, 500'000'000}, 15'000, 90'000'000));
    return {rings, circles};
  }

  cap::Reach reach() {
    cap::Reach reach;
    if (one_in(8)) reach.audience = {cap::Scope::restricted, {"group"}};
    reach.status = static_cast<cap::Status>(below(5));
    reach.severity = static_cast<cap::Severity>(below(5));
    reach.categories = static_cast<cap::CategorySet>(below(1 << 12) & below(1 << 12));
    if (one_in(10)) reach.categories = 0;
    reach.everywhere = one_in(20);
    for (std::int64_t i = one_in(2) ? 0 : below(4); i > 0; --i) reach.codes.push_back(place().code);
    if (one_in(5)) reach.codes.emplace_back("E99999999");
    std::sort(reach.codes.begin(), reach.codes.end());
    reach.shapes = shapes();
    return reach;
  }
  std::vector<cap::Reach> reaches() {
    cap::Outline outline;
    for (std::int64_t i = one_in(3) ? 1 + below(6) : 1; i > 0; --i)
      outline.reaches.push_back(reach());
    if (one_in(4)) {  // alike in all but where
      outline.reaches.push_back(outline.reaches.front());
      outline.reaches.back().shapes = shapes();
    }
    places().complete(outline);
    return outline.reaches;
  }

 private:
  std::mt19937 random_;
};

/// Sites as they are meant to be, and the index that is to find them.
class World {
 public:
  World(unsigned seed, std::uint32_t organisations) : maker(seed) {
    for (std::uint32_t i = 0; i < organisations; ++i) change(i);
  }

  /// Others in place of those it had; the new ones.
  std::vector<Site> change(std::uint32_t organisation) {
    auto& own = sites_[organisation];
    own.clear();
    std::vector<Site> sites;
    for (std::int64_t i = maker.one_in(6) ? maker.below(5) : 1; i > 0; --i) {
      const Plain plain = maker.plain(organisation);
      own.push_back({plain, plain.code.empty() ? places().wanted(cap::point_of(plain.spot))
                                               : places().wanted(plain.code)});
      sites.push_back(plain.site());
    }
    return sites;
  }

  std::vector<Site> all() const {
    std::vector<Site> all;
    for (const auto& [organisation, own] : sites_) {
      for (const Known& known : own) all.push_back(known.plain.site());
    }
    return all;
  }

  std::vector<std::uint32_t> scan(const Nearby::Question& question) const {
    std::set<std::uint32_t> found;
    for (const cap::Reach& reach : question.reaches) {
      if (reach.audience.scope != cap::Scope::public_) continue;
      cap::Reach without_shapes = reach;
      without_shapes.shapes = {};
      for (const auto& [organisation, own] : sites_) {
        const bool any = std::any_of(own.begin(), own.end(), [&](const Known& known) {
          return wants(known.plain.wishes, reach, question.sectors) &&
                 lies_there(known, reach, without_shapes);
        });
        if (any) found.insert(organisation);
      }
    }
    return {found.begin(), found.end()};
  }

  Maker maker;

 private:
  std::map<std::uint32_t, std::vector<Known>> sites_;
};

std::vector<std::uint32_t> sorted(std::vector<std::uint32_t> numbers) {
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

std::vector<std::uint32_t> numbers_of(const std::vector<Nearby::Near>& found) {
  std::vector<std::uint32_t> numbers;
  for (const auto& near : found) numbers.push_back(near.organisation);
  return sorted(numbers);
}

/// Holds the index against a scan for so many questions; how many of all were found.
std::size_t compare(World& world, const Nearby& nearby, int rounds) {
  std::size_t all = 0;
  for (int round = 0; round < rounds; ++round) {
    CAPTURE(round);
    const std::vector<cap::Reach> reaches = world.maker.reaches();
    Nearby::Question question{reaches};
    if (world.maker.one_in(3)) question.sectors = 0xff00ff00ff00ff00;
    const std::vector<std::uint32_t> found = sorted(nearby.concerned(question));
    REQUIRE(found == world.scan(question));
    REQUIRE(numbers_of(nearby.concerned_from_near(question)) == found);
    all += found.size();
  }
  return all;
}

cap::Reach reach_of(cap::Footprint shapes) {
  cap::Reach reach;
  reach.shapes = std::move(shapes);
  return reach;
}

std::vector<std::uint32_t> ask(const Nearby& nearby, const cap::Reach& reach) {
  return sorted(nearby.concerned({{&reach, 1}}));
}

Site site_at(std::uint32_t organisation, double latitude, double longitude) {
  return *Site::at(organisation, {latitude, longitude}, {});
}

const cap::Disc kLondon({-1'270'000, 515'000'000}, 20);

}  // namespace

TEST_CASE("the index finds what a scan of all sites finds, of few and of many") {
  for (const std::uint32_t organisations : {1U, 100U, 6000U}) {
    CAPTURE(organisations);
    World world(organisations, organisations);
    Nearby nearby(places());
    nearby.load(world.all());
    const int rounds = organisations > 1000 ? 40 : 10;
    const std::size_t found = compare(world, nearby, rounds);
    if (organisations < 1000) continue;
    CHECK(found > static_cast<std::size_t>(rounds) * organisations / 20);
    CHECK(found < static_cast<std::size_t>(rounds) * organisations / 2);
  }
}

TEST_CASE("changes count at once, and no less after they were packed") {
  World world(7, 2000);
  Nearby nearby(places());
  nearby.load(world.all());
  for (int step = 0; step < 6; ++step) {
    CAPTURE(step);
    std::vector<Nearby::Change> changes;
    for (int i = 0; i < 200; ++i) {
      // New ones among them, and some twice.
      const auto organisation = static_cast<std::uint32_t>(world.maker.below(4000));
      changes.push_back({organisation, world.change(organisation)});
    }
    nearby.put(std::move(changes));
    compare(world, nearby, 4);
    if (step % 2 == 0) continue;
    CHECK(nearby.changes() > 0);
    nearby.rebuild();
    CHECK(nearby.changes() == 0);
    compare(world, nearby, 4);
  }
}

TEST_CASE("an organisation that comes, moves and goes is found where it is") {
  Nearby nearby(places());
  const cap::Reach london = reach_of({{}, {kLondon}});
  CHECK(ask(nearby, london).empty());
  nearby.put({{5, {site_at(5, 51.5, -0.12)}}});
  CHECK(ask(nearby, london) == std::vector<std::uint32_t>{5});
  nearby.rebuild();
  CHECK(ask(nearby, london) == std::vector<std::uint32_t>{5});
  nearby.put({{5, {site_at(5, 53.48, -2.24)}}, {1'000'000, {site_at(0, 51.5, -0.1)}}});
  CHECK(ask(nearby, london) == std::vector<std::uint32_t>{1'000'000});
  nearby.put({{1'000'000, {}}});
  CHECK(ask(nearby, london).empty());
  nearby.rebuild();
  CHECK(ask(nearby, london).empty());
  CHECK(ask(nearby, reach_of({{}, {cap::Disc({-22'400'000, 534'800'000}, 1)}})) ==
        std::vector<std::uint32_t>{5});
}

TEST_CASE("an organisation with many sites is found once, from its nearest") {
  Nearby nearby(places());
  std::vector<Site> sites;
  for (std::uint32_t i = 0; i < 6000; ++i) {
    for (int k = 1; k <= 3; ++k) sites.push_back(site_at(i, 51.5, -0.127 + 0.001 * k));
  }
  nearby.load(sites);
  nearby.put({{2, {site_at(2, 51.5, -0.127), site_at(2, 51.6, -0.127)}}});
  const cap::Reach london = reach_of({{}, {kLondon}});
  CHECK(ask(nearby, london).size() == 6000);
  auto found = nearby.concerned_from_near({{&london, 1}});
  REQUIRE(found.size() == 6000);
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.organisation < b.organisation; });
  CHECK(found[2].km == doctest::Approx(0));
  CHECK(found[3].km == doctest::Approx(0.0692).epsilon(0.01));
}

TEST_CASE("distances are to the nearest middle of what is drawn or named") {
  Nearby nearby(places());
  nearby.load({site_at(0, 51.5, -0.127), site_at(1, 53.5, -2.2), site_at(2, 55.95, -3.19)});
  cap::Reach reach = reach_of({{}, {kLondon, cap::Disc({-22'000'000, 534'000'000}, 30)}});
  reach.codes = {"S12000036"};  // Edinburgh
  cap::Outline outline;
  outline.reaches = {reach};
  places().complete(outline);
  const auto found = nearby.concerned_from_near({outline.reaches});
  REQUIRE(found.size() == 3);
  for (const auto& near : found) {
    CHECK(near.km < 20);
    if (near.organisation == 1) CHECK(near.km == doctest::Approx(11.12).epsilon(0.01));
  }
  cap::Reach everywhere;
  everywhere.everywhere = true;
  for (const auto& near : nearby.concerned_from_near({{&everywhere, 1}})) CHECK(near.km == 0);
}

TEST_CASE("a place's name reaches sites on its ground, on its borders, and of its codes") {
  // A corner that several authorities share.
  std::map<cap::Spot, std::set<std::string>> owners;
  for (const Leaf& leaf : places().ground().leaves()) {
    for (const cap::Ring& ring : leaf.rings) {
      for (const cap::Spot corner : ring) owners[corner].insert(leaf.code);
    }
  }
  const auto shared = std::max_element(
      owners.begin(), owners.end(),
      [](const auto& a, const auto& b) { return a.second.size() < b.second.size(); });
  REQUIRE(shared->second.size() > 1);
  for (const std::size_t others : {0UL, 10'000UL}) {  // which find their authorities another way
    Nearby nearby(places());
    std::vector<Site> sites(others, site_at(9, 60, -8));
    sites.push_back(*Site::at(0, cap::point_of(shared->first), {}));
    sites.push_back(*Site::in(1, *shared->second.begin(), places(), {}));
    sites.push_back(*Site::in(2, *shared->second.rbegin(), places(), {}));
    sites.push_back(*Site::in(3, "K02000001", places(), {}));
    nearby.load(sites);
    for (const std::string& code : shared->second) {
      CAPTURE(code);
      cap::Outline outline;
      outline.reaches.resize(1);
      outline.reaches[0].codes = {code};
      places().complete(outline);
      std::vector<std::uint32_t> wanted{0, 3};
      if (code == *shared->second.begin()) wanted = {0, 1, 3};
      if (code == *shared->second.rbegin()) wanted = {0, 2, 3};
      CHECK(ask(nearby, outline.reaches[0]) == wanted);
    }
  }
}

TEST_CASE("a cell that thousands of edges pass is as exact as any") {
  Maker maker(12);
  const cap::Spot corner = lattice::corner_of(lattice::cell_of({-1'270'000, 515'000'000}));
  Nearby nearby(places());
  std::vector<Site> sites;
  std::vector<cap::Spot> spots;
  for (std::uint32_t i = 0; i < 5000; ++i) {
    spots.push_back({corner.x - 100 + maker.below(66'000), corner.y - 100 + maker.below(66'000)});
    sites.push_back(*Site::at(i, cap::point_of(spots.back()), {}));
  }
  nearby.load(sites);
  for (const std::int64_t width : {6, 40, 3000}) {
    CAPTURE(width);
    const auto comb = maker.comb(static_cast<int>(60'000 / width / 2), corner, width, 50'000);
    const cap::Reach reach = reach_of({{comb}, {}});
    std::vector<std::uint32_t> wanted;
    for (std::uint32_t i = 0; i < spots.size(); ++i) {
      if (cap::Footprint({comb}, {}).holds(spots[i])) wanted.push_back(i);
    }
    CHECK(wanted.size() > 1000);
    CHECK(wanted.size() < 4000);
    CHECK(ask(nearby, reach) == wanted);
  }
}

TEST_CASE("one site is asked by the same rules, whoever is meant") {
  World world(11, 1);
  Nearby nearby(places());
  int concerned = 0;
  for (int i = 0; i < 200; ++i) {
    cap::Outline outline;
    outline.reaches = {world.maker.reach()};
    places().complete(outline);
    cap::Reach& reach = outline.reaches.front();
    const Site site = world.change(0).empty() ? site_at(0, 51, 0) : world.all().front();
    const bool says = nearby.concerns(reach, site);
    nearby.put({{0, {site}}});
    reach.audience = {};
    CHECK(says == !ask(nearby, reach).empty());
    concerned += says ? 1 : 0;
  }
  CHECK(concerned > 5);
}

TEST_CASE("what is Restricted or Private is no question of where") {
  Nearby nearby(places());
  nearby.load({site_at(0, 51.5, -0.127)});
  cap::Reach reach = reach_of({{}, {kLondon}});
  reach.audience = {cap::Scope::restricted, {"group"}};
  CHECK(ask(nearby, reach).empty());
  CHECK(nearby.concerns(reach, site_at(0, 51.5, -0.127)));
  reach.audience = {};
  CHECK(ask(nearby, reach).size() == 1);
}

TEST_CASE("no site lies where there is no place on Earth, nor under an unknown code") {
  for (const auto& point : {cap::Point{90.1, 0}, cap::Point{-90.1, 0}, cap::Point{0, 180.1},
                            cap::Point{0, -180.1}, cap::Point{NAN, 0}, cap::Point{0, NAN}}) {
    CHECK_FALSE(Site::at(0, point, {}));
  }
  CHECK(Site::at(0, {90, 180}, {}));
  CHECK(Site::at(0, {-90, -180}, {}));
  CHECK_FALSE(Site::in(0, "E99999999", places(), {}));
  CHECK(Site::in(0, "E09000033", places(), {}));
}

TEST_CASE("all places lie on the lattice") {
  for (const Place& place : places().all()) {
    CAPTURE(place.code);
    CHECK(lattice::holds(cap::spot_of({place.box.south, place.box.west})));
    CHECK(lattice::holds(cap::spot_of({place.box.north, place.box.east})));
  }
}

TEST_CASE("kNearbyChanges changed organisations may wait to be packed and one more is too many") {
  Nearby nearby(places());
  std::vector<Nearby::Change> changes(kNearbyChanges);
  for (std::uint32_t i = 0; i < changes.size(); ++i) {
    changes[i] = {i, {site_at(i, 51.5, -0.127)}};
  }
  nearby.put(std::move(changes));
  CHECK_FALSE(nearby.wants_rebuild());
  nearby.put({{0, {}}});
  CHECK_FALSE(nearby.wants_rebuild());
  nearby.put({{kNearbyChanges, {}}});
  CHECK(nearby.wants_rebuild());
  nearby.rebuild();
  CHECK_FALSE(nearby.wants_rebuild());
  CHECK(ask(nearby, reach_of({{}, {kLondon}})).size() == kNearbyChanges - 1);
}
