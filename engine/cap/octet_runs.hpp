#pragma once
// How far a text is plain, looked at eight octets at a time: what most of every alert is. Pure; any
// thread.
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace engine::cap {

namespace octet_runs {

inline constexpr std::uint64_t kOnes = 0x0101010101010101U;
inline constexpr std::uint64_t kHighs = kOnes * 0x80U;

/// Each octet's high bit: whether the octet is 0x80 or above. The others below take the octets
/// without their high bits, so that no sum carries into the next octet.
inline std::uint64_t not_ascii(std::uint64_t word) { return word & kHighs; }
inline std::uint64_t at_least(std::uint64_t word, std::uint64_t least) {
  return ((word & ~kHighs) + kOnes * (0x80U - least)) & kHighs;
}

inline std::uint64_t equal_to(std::uint64_t word, char c) {
  const std::uint64_t other = word ^ (kOnes * static_cast<unsigned char>(c));
  return ~(at_least(other, 1) | other) & kHighs;
}

/// How many octets of `text` come before the first which `odd` marks. `odd` is given a word of
/// eight, and marks octets by their high bits.
template <class Odd>
std::size_t run_of(std::string_view text, Odd odd) {
  std::size_t at = 0;
  std::uint64_t word = 0;
  for (; at + sizeof word <= text.size(); at += sizeof word) {
    std::memcpy(&word, text.data() + at, sizeof word);
    const std::uint64_t marks = odd(word);
    if (marks == 0) continue;
    const int bits = std::endian::native == std::endian::little ? std::countr_zero(marks)
                                                                : std::countl_zero(marks);
    return at + static_cast<std::size_t>(bits) / 8;
  }
  for (; at < text.size(); ++at) {
    if (odd(kOnes * static_cast<unsigned char>(text[at])) != 0) return at;
  }
  return at;
}

}  // namespace octet_runs

/// How many octets at the start of a text are ASCII and not NUL.
inline std::size_t ascii_run(std::string_view text) {
  using namespace octet_runs;
  return run_of(text,
                [](std::uint64_t word) { return not_ascii(word) | (~at_least(word, 1) & kHighs); });
}

/// How many octets at the start of a text are ASCII that is seen, or XML's white space: U+0020 to
/// U+007E, tab, line feed and carriage return.
inline std::size_t plain_run(std::string_view text) {
  using namespace octet_runs;
  return run_of(text, [](std::uint64_t word) -> std::uint64_t {
    const std::uint64_t odd =
        not_ascii(word) | (~at_least(word, 0x20) & kHighs) | at_least(word, 0x7F);
    if (odd == 0) return 0;
    return odd & ~(equal_to(word, '\t') | equal_to(word, '\n') | equal_to(word, '\r'));
  });
}

/// How many octets at the start of a text are neither `<` nor `&`.
inline std::size_t markless_run(std::string_view text) {
  using namespace octet_runs;
  return run_of(text, [](std::uint64_t word) { return equal_to(word, '<') | equal_to(word, '&'); });
}

}  // namespace engine::cap
