#include "engine/cap/crowd.hpp"

#include <cmath>
#include <map>
#include <utility>

namespace engine::cap {
namespace {

/// Of places with near numbers most are near each other: the bits of both coordinates in turn.
std::uint64_t number_of(Spot spot) {
  const auto spread = [](std::int64_t coordinate) {
    auto bits = static_cast<std::uint64_t>(coordinate + (1LL << 31)) & 0xffffffff;
    bits = (bits | bits << 16) & 0x0000ffff0000ffff;
    bits = (bits | bits << 8) & 0x00ff00ff00ff00ff;
    bits = (bits | bits << 4) & 0x0f0f0f0f0f0f0f0f;
    bits = (bits | bits << 2) & 0x3333333333333333;
    return (bits | bits << 1) & 0x5555555555555555;
  };
  return spread(spot.x) | spread(spot.y) << 1;
}

}  // namespace

Crowd::Crowd(const std::vector<Disc>& circles) {
  std::vector<std::pair<std::uint64_t, const Disc*>> ordered;
  ordered.reserve(circles.size());
  for (const Disc& circle : circles) ordered.emplace_back(number_of(circle.centre()), &circle);
  std::sort(ordered.begin(), ordered.end());
  std::map<int, Size> sizes;
  for (const auto& [number, circle] : ordered) {
    const Disc::Flat flat = circle->flat();
    Size& size = sizes[std::isinf(flat.reach) ? 1000 : std::ilogb(flat.reach)];
    size.most = size.circles.empty() ? flat
                                     : Disc::Flat{std::min(size.most.narrow, flat.narrow),
                                                  std::max(size.most.reach, flat.reach)};
    size.circles.push_back(*circle);
  }
  for (auto& [power, size] : sizes) {
    std::vector<Extent> centres;
    centres.reserve(size.circles.size());
    for (const Disc& circle : size.circles) centres.push_back({circle.centre(), circle.centre()});
    size.centres = BoxTree(centres);
    sizes_.push_back(std::move(size));
  }
}

bool Crowd::holds(Spot p) const {
  return std::any_of(sizes_.begin(), sizes_.end(), [&](const Size& size) {
    return size.centres.any([&](const Extent& box) { return size.most.reaches(box, p); },
                            [&](std::size_t i) { return size.circles[i].holds(p); });
  });
}

std::size_t Crowd::octets() const {
  std::size_t circles = 0;
  for (const Size& size : sizes_) circles += size.circles.size();
  return circles * (sizeof(Disc) + sizeof(Extent) / 4);
}

}  // namespace engine::cap
