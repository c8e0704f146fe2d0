#include "engine/match/site.hpp"

#include "engine/base/ensure.hpp"

namespace engine {

WishWord::WishWord(const Wishes& wishes) {
  ENSURE(wishes.sector < kSectors);
  word_ = wishes.categories & ((1U << kAnyCategory) - 1);
  if (wishes.categories == 0) word_ |= 1U << kAnyCategory;
  word_ |= (wishes.statuses & 0x1fU) << kStatus;
  for (int rank = 1; rank <= 4; ++rank) {
    if (rank >= wishes.rank_at_least) word_ |= 1U << (kRank + static_cast<unsigned>(rank) - 1);
  }
  word_ |= wishes.sector << kSector;
}

WishWord::Asked WishWord::asked(const cap::Reach& reach, std::uint64_t sectors) {
  const auto rank = static_cast<unsigned>(cap::rank(reach.severity));
  Asked asked;
  asked.all = 1U << (kStatus + static_cast<unsigned>(reach.status)) | 1U << (kRank + rank - 1);
  asked.some = (reach.categories & ((1U << kAnyCategory) - 1)) | 1U << kAnyCategory;
  asked.sectors = sectors;
  return asked;
}

std::optional<Site> Site::at(std::uint32_t organisation, cap::Point point, const Wishes& wishes) {
  if (!(point.latitude >= -90 && point.latitude <= 90)) return std::nullopt;
  if (!(point.longitude >= -180 && point.longitude <= 180)) return std::nullopt;
  const cap::Spot spot = cap::spot_of(point);
  return Site{organisation, WishWord(wishes), static_cast<std::int32_t>(spot.x),
              static_cast<std::int32_t>(spot.y)};
}

std::optional<Site> Site::in(std::uint32_t organisation, std::string_view code,
                             const Places& places, const Wishes& wishes) {
  const Place* place = places.find(code);
  if (place == nullptr) return std::nullopt;
  return Site{organisation, WishWord(wishes), 0, 0,
              static_cast<std::uint16_t>(place - places.all().data())};
}

}  // namespace engine
