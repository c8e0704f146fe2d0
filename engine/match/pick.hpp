#pragma once
// Of millions of sites those whose organisations want to hear of a bulletin. Pure; any thread.
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/match/site.hpp"

namespace engine {

/// Sites, one after the other.
struct SiteRows {
  const std::uint32_t* organisations = nullptr;
  const WishWord* wishes = nullptr;
  std::size_t count = 0;
};

/// Organisations that are passed over. Most are not, and need no look at the large table.
class PassedOver {
 public:
  PassedOver() = default;
  /// Of numbers below that.
  explicit PassedOver(std::size_t numbers) : exact_((numbers + 31) / 32) {}

  void add(std::uint32_t number);
  bool has(std::uint32_t number) const { return may_have(number) && bit(exact_, number); }
  bool empty() const { return empty_; }
  std::size_t octets() const { return exact_.size() * sizeof(std::uint32_t) + sizeof coarse_; }

 private:
  friend class Picking;
  static constexpr std::uint32_t kCoarse = 1U << 16;
  bool may_have(std::uint32_t number) const { return bit(coarse_, number % kCoarse); }
  static bool bit(const auto& words, std::uint32_t number) {
    return (words[number / 32] >> (number % 32) & 1) != 0;
  }

  std::vector<std::uint32_t> exact_;  // a bit for each number
  // And one for all numbers that are alike but for their higher bits.
  std::array<std::uint32_t, kCoarse / 32> coarse_{};
  bool empty_ = true;
};

/// Where numbers are written, each behind the one before it: of who has one site, and of who has
/// several. Each needs room for as many as there are rows, and for kPickSpill more.
struct Picked {
  std::uint32_t* once;
  std::uint32_t* again;
};
inline constexpr std::size_t kPickSpill = 8;

/// Behind the last of each.
Picked pick(const SiteRows& rows, const WishWord::Asked& asked, const PassedOver& passed,
            Picked into);

/// The same, one row after the other: for any processor, and what the faster way is held against.
Picked pick_one_by_one(const SiteRows& rows, const WishWord::Asked& asked, const PassedOver& passed,
                       Picked into);

}  // namespace engine
