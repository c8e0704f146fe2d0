#pragma once
// What a person compares by eye or reads out on the telephone: that an SMS, an e-mail and a page
// speak of the same bulletin. Pure; any thread.
#include <string>

#include "engine/position.hpp"

namespace engine {

/// The first 50 bits of a bulletin's id in Crockford's base32, as `ABCDE-FGHJK`: no I, L, O or U,
/// so that nothing is read for something else. It tells bulletins apart and proves nothing: whoever
/// tries 2^50 documents finds two with one code. What proves is the signature.
inline std::string check_code(const BulletinId& id) {
  constexpr std::string_view kLetters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  constexpr std::size_t kHalf = 5;
  std::string code;
  for (std::size_t letter = 0; letter < 2 * kHalf; ++letter) {
    if (letter == kHalf) code += '-';
    unsigned value = 0;
    for (std::size_t bit = letter * 5; bit < letter * 5 + 5; ++bit) {
      value = value << 1U | (static_cast<unsigned>(id[bit / 8]) >> (7 - bit % 8) & 1U);
    }
    code += kLetters[value];
  }
  return code;
}

}  // namespace engine
