#include "engine/match/packed_sites.hpp"

#include <algorithm>
#include <map>
#include <numeric>

#include "engine/base/ensure.hpp"

namespace engine {
namespace {

using namespace lattice;

// Where more pass a cell, its sites ask the shapes, which find those that matter by halves.
constexpr std::uint32_t kAskedOneByOne = 64;
// So many are asked one by one which authorities hold them.
constexpr std::uint32_t kFewSites = 4096;
// From so many sites on it is worth the time to make shapes ready for them.
constexpr std::size_t kManySpots = 1000;
// From so many grounds on, all pieces are looked at instead of those of each ground.
constexpr std::size_t kManyGrounds = 16;

/// Adds it behind the others, or to the last one where nothing lies between.
void append(std::vector<PackedSites::Run>& runs, std::uint32_t begin, std::uint32_t end) {
  if (begin == end) return;
  if (!runs.empty() && runs.back().end == begin) {
    runs.back().end = end;
  } else {
    runs.push_back({begin, end});
  }
}

}  // namespace

/// Sites while they are packed.
class PackedSites::Building {
 public:
  Building(PackedSites& packed, const Places& places) : packed_(packed), places_(places) {}

  void sort_by_cell(const std::vector<Site>& sites);
  void find_grounds();
  void sort_by_ground();
  void cut();
  void mark_often();

 private:
  static std::size_t key_of(const Site& site) {
    if (!site.at_spot()) return kCells + 1UL + site.place;
    return holds(site.spot()) ? cell_of(site.spot()) : kCells;
  }
  void add(std::uint32_t row, GroundNumber leaf);
  void put_in_order(std::uint32_t begin, std::uint32_t end);

  PackedSites& packed_;
  const Places& places_;
  std::vector<GroundNumber> ground_;      // of each site; 0: none
  std::vector<std::uint32_t> codes_end_;  // of each place: where the sites of its code end
  std::map<std::vector<std::uint16_t>, GroundNumber> borders_;
};

void PackedSites::Building::sort_by_cell(const std::vector<Site>& sites) {
  const std::size_t keys = kCells + 1UL + places_.all().size();
  std::vector<std::uint32_t> next(keys + 1);
  for (const Site& site : sites) ++next[key_of(site) + 1];
  std::partial_sum(next.begin(), next.end(), next.begin());
  packed_.begin_.assign(next.begin(), next.begin() + kCells + 1);
  const std::uint32_t near = next[kCells], codes = next[kCells + 1];
  packed_.organisations_.resize(sites.size());
  packed_.wishes_.resize(sites.size());
  packed_.within_.resize(near);
  packed_.far_.resize(codes - near);
  for (const Site& site : sites) {
    const std::uint32_t row = next[key_of(site)]++;
    packed_.organisations_[row] = site.organisation;
    packed_.wishes_[row] = site.wishes;
    if (row < near) {
      const cap::Spot corner = corner_of(cell_of(site.spot()));
      packed_.within_[row] = static_cast<std::uint32_t>(site.spot().x - corner.x) |
                             static_cast<std::uint32_t>(site.spot().y - corner.y) << 16;
    } else if (row < codes) {
      packed_.far_[row - near] = site.spot();
    }
  }
  codes_end_.assign(next.begin() + kCells + 1, next.end() - 1);
}

/// Draws each authority on the lattice, as if it were asked for; of few sites, each is asked for.
void PackedSites::Building::find_grounds() {
  packed_.grounds_.emplace_back();
  ground_.resize(packed_.size());
  const auto near = static_cast<std::uint32_t>(packed_.within_.size());
  for (const Leaf& leaf : places_.ground().leaves()) {
    const auto place = static_cast<std::uint16_t>(places_.find(leaf.code) - places_.all().data());
    const auto number = static_cast<GroundNumber>(packed_.grounds_.size());
    packed_.grounds_.push_back({{place}, false});
    if (near <= kFewSites) continue;
    Sweep sweep;
    sweep.add(leaf.rings);
    sweep.finish();
    for (const Sweep::Span span : sweep.inside()) {
      const std::uint32_t end = packed_.begin_of(span.last);
      for (std::uint32_t i = packed_.begin_of(span.first); i < end; ++i) add(i, number);
    }
    for (const Sweep::Border& border : sweep.borders()) {
      const std::uint32_t end = packed_.begin_of(border.cell + 1);
      for (std::uint32_t i = packed_.begin_of(border.cell); i < end; ++i) {
        if (sweep.holds(border, packed_.spot_in(border.cell, i))) add(i, number);
      }
    }
  }
  if (near > kFewSites) return;
  packed_.each_spot({0, near}, [&](std::uint32_t i, cap::Spot spot) {
    for (const std::size_t leaf : places_.ground().holding(spot)) {
      add(i, static_cast<GroundNumber>(leaf + 1));
    }
  });
}

/// One more authority holds the site.
void PackedSites::Building::add(std::uint32_t row, GroundNumber leaf) {
  GroundNumber& ground = ground_[row];
  if (ground == 0) {
    ground = leaf;
    return;
  }
  std::vector<std::uint16_t> places = packed_.grounds_[ground].places;
  places.push_back(packed_.grounds_[leaf].places.front());
  const auto next = static_cast<GroundNumber>(packed_.grounds_.size());
  const auto [known, added] = borders_.emplace(places, next);
  if (added) packed_.grounds_.push_back({std::move(places), false});
  ground = known->second;
}

/// Within each cell, so that a cell on a border is cut into a few pieces.
void PackedSites::Building::sort_by_ground() {
  for (std::uint32_t cell = 0; cell < kCells; ++cell) {
    const std::uint32_t begin = packed_.begin_of(cell), end = packed_.begin_of(cell + 1);
    if (end - begin < 2) continue;
    const auto first = ground_.begin() + begin, last = ground_.begin() + end;
    if (!std::is_sorted(first, last)) put_in_order(begin, end);
  }
}

void PackedSites::Building::put_in_order(std::uint32_t begin, std::uint32_t end) {
  std::vector<std::uint32_t> order(end - begin);
  std::iota(order.begin(), order.end(), begin);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return ground_[a] < ground_[b]; });
  const auto move = [&](auto& values) {
    auto moved = std::vector(values.begin() + begin, values.begin() + end);
    for (std::size_t k = 0; k < order.size(); ++k) moved[k] = values[order[k]];
    std::copy(moved.begin(), moved.end(), values.begin() + begin);
  };
  move(packed_.organisations_);
  move(packed_.wishes_);
  move(packed_.within_);
  move(ground_);
}

