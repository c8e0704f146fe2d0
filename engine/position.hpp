#pragma once
// Where a bulletin stands, and in which log.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/bytes.hpp"

namespace engine {

/// A bulletin's place in its log, counting from 1. 0 means "before the first". An enum on purpose:
/// it compares and prints, and does not add to a byte count.
enum class Sequence : std::uint64_t { none = 0 };

constexpr std::uint64_t number(Sequence sequence) noexcept {
  return static_cast<std::uint64_t>(sequence);
}
constexpr Sequence next(Sequence sequence) noexcept { return Sequence{number(sequence) + 1}; }

/// Names a log: 16 lower-case hexadecimal digits, drawn when the log is made. A position is never
/// resumed against another log than the one it came from.
using Epoch = std::string;

/// Written `<epoch>:<seq>`.
struct Position {
  Epoch epoch;
  Sequence sequence = Sequence::none;

  std::string text() const { return epoch + ":" + std::to_string(number(sequence)); }
  static std::optional<Position> parse(std::string_view text);
  bool operator==(const Position&) const = default;
};

/// The SHA-256 of a bulletin's payload.
using BulletinId = Octets<32>;

}  // namespace engine
