#pragma once
// Octets, and the two text forms the wire uses for them. Decoding is strict: one text, one value.
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace engine {

using Bytes = std::string;
using BytesView = std::string_view;

template <std::size_t N>
using Octets = std::array<std::uint8_t, N>;

template <std::size_t N>
BytesView view(const Octets<N>& octets) noexcept {
  return {reinterpret_cast<const char*>(octets.data()), N};
}

/// Lower-case hexadecimal.
std::string to_hex(BytesView bytes);

void append_hex(std::string& text, BytesView bytes);

/// Reads lower-case hexadecimal of an even length; nothing else is accepted.
std::optional<Bytes> from_hex(std::string_view text);

/// RFC 4648 section 4, with padding.
std::string to_base64(BytesView bytes);

void append_base64(std::string& text, BytesView bytes);

/// RFC 4648 section 4: padded, no white space, and the unused bits of the last character zero, so
/// that exactly one text decodes to each value.
std::optional<Bytes> from_base64(std::string_view text);

/// `bytes` as a fixed array, if it has exactly N octets.
template <std::size_t N>
std::optional<Octets<N>> exactly(BytesView bytes) noexcept {
  if (bytes.size() != N) return std::nullopt;
  Octets<N> octets;
  for (std::size_t i = 0; i < N; ++i) octets[i] = static_cast<std::uint8_t>(bytes[i]);
  return octets;
}

}  // namespace engine