/// Cuts the sites where their ground changes.
void PackedSites::Building::cut() {
  const auto spots = static_cast<std::uint32_t>(packed_.within_.size() + packed_.far_.size());
  const auto none = static_cast<GroundNumber>(0);
  const auto add = [&](std::uint32_t row, GroundNumber ground) {
    auto& pieces = packed_.pieces_;
    if (pieces.empty() || pieces.back().ground != ground) pieces.push_back({row, ground});
  };
  for (std::uint32_t row = 0; row < spots; ++row) add(row, ground_[row]);
  std::uint32_t row = spots;
  for (std::uint16_t place = 0; row < packed_.size(); ++place) {
    const std::uint32_t end = codes_end_[place];
    if (end == row) continue;
    add(row, static_cast<GroundNumber>(packed_.grounds_.size()));
    packed_.grounds_.push_back({{place}, true});
    row = end;
  }
  ENSURE(packed_.grounds_.size() <= 0xffff);
  packed_.of_ground_.resize(packed_.grounds_.size());
  for (std::uint32_t k = 0; k < packed_.pieces_.size(); ++k) {
    packed_.of_ground_[packed_.pieces_[k].ground].push_back(k);
  }
  packed_.pieces_.push_back({static_cast<std::uint32_t>(packed_.size()), none});
}

/// Of organisations that have several sites.
void PackedSites::Building::mark_often() {
  std::uint32_t most = 0;
  for (const std::uint32_t number : packed_.organisations_) most = std::max(most, number);
  packed_.numbers_ = packed_.size() == 0 ? 0 : most + 1UL;
  std::vector<bool> seen(packed_.numbers_), again(packed_.numbers_);
  for (const std::uint32_t number : packed_.organisations_) {
    if (seen[number]) again[number] = true;
    seen[number] = true;
  }
  for (std::size_t i = 0; i < packed_.size(); ++i) {
    packed_.wishes_[i].set_often(again[packed_.organisations_[i]]);
  }
}

PackedSites::PackedSites(std::vector<Site> sites, const Places& places) {
  for (const Place& place : places.all()) {
    middles_.push_back(cap::spot_of(
        {(place.box.south + place.box.north) / 2, (place.box.west + place.box.east) / 2}));
  }
  if (sites.empty()) return;
  Building building(*this, places);
  building.sort_by_cell(sites);
  sites = {};
  building.find_grounds();
  building.sort_by_ground();
  building.cut();
  building.mark_often();
}

std::vector<Site> PackedSites::unpacked() const {
  std::vector<Site> sites(size());
  for (std::size_t i = 0; i < size(); ++i) {
    sites[i].organisation = organisations_[i];
    sites[i].wishes = wishes_[i];
  }
  const auto spots = static_cast<std::uint32_t>(within_.size() + far_.size());
  each_spot({0, spots}, [&](std::uint32_t i, cap::Spot spot) {
    sites[i].x = static_cast<std::int32_t>(spot.x);
    sites[i].y = static_cast<std::int32_t>(spot.y);
  });
  for (std::size_t k = 0; k + 1 < pieces_.size(); ++k) {
    const Ground& ground = grounds_[pieces_[k].ground];
    if (!ground.by_code) continue;
    for (std::uint32_t i = pieces_[k].begin; i < pieces_[k + 1].begin; ++i) {
      sites[i].place = ground.places.front();
    }
  }
  return sites;
}

