#pragma once
// A place of an organisation and what it wants to hear of there, in twenty octets. Plain data.
#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/cap/outline.hpp"
#include "engine/places.hpp"

namespace engine {

/// A line of trade, as a number that the organisations' owner gives.
inline constexpr unsigned kSectors = 64;

/// What somebody wants to hear of, by the rules of Filter.
struct Wishes {
  int rank_at_least = 0;            // of severity, as cap::rank() has it; 0: any
  cap::CategorySet categories = 0;  // none: any
  unsigned statuses = 1U << static_cast<unsigned>(cap::Status::actual);  // bit n: number n
  unsigned sector = 0;                                                   // below kSectors
};

/// The same as one word, so that millions are asked quickly: it has a bit for each answer.
class WishWord {
 public:
  WishWord() = default;
  explicit WishWord(const Wishes& wishes);

  /// What a reach is: it concerns whoever has all of `all`, some of `some`, and a sector of these.
  struct Asked {
    std::uint32_t all = 0, some = 0;
    std::uint64_t sectors = 0;
    bool operator==(const Asked&) const = default;
  };
  static Asked asked(const cap::Reach& reach, std::uint64_t sectors);

  bool wants(const Asked& asked) const {
    return wants_in_any_sector(asked) &
           ((asked.sectors >> (word_ >> kSector & (kSectors - 1)) & 1) != 0);
  }
  bool wants_in_any_sector(const Asked& asked) const {
    return ((word_ & asked.all) == asked.all) & ((word_ & asked.some) != 0);
  }

  /// A mark beside the wishes: whoever gathers sites must look whether it has the organisation.
  bool often() const { return (word_ & kOften) != 0; }
  void set_often(bool often) { word_ = (word_ & ~kOften) | (often ? kOften : 0); }

 private:
  friend class Picking;
  // Bits 0 to 11: categories; then any category, five statuses, ranks 1 to 4, the sector.
  static constexpr unsigned kAnyCategory = 12, kStatus = 13, kRank = 18, kSector = 22;
  static constexpr std::uint32_t kOften = 1U << 31;
  std::uint32_t word_ = 0;
};

struct Site {
  /// Numbers are given from 0 on, and again when they are free: a bit of memory goes to each.
  std::uint32_t organisation = 0;
  WishWord wishes;
  // As cap::Spot has them, where it is known by its spot.
  std::int32_t x = 0, y = 0;
  static constexpr std::uint16_t kAtSpot = 0xffff;
  std::uint16_t place = kAtSpot;  // or, where it is known by a code alone, among Places::all()

  /// Nothing where there is no such place on Earth.
  static std::optional<Site> at(std::uint32_t organisation, cap::Point point, const Wishes& wishes);
  /// Nothing where the code is not known. Who has a code and a point may have two sites.
  static std::optional<Site> in(std::uint32_t organisation, std::string_view code,
                                const Places& places, const Wishes& wishes);

  bool at_spot() const { return place == kAtSpot; }
  cap::Spot spot() const { return {x, y}; }
};

}  // namespace engine
