#include "engine/nearby.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>
#include <numbers>
#include <optional>
#include <tuple>

#include "engine/base/large_pages.hpp"

namespace engine {
namespace {

// To more middles than that no distances are measured one by one.
constexpr std::size_t kMiddles = 16;
// So many vertices times spots are worth the time to make shapes ready.
constexpr std::size_t kMuchToAsk = 2'000'000;
constexpr double kKmPerSpot = 6371.0088 * std::numbers::pi / 180 / cap::kSpotsPerDegree;

cap::Spot middle_of(const cap::Extent& box) {
  return {(box.least.x + box.most.x) / 2, (box.least.y + box.most.y) / 2};
}

cap::Extent extent_of(const cap::Box& box) {
  return {cap::spot_of({box.south, box.west}), cap::spot_of({box.north, box.east})};
}

/// What distances are measured to.
class Middles {
 public:
  Middles(std::span<const cap::Reach> reaches, const Places& places) {
    for (const cap::Reach& reach : reaches) {
      if (reach.everywhere || reach.audience.scope != cap::Scope::public_) continue;
      for (const cap::Ring& ring : reach.shapes.polygons()) {
        if (!ring.empty()) add(cap::box_around(ring));
      }
      for (const cap::Disc& circle : reach.shapes.circles()) add(circle.extent());
      for (const std::string& code : reach.codes) {
        if (const Place* place = places.find(code)) add(extent_of(place->box));
      }
    }
    if (count_ > kMiddles) {
      spots_[0] = middle_of(*all_);
      count_ = 1;
    }
    if (all_) {
      const double latitude = cap::point_of(middle_of(*all_)).latitude;
      narrow_ = std::cos(latitude * std::numbers::pi / 180);
    }
  }

  float km_to(cap::Spot spot) const {
    if (count_ == 0) return 0;
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < count_; ++i) {
      const double east = static_cast<double>(spot.x - spots_[i].x) * narrow_;
      const auto north = static_cast<double>(spot.y - spots_[i].y);
      least = std::min(least, east * east + north * north);
    }
    return static_cast<float>(std::sqrt(least) * kKmPerSpot);
  }

 private:
  void add(const cap::Extent& box) {
    if (count_ < kMiddles) spots_[count_] = middle_of(box);
    ++count_;
    all_ = all_ ? cap::around(*all_, box) : box;
  }

  std::array<cap::Spot, kMiddles> spots_;
  std::size_t count_ = 0;
  std::optional<cap::Extent> all_;
  double narrow_ = 1;
};

/// How many rows are looked at for all groups.
constexpr auto rows_of = [](const auto& groups) {
  std::size_t rows = 0;
  for (const auto& group : groups) {
    for (const PackedSites::Run run : group.runs) rows += run.end - run.begin;
  }
  return rows;
};

constexpr auto by_number = [](const auto& a, const auto& b) {
  return a->organisation < b->organisation;
};

}  // namespace

Nearby::Nearby(const Places& places) : places_(places), containment_(places) { load({}); }

// --- what there is

std::shared_ptr<const Nearby::State> Nearby::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

void Nearby::load(std::vector<Site> sites) {
  auto state = std::make_shared<State>();
  state->packed = std::make_shared<const PackedSites>(std::move(sites), places_);
  mark_replaced(*state);
  const std::lock_guard lock(mutex_);
  state_ = std::move(state);
}

/// Finds where its sites are.
Nearby::Changed Nearby::changed_of(Change change) const {
  Changed changed{change.organisation, {}};
  for (Site& site : change.sites) {
    site.organisation = change.organisation;
    Changed::At at{site, {}};
    if (site.at_spot()) {
      for (const std::size_t leaf : places_.ground().holding(site.spot())) {
        const Place* place = places_.find(places_.ground().leaves()[leaf].code);
        at.places.push_back(static_cast<std::uint16_t>(place - places_.all().data()));
      }
    }
    changed.sites.push_back(std::move(at));
  }
  return changed;
}

void Nearby::mark_replaced(State& state) {
  state.replaced = PassedOver(state.packed->numbers());
  for (const auto& changed : state.changes) {
    const std::uint32_t number = changed->organisation;
    if (number < state.packed->numbers()) state.replaced.add(number);
  }
}

void Nearby::put(std::vector<Change> changes) {
  std::vector<std::shared_ptr<const Changed>> fresh;
  for (Change& change : changes) {
    fresh.push_back(std::make_shared<const Changed>(changed_of(std::move(change))));
  }
  // Of several of one organisation the last one counts.
  std::stable_sort(fresh.begin(), fresh.end(), by_number);
  const std::lock_guard lock(mutex_);
  auto state = std::make_shared<State>();
  state->packed = state_->packed;
  std::vector<std::shared_ptr<const Changed>> all;
  std::merge(state_->changes.begin(), state_->changes.end(), fresh.begin(), fresh.end(),
             std::back_inserter(all), by_number);
  for (auto& changed : all) {
    auto& kept = state->changes;
    if (!kept.empty() && kept.back()->organisation == changed->organisation) kept.pop_back();
    kept.push_back(std::move(changed));
  }
  mark_replaced(*state);
  state_ = std::move(state);
}