std::size_t PackedSites::octets() const {
  std::size_t octets = sizeof *this + size() * (sizeof(std::uint32_t) + sizeof(WishWord)) +
                       (within_.size() + begin_.size()) * sizeof(std::uint32_t) +
                       (far_.size() + middles_.size()) * sizeof(cap::Spot) +
                       pieces_.size() * (sizeof(Piece) + sizeof(std::uint32_t));
  for (const Ground& ground : grounds_) octets += sizeof ground + ground.places.size() * 2;
  return octets + of_ground_.size() * sizeof(std::vector<std::uint32_t>);
}

// --- asked

std::vector<PackedSites::Run> PackedSites::runs(const cap::Reach& reach, const Named& named) const {
  std::vector<Run> runs;
  if (size() == 0) return runs;
  if (reach.everywhere) return {{0, static_cast<std::uint32_t>(size())}};
  add_named(named, runs);
  const std::size_t middle = runs.size();
  if (reach.shapes.shapes() > 0) {
    add_held(reach.shapes, runs);
    add_far(reach.shapes, runs);
  }
  if (middle == 0 || middle == runs.size()) return runs;
  std::inplace_merge(runs.begin(), runs.begin() + static_cast<std::ptrdiff_t>(middle), runs.end(),
                     [](const Run& a, const Run& b) { return a.begin < b.begin; });
  join(runs);
  return runs;
}

void PackedSites::join(std::vector<Run>& runs) {
  std::size_t joined = 0;
  for (const Run run : runs) {
    if (joined > 0 && run.begin <= runs[joined - 1].end) {
      runs[joined - 1].end = std::max(runs[joined - 1].end, run.end);
    } else {
      runs[joined++] = run;
    }
  }
  runs.resize(joined);
}

bool PackedSites::is_named(const Ground& ground, const Named& named) {
  if (ground.by_code) return named.concerns(ground.places.front());
  return std::any_of(ground.places.begin(), ground.places.end(),
                     [&](std::uint16_t place) { return named.names(place); });
}

void PackedSites::add_named(const Named& named, std::vector<Run>& runs) const {
  std::vector<char> wanted(grounds_.size());
  std::vector<std::size_t> few;
  for (std::size_t i = 0; i < grounds_.size(); ++i) {
    if (of_ground_[i].empty() || !is_named(grounds_[i], named)) continue;
    wanted[i] = 1;
    few.push_back(i);
  }
  if (few.size() > kManyGrounds) {
    for (std::size_t k = 0; k + 1 < pieces_.size(); ++k) {
      if (wanted[pieces_[k].ground] != 0) append(runs, pieces_[k].begin, pieces_[k + 1].begin);
    }
    return;
  }
  for (const std::size_t ground : few) {
    for (const std::uint32_t k : of_ground_[ground]) {
      runs.push_back({pieces_[k].begin, pieces_[k + 1].begin});
    }
  }
  std::sort(runs.begin(), runs.end(), [](const Run& a, const Run& b) { return a.begin < b.begin; });
}

/// In cells.
void PackedSites::add_held(const cap::Footprint& shapes, std::vector<Run>& runs) const {
  Sweep sweep;
  if (!sweep.add(shapes)) return add_asked(shapes, runs);
  sweep.finish();
  add_swept(sweep, shapes, runs);
}

void PackedSites::add_swept(const Sweep& sweep, const cap::Footprint& shapes,
                            std::vector<Run>& runs) const {
  std::vector<Run> found;
  auto border = sweep.borders().begin();
  const auto add_borders = [&](std::uint32_t before) {
    for (; border != sweep.borders().end() && border->cell < before; ++border) {
      const std::uint32_t end = begin_of(border->cell + 1);
      const bool crowded = border->size() > kAskedOneByOne;
      if (crowded && begin_of(border->cell) < end) shapes.prepare();
      for (std::uint32_t i = begin_of(border->cell); i < end; ++i) {
        const cap::Spot spot = spot_in(border->cell, i);
        if (crowded ? shapes.holds(spot) : sweep.holds(*border, spot)) append(found, i, i + 1);
      }
    }
  };
  for (const Sweep::Span span : sweep.inside()) {
    add_borders(span.first);
    append(found, begin_of(span.first), begin_of(span.last));
  }
  add_borders(kCells);
  runs.insert(runs.end(), found.begin(), found.end());
}

/// Where there is too much to be drawn.
void PackedSites::add_asked(const cap::Footprint& shapes, std::vector<Run>& runs) const {
  shapes.prepare();
  std::vector<Run> found;
  each_spot({0, static_cast<std::uint32_t>(within_.size())}, [&](std::uint32_t i, cap::Spot spot) {
    if (shapes.holds(spot)) append(found, i, i + 1);
  });
  runs.insert(runs.end(), found.begin(), found.end());
}

void PackedSites::add_far(const cap::Footprint& shapes, std::vector<Run>& runs) const {
  if (far_.size() > kManySpots) shapes.prepare();
  const auto near = static_cast<std::uint32_t>(within_.size());
  for (std::uint32_t i = 0; i < far_.size(); ++i) {
    if (shapes.holds(far_[i])) runs.push_back({near + i, near + i + 1});
  }
}

}  // namespace engine
