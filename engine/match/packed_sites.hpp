#pragma once
// Millions of sites in the order of the lattice's cells, so that a run of cells is a run of rows,
// and what lies in one authority a few runs. Twelve octets a site, and ten megabytes of cells.
// Immutable; any thread.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/match/ground.hpp"
#include "engine/match/named.hpp"
#include "engine/match/site.hpp"
#include "engine/match/sweep.hpp"

namespace engine {

class PackedSites {
 public:
  /// Finds the authorities that hold each site. Takes some 0.1 s for a million.
  PackedSites(std::vector<Site> sites, const Places& places);

  /// Sites [begin, end).
  struct Run {
    std::uint32_t begin = 0, end = 0;
  };
  /// Where the sites are that a reach is for, whatever they wish: in order, each once.
  std::vector<Run> runs(const cap::Reach& reach, const Named& named) const;

  /// Makes of runs in order, which may overlap, those that do not.
  static void join(std::vector<Run>& runs);

  std::size_t size() const { return organisations_.size(); }
  const std::uint32_t* organisations() const { return organisations_.data(); }
  const WishWord* wishes() const { return wishes_.data(); }
  /// Of a place by its number.
  cap::Spot middle(std::uint16_t place) const { return middles_[place]; }
  /// More than the largest number of an organisation.
  std::size_t numbers() const { return numbers_; }
  std::size_t octets() const;

  /// Calls `visit(i, spot)` for those of the run; of who is known by a code, its place's middle.
  template <class Visit>
  void each_spot(Run run, const Visit& visit) const;
  /// As it was given.
  std::vector<Site> unpacked() const;

 private:
  /// Sites of which the same authorities hold each: none, one, or on a border several; or sites
  /// that are known by one code.
  struct Ground {
    std::vector<std::uint16_t> places;
    bool by_code = false;
  };
  using GroundNumber = std::uint16_t;
  struct Piece {  // up to where the next one begins
    std::uint32_t begin = 0;
    GroundNumber ground = 0;
  };
  class Building;

  std::uint32_t begin_of(std::uint32_t cell) const { return begin_.empty() ? 0 : begin_[cell]; }
  cap::Spot spot_in(std::uint32_t cell, std::uint32_t i) const {
    const cap::Spot corner = lattice::corner_of(cell);
    return {corner.x + (within_[i] & 0xffff), corner.y + (within_[i] >> 16)};
  }
  static bool is_named(const Ground& ground, const Named& named);
  void add_named(const Named& named, std::vector<Run>& runs) const;
  void add_held(const cap::Footprint& shapes, std::vector<Run>& runs) const;
  void add_swept(const Sweep& sweep, const cap::Footprint& shapes, std::vector<Run>& runs) const;
  void add_asked(const cap::Footprint& shapes, std::vector<Run>& runs) const;
  void add_far(const cap::Footprint& shapes, std::vector<Run>& runs) const;

  // Of every site: first those in cells, then those beside the lattice, then those of codes.
  std::vector<std::uint32_t> organisations_;
  std::vector<WishWord> wishes_;
  std::vector<std::uint32_t> within_;  // in its cell: 16 bits east, above them 16 bits north
  std::vector<cap::Spot> far_;         // beside the lattice
  std::vector<std::uint32_t> begin_;   // of each cell; one more than cells; none where no site is
  std::vector<Ground> grounds_;
  std::vector<Piece> pieces_;                          // one more than there are, at the end
  std::vector<std::vector<std::uint32_t>> of_ground_;  // its pieces
  std::vector<cap::Spot> middles_;                     // of places
  std::size_t numbers_ = 0;
};

template <class Visit>
void PackedSites::each_spot(Run run, const Visit& visit) const {
  const auto near = static_cast<std::uint32_t>(within_.size());
  const auto codes = near + static_cast<std::uint32_t>(far_.size());
  std::uint32_t i = run.begin;
  if (i < std::min(run.end, near)) {
    auto next = std::upper_bound(begin_.begin(), begin_.end(), i);
    while (i < run.end && i < near) {
      while (*next <= i) ++next;
      const auto cell = static_cast<std::uint32_t>(next - begin_.begin() - 1);
      for (const std::uint32_t end = std::min(run.end, *next); i < end; ++i) {
        visit(i, spot_in(cell, i));
      }
    }
  }
  for (; i < run.end && i < codes; ++i) visit(i, far_[i - near]);
  if (i >= run.end) return;
  auto piece = std::upper_bound(pieces_.begin(), pieces_.end(), i,
                                [](std::uint32_t at, const Piece& p) { return at < p.begin; });
  for (; i < run.end; ++i) {
    while (piece->begin <= i) ++piece;
    visit(i, middles_[grounds_[(piece - 1)->ground].places.front()]);
  }
}

}  // namespace engine
