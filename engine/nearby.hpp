#pragma once
// Which organisations a bulletin concerns by their sites, of millions, without looking at each:
// those who are not connected, beside Filter and Target, which serve the connected.
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "engine/match/named.hpp"
#include "engine/match/packed_sites.hpp"
#include "engine/match/pick.hpp"
#include "engine/match/site.hpp"

namespace engine {

/// From so many changed organisations on it is worth the time to rebuild().
inline constexpr std::size_t kNearbyChanges = 4096;

/// Any thread may ask, and is answered from what there was when it asked. Any thread may put;
/// load() and rebuild() are called by one at a time.
class Nearby {
 public:
  explicit Nearby(const Places& places);

  // --- what there is

  /// In place of everything.
  void load(std::vector<Site> sites);
  /// In place of the sites that the organisation had, or no sites any more. Counts at once; takes
  /// some 0.1 ms for millions, so many organisations are put together.
  struct Change {
    std::uint32_t organisation = 0;
    std::vector<Site> sites;
  };
  void put(std::vector<Change> changes);
  /// Changes that every question has to look at.
  std::size_t changes() const;
  bool wants_rebuild() const { return changes() > kNearbyChanges; }
  /// Packs the changes with the others: some 0.1 s for each million of sites, in which everything
  /// else goes on.
  void rebuild();

  // --- what is asked

  /// Reaches that are complete, as a record has them. Only those that are Public count: whoever is
  /// named by a Restricted or Private one is found by name, and asked by concerns().
  struct Question {
    std::span<const cap::Reach> reaches;
    std::uint64_t sectors = ~std::uint64_t{0};  // bit n: sector n
  };
  /// The organisations' numbers, each once, in no order.
  std::vector<std::uint32_t> concerned(const Question& question) const;

  struct Near {
    std::uint32_t organisation = 0;
    float km = 0;
    bool operator==(const Near&) const = default;
  };
  /// The same organisations, each with the distance from its nearest site that is concerned to the
  /// nearest middle of a shape or a named place; where these are more than a few, to the middle of
  /// them all. On a flat map, right to a few per cent within a hundred kilometres: to order by.
  std::vector<Near> concerned_from_near(const Question& question) const;

  /// Whether one site is concerned, whoever the reach is for.
  bool concerns(const cap::Reach& reach, const Site& site,
                std::uint64_t sectors = ~std::uint64_t{0}) const;

  std::size_t octets() const;

 private:
  /// A changed organisation's sites, each with the authorities that hold it.
  struct Changed {
    struct At {
      Site site;
      std::vector<std::uint16_t> places;
    };
    std::uint32_t organisation = 0;
    std::vector<At> sites;
  };
  struct State {
    std::shared_ptr<const PackedSites> packed;
    std::vector<std::shared_ptr<const Changed>> changes;  // by organisation
    PassedOver replaced;  // those of which the packed sites do not count
  };
  /// Reaches that are alike in all but where.
  struct Group {
    WishWord::Asked asked;
    std::vector<const cap::Reach*> reaches;
    std::vector<Named> named;  // of each
    std::vector<PackedSites::Run> runs;
  };
  class Gathering;

  std::shared_ptr<const State> state() const;
  Changed changed_of(Change change) const;
  static void mark_replaced(State& state);
  static std::vector<Site> sites_of(const State& state);
  static void prepare(const std::vector<Group>& groups, const State& state);
  std::vector<Group> groups_of(const Question& question, const PackedSites& packed) const;
  static bool concerns(const cap::Reach& reach, const Named& named, const Changed::At& at);
  static bool concerns(const std::vector<Group>& groups, const Changed::At& at);

  const Places& places_;
  Containment containment_;
  mutable std::mutex mutex_;
  std::shared_ptr<const State> state_;
};

}  // namespace engine
