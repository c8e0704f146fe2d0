#pragma once
// CRC-32C (Castagnoli, RFC 3720 appendix B.4): notices a byte that changed on disk. It is no proof
// against intent; for that every payload has its SHA-256 and its signatures. Any thread.
#include <cstdint>

#include "engine/base/bytes.hpp"

namespace engine {

std::uint32_t crc32c(BytesView bytes) noexcept;

/// The same, on every processor and several times slower; crc32c() asks it where it must.
std::uint32_t crc32c_by_table(BytesView bytes) noexcept;

}  // namespace engine