std::size_t Nearby::changes() const { return state()->changes.size(); }

std::vector<Site> Nearby::sites_of(const State& state) {
  std::vector<Site> sites = state.packed->unpacked();
  std::erase_if(sites, [&](const Site& site) { return state.replaced.has(site.organisation); });
  for (const auto& changed : state.changes) {
    for (const Changed::At& at : changed->sites) sites.push_back(at.site);
  }
  return sites;
}

void Nearby::rebuild() {
  const std::shared_ptr<const State> old = state();
  auto next = std::make_shared<State>();
  next->packed = std::make_shared<const PackedSites>(sites_of(*old), places_);
  const std::lock_guard lock(mutex_);
  // What was put meanwhile is not packed yet.
  for (const auto& changed : state_->changes) {
    const auto known =
        std::lower_bound(old->changes.begin(), old->changes.end(), changed, by_number);
    if (known == old->changes.end() || *known != changed) next->changes.push_back(changed);
  }
  mark_replaced(*next);
  state_ = std::move(next);
}

std::size_t Nearby::octets() const {
  const auto now = state();
  std::size_t octets = sizeof *this + now->packed->octets() + now->replaced.octets();
  for (const auto& changed : now->changes) {
    octets += sizeof changed + sizeof *changed + changed->sites.size() * sizeof(Changed::At);
  }
  return octets;
}

// --- what is asked

bool Nearby::concerns(const cap::Reach& reach, const Named& named, const Changed::At& at) {
  if (reach.everywhere) return true;
  if (!at.site.at_spot()) return named.concerns(at.site.place);
  return std::any_of(at.places.begin(), at.places.end(),
                     [&](std::uint16_t place) { return named.names(place); }) ||
         reach.shapes.holds(at.site.spot());
}

bool Nearby::concerns(const cap::Reach& reach, const Site& site, std::uint64_t sectors) const {
  if (!site.wishes.wants(WishWord::asked(reach, sectors))) return false;
  const Changed changed = changed_of({site.organisation, {site}});
  return concerns(reach, Named(reach, places_, containment_), changed.sites.front());
}

bool Nearby::concerns(const std::vector<Group>& groups, const Changed::At& at) {
  return std::any_of(groups.begin(), groups.end(), [&](const Group& group) {
    if (!at.site.wishes.wants(group.asked)) return false;
    for (std::size_t i = 0; i < group.reaches.size(); ++i) {
      if (concerns(*group.reaches[i], group.named[i], at)) return true;
    }
    return false;
  });
}

std::vector<Nearby::Group> Nearby::groups_of(const Question& question,
                                             const PackedSites& packed) const {
  std::vector<Group> groups;
  for (const cap::Reach& reach : question.reaches) {
    if (reach.audience.scope != cap::Scope::public_) continue;
    const auto asked = WishWord::asked(reach, question.sectors);
    const auto same = std::find_if(groups.begin(), groups.end(),
                                   [&](const Group& group) { return group.asked == asked; });
    Group& group = same == groups.end() ? groups.emplace_back() : *same;
    group.asked = asked;
    group.reaches.push_back(&reach);
    group.named.emplace_back(reach, places_, containment_);
    std::vector<PackedSites::Run> runs = packed.runs(reach, group.named.back());
    if (group.runs.empty()) {
      group.runs = std::move(runs);
      continue;
    }
    group.runs.insert(group.runs.end(), runs.begin(), runs.end());
    std::sort(group.runs.begin(), group.runs.end(),
              [](const auto& a, const auto& b) { return a.begin < b.begin; });
    PackedSites::join(group.runs);
  }
  return groups;
}

/// Gathers the numbers of those who want it from many runs, a block at a time.
class Nearby::Gathering {
 public:
  /// `often`: whatever is found may be found again.
  Gathering(const State& state, bool often, std::size_t most) : state_(state), often_(often) {
    reserve_in_large_pages(often ? again_ : once_, most);
  }

  void add(PackedSites::Run run, const WishWord::Asked& asked) {
    while (run.begin < run.end) {
      const PackedSites::Run block{run.begin, std::min(run.end, run.begin + kBlock)};
      if (once_count_ + kBlock > kFull) empty_once();
      if (again_count_ + kBlock > kFull) empty_again();
      pick_from(block, asked);
      run.begin = block.end;
    }
  }

