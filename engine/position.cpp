#include "engine/position.hpp"

#include <algorithm>
#include <charconv>

namespace engine {

std::optional<Position> Position::parse(std::string_view text) {
  const auto colon = text.find(':');
  if (colon != 16) return std::nullopt;
  const std::string_view epoch = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  if (!std::all_of(epoch.begin(), epoch.end(), is_hex)) return std::nullopt;
  std::uint64_t sequence = 0;
  const auto [end, error] = std::from_chars(digits.begin(), digits.end(), sequence);
  if (error != std::errc{} || end != digits.end() || digits.empty()) return std::nullopt;
  if (digits.size() > 1 && digits.front() == '0') return std::nullopt;
  return Position{Epoch(epoch), Sequence{sequence}};
}

}  // namespace engine
