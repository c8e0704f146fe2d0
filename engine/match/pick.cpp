#include "engine/match/pick.hpp"

#include "engine/base/ensure.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace engine {

void PassedOver::add(std::uint32_t number) {
  ENSURE(number / 32 < exact_.size());
  const std::uint32_t bit = std::uint32_t{1} << (number % 32);
  exact_[number / 32] |= bit;
  coarse_[number % kCoarse / 32] |= bit;
  empty_ = false;
}

Picked pick_one_by_one(const SiteRows& rows, const WishWord::Asked& asked, const PassedOver& passed,
                       Picked into) {
  const bool nobody = passed.empty();
  for (std::size_t i = 0; i < rows.count; ++i) {
    const std::uint32_t number = rows.organisations[i];
    const WishWord wishes = rows.wishes[i];
    const bool found = wishes.wants(asked) && (nobody || !passed.has(number));
    // Both are written, and one of them is kept: so there is nothing to be guessed.
    *into.once = number;
    *into.again = number;
    into.once += static_cast<std::ptrdiff_t>(found & !wishes.often());
    into.again += static_cast<std::ptrdiff_t>(found & wishes.often());
  }
  return into;
}

#if defined(__x86_64__)

/// Eight rows at a time, with AVX2.
class Picking {
 public:
  static constexpr std::size_t kAtOnce = 8;

  __attribute__((target("avx2"))) static Picked pick(const SiteRows& rows,
                                                     const WishWord::Asked& asked,
                                                     const PassedOver& passed, Picked into) {
    static_assert(sizeof(WishWord) == 4 && WishWord::kOften == 1U << 31);
    const __m256i all = word(asked.all), some = word(asked.some), none = _mm256_setzero_si256();
    const __m256i low_sectors = word(static_cast<std::uint32_t>(asked.sectors));
    const __m256i high_sectors = word(static_cast<std::uint32_t>(asked.sectors >> 32));
    const bool every_sector = asked.sectors == ~std::uint64_t{0};
    const bool nobody = passed.empty();
    for (std::size_t i = 0; i < rows.count; i += kAtOnce) {
      const __m256i numbers = load(rows.organisations + i), wishes = load(rows.wishes + i);
      const __m256i has_all = _mm256_cmpeq_epi32(_mm256_and_si256(wishes, all), all);
      const __m256i has_none = _mm256_cmpeq_epi32(_mm256_and_si256(wishes, some), none);
      unsigned found = mask(_mm256_andnot_si256(has_none, has_all));
      if (!every_sector) {
        const __m256i sector = _mm256_srli_epi32(wishes, WishWord::kSector);
        const __m256i high = _mm256_slli_epi32(sector, 31 - 5);  // its sixth bit is the sign
        const __m256i words = blend(low_sectors, high_sectors, high);
        found &= mask(shifted_to_sign(words, sector));
      }
      if (!nobody) found &= ~passed_over(passed, numbers);
      const unsigned often = mask(wishes);
      into.once = keep(numbers, found & ~often, into.once);
      into.again = keep(numbers, found & often, into.again);
    }
    return into;
  }

 private:
  using Order = std::array<std::uint8_t, kAtOnce>;

  /// For each mask the places of its bits, in order.
  static constexpr std::array<Order, 256> orders() {
    std::array<Order, 256> orders{};
    for (unsigned mask = 0; mask < 256; ++mask) {
      std::size_t next = 0;
      for (unsigned bit = 0; bit < kAtOnce; ++bit) {
        if ((mask >> bit & 1) != 0) orders[mask][next++] = static_cast<std::uint8_t>(bit);
      }
    }
    return orders;
  }

  __attribute__((target("avx2"))) static __m256i load(const void* from) {
    return _mm256_loadu_si256(static_cast<const __m256i*>(from));
  }
  __attribute__((target("avx2"))) static __m256i word(std::uint32_t value) {
    return _mm256_set1_epi32(static_cast<int>(value));
  }
  /// The sign of each.
  __attribute__((target("avx2"))) static unsigned mask(__m256i values) {
    return static_cast<unsigned>(_mm256_movemask_ps(_mm256_castsi256_ps(values)));
  }
  /// Of each pair the second where the sign of `choice` is set.
  __attribute__((target("avx2"))) static __m256i blend(__m256i first, __m256i second,
                                                       __m256i choice) {
    return _mm256_castps_si256(_mm256_blendv_ps(
        _mm256_castsi256_ps(first), _mm256_castsi256_ps(second), _mm256_castsi256_ps(choice)));
  }
  /// The bit that the five lowest bits of `bits` number becomes the sign.
  __attribute__((target("avx2"))) static __m256i shifted_to_sign(__m256i words, __m256i bits) {
    return _mm256_sllv_epi32(words, _mm256_sub_epi32(word(31), _mm256_and_si256(bits, word(31))));
  }
  __attribute__((target("avx2"))) static unsigned bits_of(const std::uint32_t* table,
                                                          __m256i numbers) {
    const __m256i words = _mm256_i32gather_epi32(reinterpret_cast<const int*>(table),
                                                 _mm256_srli_epi32(numbers, 5), 4);
    return mask(shifted_to_sign(words, numbers));
  }
  __attribute__((target("avx2"))) static unsigned passed_over(const PassedOver& passed,
                                                              __m256i numbers) {
    const __m256i coarse = _mm256_and_si256(numbers, word(PassedOver::kCoarse - 1));
    if (bits_of(passed.coarse_.data(), coarse) == 0) return 0;
    return bits_of(passed.exact_.data(), numbers);
  }
  __attribute__((target("avx2"))) static std::uint32_t* keep(__m256i numbers, unsigned which,
                                                             std::uint32_t* into) {
    static constexpr std::array<Order, 256> kOrders = orders();
    const __m128i order = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(&kOrders[which]));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(into),
                        _mm256_permutevar8x32_epi32(numbers, _mm256_cvtepu8_epi32(order)));
    return into + __builtin_popcount(which);
  }
};

Picked pick(const SiteRows& rows, const WishWord::Asked& asked, const PassedOver& passed,
            Picked into) {
  static const bool eight_at_once = __builtin_cpu_supports("avx2") != 0;
  SiteRows rest = rows;
  if (eight_at_once) {
    const std::size_t whole = rows.count / Picking::kAtOnce * Picking::kAtOnce;
    into = Picking::pick({rows.organisations, rows.wishes, whole}, asked, passed, into);
    rest = {rows.organisations + whole, rows.wishes + whole, rows.count - whole};
  }
  return pick_one_by_one(rest, asked, passed, into);
}

#else

Picked pick(const SiteRows& rows, const WishWord::Asked& asked, const PassedOver& passed,
            Picked into) {
  return pick_one_by_one(rows, asked, passed, into);
}

#endif

}  // namespace engine
