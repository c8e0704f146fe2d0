#pragma once
// The kingdom's map cut into small cells, 65,536 units of a cap::Spot wide and high (some 0.45 by
// 0.73 km), so that a spot within its cell takes four octets. Pure; any thread.
#include <cstdint>

#include "engine/cap/spot.hpp"

namespace engine::lattice {

inline constexpr int kBits = 16;  // of a cell's width and of its height
// All that is in engine/match/places.csv lies within, from Scilly to Shetland.
inline constexpr std::int64_t kWest = -86'700'000, kSouth = 498'500'000;
inline constexpr std::int64_t kColumns = 1594, kRows = 1682;
inline constexpr std::uint32_t kCells = static_cast<std::uint32_t>(kColumns * kRows);

// Rounded down, beside the lattice too.
constexpr std::int64_t column_of(std::int64_t x) { return (x - kWest) >> kBits; }
constexpr std::int64_t row_of(std::int64_t y) { return (y - kSouth) >> kBits; }
constexpr std::int64_t west_of(std::int64_t column) { return kWest + column * (1 << kBits); }
constexpr std::int64_t south_of(std::int64_t row) { return kSouth + row * (1 << kBits); }

constexpr bool holds(cap::Spot p) {
  const std::int64_t column = column_of(p.x), row = row_of(p.y);
  return 0 <= column && column < kColumns && 0 <= row && row < kRows;
}
/// Row by row from the south, each from west to east.
constexpr std::uint32_t cell_of(std::int64_t row, std::int64_t column) {
  return static_cast<std::uint32_t>(row * kColumns + column);
}
constexpr std::uint32_t cell_of(cap::Spot p) { return cell_of(row_of(p.y), column_of(p.x)); }

/// The south-western corner of a cell, which is its own.
constexpr cap::Spot corner_of(std::uint32_t cell) {
  return {west_of(cell % kColumns), south_of(cell / kColumns)};
}

}  // namespace engine::lattice
