#include "engine/target.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace engine {
namespace {

constexpr std::size_t kBits = 64;
// What is drawn of one bulletin, but for the drawing that goes beyond: so that many reaches cost
// hardly more than one.
constexpr std::size_t kDrawnOctets = 2UL << 20;

/// Calls `visit` with the number of each bit that is set, until it says true.
template <class Visit>
bool any_bit(std::uint64_t bits, Visit visit) {
  for (; bits != 0; bits &= bits - 1) {
    if (visit(static_cast<std::size_t>(std::countr_zero(bits)))) return true;
  }
  return false;
}

/// Makes shapes ready, the largest first; those that are left are asked edge by edge.
void draw(const std::vector<cap::Reach>& reaches) {
  std::vector<const cap::Footprint*> shapes;
  for (const cap::Reach& reach : reaches) shapes.push_back(&reach.shapes);
  std::stable_sort(shapes.begin(), shapes.end(),
                   [](const auto* a, const auto* b) { return a->vertices() > b->vertices(); });
  std::size_t octets = 0;
  for (const cap::Footprint* one : shapes) {
    if (octets >= kDrawnOctets) return;
    one->prepare();
    octets += one->octets_prepared();
  }
}

}  // namespace

// --- names

void Target::Names::add(const std::string& name, Bits bits) {
  entries_.push_back({Filter::hash_of(name), &name, bits});
}

void Target::Names::settle() {
  std::sort(entries_.begin(), entries_.end(), before);
  std::size_t kept = 0;
  for (const Entry& entry : entries_) {
    if (kept > 0 && !before(entries_[kept - 1], entry)) {
      entries_[kept - 1].bits |= entry.bits;
    } else {
      entries_[kept++] = entry;
    }
  }
  entries_.resize(kept);
  entries_.shrink_to_fit();
}

/// By hash, and by name only where hashes are equal.
bool Target::Names::before(const Entry& one, const Entry& other) {
  return one.hash != other.hash ? one.hash < other.hash : *one.name < *other.name;
}

Target::Bits Target::Names::find(std::uint64_t hash, const std::string& name) const {
  const Entry wanted{hash, &name, 0};
  const auto at = std::lower_bound(entries_.begin(), entries_.end(), wanted, before);
  return at == entries_.end() || before(wanted, *at) ? 0 : at->bits;
}

// --- made once

Target::Target(std::shared_ptr<const cap::Outline> outline, const Places& places)
    : outline_(std::move(outline)) {
  if (!outline_->shown()) return;
  draw(outline_->reaches);
  const std::span<const cap::Reach> reaches = outline_->reaches;
  for (std::size_t i = 0; i < reaches.size(); i += kBits) {
    parts_.push_back(part_of(reaches.subspan(i, std::min(kBits, reaches.size() - i)), places));
  }
}

Target::Part Target::part_of(std::span<const cap::Reach> reaches, const Places& places) {
  Part part;
  part.reaches = reaches;
  for (std::size_t i = 0; i < reaches.size(); ++i) {
    const cap::Reach& reach = reaches[i];
    const Bits bit = Bits{1} << i;
    part.of_status[static_cast<std::size_t>(reach.status)] |= bit;
    for (int rank = 0; rank <= cap::rank(reach.severity); ++rank) {
      part.at_least[static_cast<std::size_t>(rank)] |= bit;
    }
    any_bit(reach.categories, [&](std::size_t n) {
      part.of_category[n] |= bit;
      return false;
    });
    part.senders.add(reach.sender, bit);
    if (reach.audience.scope == cap::Scope::public_) part.for_all |= bit;
    for (const std::string& name : reach.audience.names) {
      if (reach.audience.scope == cap::Scope::restricted) part.groups.add(name, bit);
      if (reach.audience.scope == cap::Scope::private_) part.organisations.add(name, bit);
    }
    if (reach.everywhere) part.everywhere |= bit;
    add_places(part, reach, bit, places);
  }
  for (Names* names : {&part.senders, &part.groups, &part.organisations}) names->settle();
  return part;
}

