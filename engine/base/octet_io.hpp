#pragma once
// Numbers and texts as octets, big-endian, for keys and records. The writer appends to a string;
// the reader is bounded: once something did not fit, everything after is zero or empty, and
// finished() is false. Plain values; any thread.
#include <array>
#include <bit>
#include <concepts>
#include <cstdint>
#include <string>

#include "engine/base/bytes.hpp"
#include "engine/base/ensure.hpp"
#include "engine/base/time.hpp"

namespace engine {

class OctetWriter {
 public:
  OctetWriter() = default;
  /// With room for that many octets; more may follow.
  explicit OctetWriter(std::size_t expected) { out_.reserve(expected); }

  template <std::unsigned_integral Number>
  void put(Number value) {
    std::array<char, sizeof(Number)> octets;
    for (std::size_t i = 0; i < octets.size(); ++i) {
      const std::size_t shift = (octets.size() - 1 - i) * 8;
      octets[i] = static_cast<char>(static_cast<std::uint64_t>(value) >> shift & 0xff);
    }
    out_.append(octets.data(), octets.size());
  }
  void put(double value) { put(std::bit_cast<std::uint64_t>(value)); }
  void put(Time time) { put(static_cast<std::uint64_t>(time.time_since_epoch().count())); }
  void put_raw(BytesView bytes) { out_.append(bytes); }
  /// A length of four octets, then the text.
  void put_text(BytesView text) {
    ENSURE(text.size() <= UINT32_MAX);
    put(static_cast<std::uint32_t>(text.size()));
    put_raw(text);
  }
  void put_count(std::size_t count) {
    ENSURE(count <= UINT32_MAX);
    put(static_cast<std::uint32_t>(count));
  }

  BytesView bytes() const { return out_; }
  Bytes take() { return std::move(out_); }

 private:
  Bytes out_;
};

class OctetReader {
 public:
  explicit OctetReader(BytesView bytes) : rest_(bytes) {}

  template <std::unsigned_integral Number>
  Number number() {
    std::uint64_t value = 0;
    for (const char octet : raw(sizeof(Number))) {
      value = value << 8 | static_cast<std::uint8_t>(octet);
    }
    return static_cast<Number>(value);
  }
  double real() { return std::bit_cast<double>(number<std::uint64_t>()); }
  Time time() { return Time{Duration{static_cast<std::int64_t>(number<std::uint64_t>())}}; }

  BytesView raw(std::size_t size) {
    if (!good_ || rest_.size() < size) {
      good_ = false;
      return {};
    }
    const BytesView taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  BytesView text() { return raw(number<std::uint32_t>()); }

  template <std::size_t N>
  Octets<N> octets() {
    return exactly<N>(raw(N)).value_or(Octets<N>{});
  }

  /// How many things of at least `size_min` octets follow; more than can follow is a fault.
  std::size_t count(std::size_t size_min) {
    const std::size_t announced = number<std::uint32_t>();
    if (announced > rest_.size() / size_min) good_ = false;
    return good_ ? announced : 0;
  }

  /// An enumeration's value; one beyond `last` is a fault.
  template <class Enum>
  Enum value_up_to(Enum last) {
    const auto value = number<std::uint8_t>();
    if (value > static_cast<std::uint8_t>(last)) good_ = false;
    return good_ ? static_cast<Enum>(value) : Enum{};
  }

  bool good() const { return good_; }
  bool finished() const { return good_ && rest_.empty(); }

 private:
  BytesView rest_;
  bool good_ = true;
};

}  // namespace engine
