#include "engine/directory/whereabouts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>

#include "engine/directory/limits.hpp"

namespace engine {
namespace {

static_assert(limits::kSectorsOfAll == kSectors - 1, "the first number is for none");

std::optional<cap::Point> point_of(std::string_view text) {
  const auto comma = text.find(',');
  if (comma == std::string_view::npos) return std::nullopt;
  const auto number = [](std::string_view digits, double& into) {
    const auto [end, error] = std::from_chars(digits.begin(), digits.end(), into);
    return error == std::errc{} && end == digits.end();
  };
  cap::Point point;
  if (!number(text.substr(0, comma), point.latitude)) return std::nullopt;
  if (!number(text.substr(comma + 1), point.longitude)) return std::nullopt;
  return point;
}

/// One for each of the sectors.
void add(std::vector<Site>& sites, const std::optional<Site>& site, Wishes wishes,
         std::uint64_t sectors) {
  if (!site) return;
  for (; sectors != 0; sectors &= sectors - 1) {
    wishes.sector = static_cast<unsigned>(std::countr_zero(sectors));
    sites.push_back(*site);
    sites.back().wishes = WishWord(wishes);
  }
}

std::vector<Site> all_sites(const Located& located) {
  std::vector<Site> sites = located.premises;
  sites.insert(sites.end(), located.areas.begin(), located.areas.end());
  return sites;
}

}  // namespace

std::uint32_t Whereabouts::number(const std::string& key) {
  const std::lock_guard lock(mutex_);
  keys_.push_back(key);
  return static_cast<std::uint32_t>(keys_.size() - 1);
}

Whereabouts::Numbered Whereabouts::numbered() const {
  const std::lock_guard lock(mutex_);
  return {keys_.size(), sectors_.size()};
}

void Whereabouts::forget_after(const Numbered& numbered) {
  const std::lock_guard lock(mutex_);
  keys_.resize(numbered.organisations);
  std::erase_if(sectors_, [&](const auto& one) { return one.second > numbered.sectors; });
}

Result<unsigned> Whereabouts::sector_of(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const auto known = sectors_.find(name);
  if (known != sectors_.end()) return known->second;
  if (sectors_.size() >= limits::kSectorsOfAll) {
    return Failure{fmt::format("the directory knows {} sectors already, and {} is none of them",
                               limits::kSectorsOfAll, name)};
  }
  const auto number = static_cast<unsigned>(sectors_.size() + 1);
  sectors_.emplace(name, number);
  sector_names_.resize(number + 1);
  sector_names_[number] = name;
  return number;
}

/// What its subscription says but where, by the rules of Filter.
Wishes Whereabouts::wishes_of(const Organisation& organisation) const {
  Wishes wishes;
  wishes.statuses = 0;
  for (const auto& [name, value] : organisation.subscription) {
    if (name == "category") {
      if (const auto category = cap::from_text<cap::Category>(value)) {
        wishes.categories |= cap::bit(*category);
      }
    } else if (name == "severity") {
      if (const auto severity = cap::from_text<cap::Severity>(value)) {
        const int rank = cap::rank(*severity);
        wishes.rank_at_least =
            wishes.rank_at_least == 0 ? rank : std::min(wishes.rank_at_least, rank);
      }
    } else if (name == "status") {
      if (const auto status = cap::from_text<cap::Status>(value)) {
        wishes.statuses |= 1U << static_cast<unsigned>(*status);
      }
    }
  }
  if (wishes.statuses == 0) wishes.statuses = 1U << static_cast<unsigned>(default_status_);
  return wishes;
}

Result<Located> Whereabouts::locate(const Organisation& organisation, const Profile& profile,
                                    std::uint32_t number) {
  Located located;
  located.number = number;
  if (!profile.sectors.empty()) located.sectors = 0;
  for (const auto& sector : profile.sectors) {
    const auto known = sector_of(sector);
    if (!known) return known.error();
    located.sectors |= std::uint64_t{1} << *known;
  }
  const Wishes wishes = wishes_of(organisation);
  for (const auto& premises : profile.premises) {
    // A point says more than a code: whoever is known by both is not concerned by what touches
    // another end of the authority.
    const auto site = premises.point ? Site::at(number, *premises.point, wishes)
                                     : Site::in(number, premises.ons, places_, wishes);
    if (!site) {
      return Failure{
          fmt::format("a place of {} is not known: give an ONS code such as E09000033, "
                      "or latitude and longitude",
                      organisation.key)};
    }
    add(located.premises, site, wishes, located.sectors);
  }
  for (const auto& [name, value] : organisation.subscription) {
    if (name != "area") continue;
    auto site = Site::in(number, value, places_, wishes);
    if (!site) {
      if (const auto point = point_of(value)) site = Site::at(number, *point, wishes);
    }
    add(located.areas, site, wishes, located.sectors);
  }
  return located;
}

void Whereabouts::load(std::span<const Located* const> all) {
  std::vector<Site> sites;
  for (const Located* located : all) {
    sites.insert(sites.end(), located->premises.begin(), located->premises.end());
    sites.insert(sites.end(), located->areas.begin(), located->areas.end());
  }
  nearby_.load(std::move(sites));
}

void Whereabouts::put(std::span<const Located* const> changed) {
  std::vector<Nearby::Change> changes;
  for (const Located* located : changed) {
    changes.push_back({located->number, all_sites(*located)});
  }
  nearby_.put(std::move(changes));
  if (nearby_.wants_rebuild()) nearby_.rebuild();
}

void Whereabouts::erase(std::uint32_t number) {
  nearby_.put({{number, {}}});
  const std::lock_guard lock(mutex_);
  keys_[number].clear();
}

std::vector<Whereabouts::Near> Whereabouts::near(std::span<const cap::Reach> reaches,
                                                 std::uint64_t sectors) const {
  const auto found = nearby_.concerned_from_near({reaches, sectors});
  std::vector<Near> near;
  near.reserve(found.size());
  const std::lock_guard lock(mutex_);
  for (const auto& one : found) near.push_back({keys_[one.organisation], one.km});
  return near;
}

bool Whereabouts::any_near(std::span<const cap::Reach> reaches,
                           const std::function<bool(const std::string& key)>& counts) const {
  const auto found = nearby_.concerned({reaches});
  return std::any_of(found.begin(), found.end(), [&](std::uint32_t number) {
    std::unique_lock lock(mutex_);
    const std::string key = keys_[number];
    lock.unlock();
    return !key.empty() && counts(key);
  });
}

bool Whereabouts::concerns(const cap::Reach& reach, const Organisation& organisation,
                           const Located& located, std::uint64_t sectors) const {
  const auto concerned = [&](const Site& site) { return nearby_.concerns(reach, site, sectors); };
  if (!located.premises.empty() || !located.areas.empty()) {
    return std::any_of(located.premises.begin(), located.premises.end(), concerned) ||
           std::any_of(located.areas.begin(), located.areas.end(), concerned);
  }
  return (located.sectors & sectors) != 0 &&
         WishWord(wishes_of(organisation)).wants_in_any_sector(WishWord::asked(reach, sectors));
}

std::string Whereabouts::area_of(const Site& site) const {
  if (!site.at_spot()) return places_.all()[site.place].code;
  auto holding = places_.authorities_at(cap::point_of(site.spot()));
  return holding.empty() ? std::string() : std::move(holding.front());
}

Grouping Whereabouts::grouping_of(std::span<const cap::Reach> reaches,
                                  const Located& located) const {
  Grouping grouping;
  const auto& sites = located.premises;
  const auto concerned = [&](const Site& site) {
    return std::any_of(reaches.begin(), reaches.end(), [&](const cap::Reach& reach) {
      return nearby_.concerns(reach, site, ~std::uint64_t{0});
    });
  };
  if (!sites.empty()) {
    // Only where there are several does it have to be asked which one it is about.
    const auto same_place = [&](const Site& site) {
      return site.x == sites[0].x && site.y == sites[0].y && site.place == sites[0].place;
    };
    auto about = sites.begin();
    if (!std::all_of(sites.begin(), sites.end(), same_place)) {
      about = std::find_if(sites.begin(), sites.end(), concerned);
    }
    grouping.area = area_of(about == sites.end() ? sites.front() : *about);
  }
  const std::lock_guard lock(mutex_);
  for (std::uint64_t left = located.sectors & ~std::uint64_t{1}; left != 0; left &= left - 1) {
    const auto number = static_cast<std::size_t>(std::countr_zero(left));
    if (number < sector_names_.size()) grouping.sectors.push_back(sector_names_[number]);
  }
  return grouping;
}

std::uint64_t Whereabouts::bits_of(std::span<const std::string> sectors) const {
  if (sectors.empty()) return ~std::uint64_t{0};
  std::uint64_t bits = 0;
  const std::lock_guard lock(mutex_);
  for (const auto& name : sectors) {
    const auto known = sectors_.find(name);
    if (known != sectors_.end()) bits |= std::uint64_t{1} << known->second;
  }
  return bits;
}

std::vector<Filter::Parameter> Whereabouts::areas_of(const Located& located) const {
  std::vector<Filter::Parameter> areas;
  for (const Site& site : located.premises) {
    Filter::Parameter area{"area", ""};
    if (site.at_spot()) {
      const cap::Point point = cap::point_of(site.spot());
      area.second = fmt::format("{:.7f},{:.7f}", point.latitude, point.longitude);
    } else {
      area.second = places_.all()[site.place].code;
    }
    if (std::find(areas.begin(), areas.end(), area) == areas.end()) areas.push_back(area);
  }
  return areas;
}

}  // namespace engine