void Target::add_places(Part& part, const cap::Reach& reach, Bits bit, const Places& places) {
  if (reach.codes.empty() && reach.met.empty()) return;
  part.named.resize(places.all().size());
  part.met.resize(places.all().size());
  const auto named = [&](const std::string& code) {
    return std::binary_search(reach.codes.begin(), reach.codes.end(), code);
  };
  const auto met = [&](const std::string& code) {
    return std::binary_search(reach.met.begin(), reach.met.end(), code);
  };
  for (std::size_t i = 0; i < places.all().size(); ++i) {
    const Place& place = places.all()[i];
    const bool around = std::any_of(place.parents.begin(), place.parents.end(), named);
    if (around || named(place.code)) part.named[i] |= bit;
    if (met(place.code)) part.met[i] |= bit;
  }
}

bool Target::same_for(const cap::Outline& outline) const {
  return outline.shown() == outline_->shown() && outline.reaches == outline_->reaches;
}

std::size_t Target::octets() const {
  std::size_t octets = sizeof *this + octets_drawn();
  for (const Part& part : parts_) {
    octets += sizeof part + (part.named.size() + part.met.size()) * sizeof(Bits) +
              part.senders.octets() + part.groups.octets() + part.organisations.octets();
  }
  return octets;
}

std::size_t Target::octets_drawn() const {
  std::size_t octets = 0;
  for (const Part& part : parts_) {
    for (const cap::Reach& reach : part.reaches) octets += reach.shapes.octets_prepared();
  }
  return octets;
}

// --- asked many times

bool Target::concerns(const Filter& filter) const {
  return std::any_of(parts_.begin(), parts_.end(), [&](const Part& part) {
    Bits bits = part.at_least[static_cast<std::size_t>(filter.rank_at_least_)];
    Bits some = 0;
    any_bit(filter.statuses_, [&](std::size_t n) {
      some |= part.of_status[n];
      return false;
    });
    bits &= some;
    if (bits != 0 && filter.categories_ != 0) {
      some = 0;
      any_bit(filter.categories_, [&](std::size_t n) {
        some |= part.of_category[n];
        return false;
      });
      bits &= some;
    }
    if (bits != 0 && !filter.senders_.empty()) {
      some = 0;
      for (std::size_t i = 0; i < filter.senders_.size(); ++i) {
        some |= part.senders.find(filter.sender_hashes_[i], filter.senders_[i]);
      }
      bits &= some;
    }
    if ((bits & ~part.for_all) != 0) bits &= readable(part, filter);
    if (bits == 0) return false;
    return filter.areas_.empty() || meets_areas(part, bits, filter);
  });
}

void Target::fetch(const Filter& filter) {
  __builtin_prefetch(filter.places_.data());
  __builtin_prefetch(filter.points_.data());
  __builtin_prefetch(filter.grounds_.data());
  __builtin_prefetch(filter.sender_hashes_.data());
  __builtin_prefetch(filter.senders_.data());
  __builtin_prefetch(filter.group_hashes_.data());
}

/// What is meant for who asks.
Target::Bits Target::readable(const Part& part, const Filter& filter) {
  Bits bits = part.for_all;
  const Member& member = filter.member_;
  if (!part.groups.empty()) {
    for (std::size_t i = 0; i < member.groups.size(); ++i) {
      bits |= part.groups.find(filter.group_hashes_[i], member.groups[i]);
    }
  }
  if (!part.organisations.empty() && member.signed_in()) {
    bits |= part.organisations.find(filter.organisation_hash_, member.organisation);
  }
  return bits;
}

bool Target::meets_areas(const Part& part, Bits bits, const Filter& filter) {
  if ((bits & part.everywhere) != 0) return true;
  if (!part.met.empty()) {
    for (const std::uint16_t place : filter.places_) {
      if ((bits & (part.named[place] | part.met[place])) != 0) return true;
    }
  }
  return std::any_of(filter.points_.begin(), filter.points_.end(), [&](const Filter::Point& point) {
    return meets_point(part, bits, filter, point);
  });
}

/// A geocode's ground holds the point, or a shape does: on land such a shape meets the authority
/// around it.
bool Target::meets_point(const Part& part, Bits bits, const Filter& filter,
                         const Filter::Point& point) {
  Bits asked = bits;
  if (point.grounds > 0) {
    if (part.met.empty()) return false;
    Bits named = 0, met = 0;
    for (std::size_t i = 0; i < point.grounds; ++i) {
      const std::uint16_t place = filter.grounds_[point.first_ground + i];
      named |= part.named[place];
      met |= part.met[place];
    }
    if ((bits & named) != 0) return true;
    asked = bits & met;
  }
  return any_bit(asked, [&](std::size_t n) { return part.reaches[n].shapes.holds(point.spot); });
}

}  // namespace engine
