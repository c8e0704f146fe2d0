#include "engine/match/ground.hpp"

#include <boost/geometry/geometries/box.hpp>
#include <boost/geometry/geometries/point.hpp>
#include <boost/geometry/index/rtree.hpp>
#include <boost/geometry/strategies/cartesian.hpp>
#include <cstdint>

#include "engine/base/ensure.hpp"

namespace engine {
namespace {

namespace bg = boost::geometry;
using Corner = bg::model::point<std::int64_t, 2, bg::cs::cartesian>;
using Box = bg::model::box<Corner>;
using Entry = std::pair<Box, std::size_t>;

constexpr std::int64_t kSpotsPerUnit = cap::kSpotsPerDegree / 10'000;
constexpr std::size_t kCodeSize = 9;

Box box_of(const cap::Extent& extent) {
  return {{extent.least.x, extent.least.y}, {extent.most.x, extent.most.y}};
}

/// Reads what the program itself carries, so anything wrong is a fault of the build.
class Unpacking {
 public:
  explicit Unpacking(std::string_view packed) {
    const auto head = packed.find("\n\n");
    ENSURE(head != std::string_view::npos);
    rest_ = packed.substr(head + 2);
  }

  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
      const auto octet = static_cast<std::uint8_t>(text(1).front());
      value |= static_cast<std::uint64_t>(octet & 0x7f) << shift;
      if (octet < 0x80) return value;
    }
  }
  std::int64_t difference() {
    const std::uint64_t value = number();
    return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
  }
  std::string_view text(std::size_t size) {
    ENSURE(rest_.size() >= size);
    const auto taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  bool finished() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

Leaf read_leaf(Unpacking& in) {
  std::string code(in.text(kCodeSize));
  std::vector<cap::Ring> rings(in.number());
  cap::Spot here;
  for (cap::Ring& ring : rings) {
    ring.resize(in.number());
    for (cap::Spot& spot : ring) {
      here.x += in.difference() * kSpotsPerUnit;
      here.y += in.difference() * kSpotsPerUnit;
      spot = here;
    }
  }
  cap::Region region(rings);
  return {std::move(code), std::move(rings), std::move(region)};
}

}  // namespace

struct Ground::Tree {
  bg::index::rtree<Entry, bg::index::rstar<16>> boxes;
};

Ground::Ground(std::string_view packed) {
  Unpacking in(packed);
  const std::size_t count = in.number();
  leaves_.reserve(count);
  std::vector<Entry> boxes;
  for (std::size_t i = 0; i < count; ++i) {
    leaves_.push_back(read_leaf(in));
    boxes.emplace_back(box_of(leaves_.back().region.extent()), i);
  }
  ENSURE(in.finished());
  tree_ = std::make_unique<const Tree>(Tree{{boxes.begin(), boxes.end()}});
}

Ground::~Ground() = default;

std::vector<std::size_t> Ground::near(const cap::Extent& box) const {
  std::vector<std::size_t> found;
  const auto end = tree_->boxes.qend();
  for (auto it = tree_->boxes.qbegin(bg::index::intersects(box_of(box))); it != end; ++it) {
    found.push_back(it->second);
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<std::size_t> Ground::holding(cap::Spot spot) const {
  std::vector<std::size_t> found = near({spot, spot});
  std::erase_if(found, [&](std::size_t i) { return !leaves_[i].region.holds(spot); });
  return found;
}

}  // namespace engine
