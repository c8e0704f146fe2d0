#pragma once
// By which ways people are reached who are not connected, and when they may be. Plain data.
#include <array>
#include <chrono>
#include <cstdint>
#include <string_view>

namespace engine {

enum class Way : std::uint8_t { sms, email, webhook };
inline constexpr std::size_t kWays = 3;
constexpr std::string_view text(Way way) {
  return std::array<std::string_view, kWays>{"sms", "email",
                                             "webhook"}[static_cast<std::size_t>(way)];
}

/// When a contact may be disturbed, by the clock on the wall in the United Kingdom: from the first
/// minute of the day that counts to the first that does not. Across midnight where the end is
/// before the beginning, and always where they are the same.
struct Hours {
  std::chrono::minutes from{0};
  std::chrono::minutes until{0};
  bool operator==(const Hours&) const = default;
};

}  // namespace engine
