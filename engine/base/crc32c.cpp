#include "engine/base/crc32c.hpp"

#include <array>
#include <cstring>

#ifdef __x86_64__
#include <nmmintrin.h>
#endif

namespace engine {
namespace {

constexpr std::uint32_t kPolynomial = 0x82f63b78;  // 0x1edc6f41, its bits reversed
constexpr std::size_t kSlices = 8;
using Table = std::array<std::array<std::uint32_t, 256>, kSlices>;

/// Row s holds the remainder of each byte followed by s zero bytes, so that eight bytes cost eight
/// look-ups which do not wait for each other.
constexpr Table make_table() {
  Table table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t rest = byte;
    for (int i = 0; i < 8; ++i) rest = (rest >> 1) ^ ((rest & 1) != 0 ? kPolynomial : 0);
    table[0][byte] = rest;
  }
  for (std::size_t slice = 1; slice < kSlices; ++slice) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t shorter = table[slice - 1][byte];
      table[slice][byte] = (shorter >> 8) ^ table[0][shorter & 0xff];
    }
  }
  return table;
}

constexpr Table kTable = make_table();

std::uint32_t octet(BytesView bytes, std::size_t at) noexcept {
  return static_cast<std::uint8_t>(bytes[at]);
}

#ifdef __x86_64__
/// The processor's own instruction, of SSE 4.2.
__attribute__((target("sse4.2"))) std::uint32_t crc32c_by_instruction(BytesView bytes) noexcept {
  std::uint64_t rest = ~0U;
  for (; bytes.size() >= sizeof(std::uint64_t); bytes.remove_prefix(sizeof(std::uint64_t))) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, bytes.data(), sizeof(eight));
    rest = _mm_crc32_u64(rest, eight);
  }
  auto last = static_cast<std::uint32_t>(rest);
  for (const char one : bytes) last = _mm_crc32_u8(last, static_cast<std::uint8_t>(one));
  return ~last;
}
#endif

}  // namespace

std::uint32_t crc32c(BytesView bytes) noexcept {
#ifdef __x86_64__
  if (__builtin_cpu_supports("sse4.2")) return crc32c_by_instruction(bytes);
#endif
  return crc32c_by_table(bytes);
}

std::uint32_t crc32c_by_table(BytesView bytes) noexcept {
  std::uint32_t rest = ~0U;
  for (; bytes.size() >= kSlices; bytes.remove_prefix(kSlices)) {
    std::uint32_t next = 0;
    for (std::size_t i = 0; i < kSlices; ++i) {
      const std::uint32_t mixed =
          i < 4 ? octet(bytes, i) ^ (rest >> (8 * i) & 0xff) : octet(bytes, i);
      next ^= kTable[kSlices - 1 - i][mixed];
    }
    rest = next;
  }
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    rest = (rest >> 8) ^ kTable[0][(rest ^ octet(bytes, i)) & 0xff];
  }
  return ~rest;
}

}  // namespace engine
