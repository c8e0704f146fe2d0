#pragma once
// Where authorities are: their boundaries, unpacked from what is compiled into the program. They
// are disjoint, and everything larger is made of them. Immutable; any thread.
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cap/region.hpp"

namespace engine {

/// An authority's ground.
struct Leaf {
  std::string code;
  std::vector<cap::Ring> rings;  // the ground on their left
  cap::Region region;
};

class Ground {
 public:
  /// `packed` is engine/match/boundaries.bin (schemas/places.md says what the octets are).
  explicit Ground(std::string_view packed);
  ~Ground();

  const std::vector<Leaf>& leaves() const { return leaves_; }  // by code

  /// Those whose boxes meet this one, by their places in leaves().
  std::vector<std::size_t> near(const cap::Extent& box) const;
  /// Those that hold the spot: one, or none at sea; several on a border.
  std::vector<std::size_t> holding(cap::Spot spot) const;

 private:
  struct Tree;
  std::vector<Leaf> leaves_;
  std::unique_ptr<const Tree> tree_;
};

}  // namespace engine