  /// Each once.
  std::vector<std::uint32_t> finish() {
    empty_once();
    empty_again();
    if (again_.size() < kFew) {
      std::sort(again_.begin(), again_.end());
      again_.erase(std::unique(again_.begin(), again_.end()), again_.end());
      once_.insert(once_.end(), again_.begin(), again_.end());
      return std::move(once_);
    }
    std::vector<std::uint64_t> seen((state_.packed->numbers() + 63) / 64);
    for (const std::uint32_t number : again_) {
      std::uint64_t& bits = seen[number / 64];
      const std::uint64_t bit = std::uint64_t{1} << (number % 64);
      if ((bits & bit) == 0) once_.push_back(number);
      bits |= bit;
    }
    return std::move(once_);
  }

 private:
  static constexpr std::uint32_t kBlock = 1024, kFull = 2048;
  static constexpr std::size_t kFew = 4096;  // are sorted
  using Buffer = std::array<std::uint32_t, kFull + kPickSpill>;

  void empty_once() { empty(once_buffer_, once_count_, often_ ? again_ : once_); }
  void empty_again() { empty(again_buffer_, again_count_, again_); }

  static void empty(const Buffer& buffer, std::uint32_t& count, std::vector<std::uint32_t>& into) {
    into.insert(into.end(), buffer.begin(), buffer.begin() + count);
    count = 0;
  }

  void pick_from(PackedSites::Run block, const WishWord::Asked& asked) {
    const PackedSites& packed = *state_.packed;
    const SiteRows rows{packed.organisations() + block.begin, packed.wishes() + block.begin,
                        block.end - block.begin};
    const Picked into{once_buffer_.data() + once_count_, again_buffer_.data() + again_count_};
    const Picked end = pick(rows, asked, state_.replaced, into);
    once_count_ += static_cast<std::uint32_t>(end.once - into.once);
    again_count_ += static_cast<std::uint32_t>(end.again - into.again);
  }

  const State& state_;
  const bool often_;
  Buffer once_buffer_, again_buffer_;
  std::uint32_t once_count_ = 0, again_count_ = 0;
  std::vector<std::uint32_t> once_, again_;
};

/// Where changed sites ask many edges, these are made ready for them first.
void Nearby::prepare(const std::vector<Group>& groups, const State& state) {
  for (const Group& group : groups) {
    for (const cap::Reach* reach : group.reaches) {
      if (reach->shapes.vertices() * state.changes.size() > kMuchToAsk) reach->shapes.prepare();
    }
  }
}

std::vector<std::uint32_t> Nearby::concerned(const Question& question) const {
  const std::shared_ptr<const State> now = state();
  const std::vector<Group> groups = groups_of(question, *now->packed);
  Gathering gathering(*now, groups.size() > 1, rows_of(groups));
  for (const Group& group : groups) {
    for (const PackedSites::Run run : group.runs) gathering.add(run, group.asked);
  }
  std::vector<std::uint32_t> found = gathering.finish();
  prepare(groups, *now);
  for (const auto& changed : now->changes) {
    const auto wants = [&](const Changed::At& at) { return concerns(groups, at); };
    if (std::any_of(changed->sites.begin(), changed->sites.end(), wants)) {
      found.push_back(changed->organisation);
    }
  }
  return found;
}

std::vector<Nearby::Near> Nearby::concerned_from_near(const Question& question) const {
  const std::shared_ptr<const State> now = state();
  const PackedSites& packed = *now->packed;
  const std::vector<Group> groups = groups_of(question, packed);
  const Middles middles(question.reaches, places_);
  std::vector<Near> once, again;
  reserve_in_large_pages(groups.size() > 1 ? again : once, rows_of(groups));
  for (const Group& group : groups) {
    for (const PackedSites::Run run : group.runs) {
      packed.each_spot(run, [&](std::uint32_t i, cap::Spot spot) {
        const std::uint32_t number = packed.organisations()[i];
        const WishWord wishes = packed.wishes()[i];
        if (!wishes.wants(group.asked) || now->replaced.has(number)) return;
        const bool often = wishes.often() || groups.size() > 1;
        (often ? again : once).push_back({number, middles.km_to(spot)});
      });
    }
  }
  prepare(groups, *now);
  for (const auto& changed : now->changes) {
    for (const Changed::At& at : changed->sites) {
      if (!concerns(groups, at)) continue;
      const cap::Spot spot = at.site.at_spot() ? at.site.spot() : packed.middle(at.site.place);
      again.push_back({changed->organisation, middles.km_to(spot)});
    }
  }
  std::sort(again.begin(), again.end(), [](const Near& a, const Near& b) {
    return std::tie(a.organisation, a.km) < std::tie(b.organisation, b.km);
  });
  const auto same = [](const Near& a, const Near& b) { return a.organisation == b.organisation; };
  again.erase(std::unique(again.begin(), again.end(), same), again.end());
  once.insert(once.end(), again.begin(), again.end());
  return once;
}

}  // namespace engine
