#pragma once
// UTF-8 read strictly: no overlong forms, no surrogates, nothing above U+10FFFF. Pure; any thread.
#include <cstddef>
#include <optional>
#include <string_view>

namespace engine::cap {

/// Walks over the characters of a text. A byte that is not UTF-8 comes out as U+FFFD, alone.
class Utf8 {
 public:
  explicit Utf8(std::string_view text) : rest_(text) {}

  struct Character {
    char32_t code = 0;
    std::string_view bytes;  // where it stands in the text
  };

  bool finished() const { return rest_.empty(); }
  Character next() {
    const auto lead = static_cast<unsigned char>(rest_.front());
    return lead < 0x80U ? take(lead, 1) : next_beyond_ascii();
  }

 private:
  Character next_beyond_ascii();
  Character take(char32_t code, std::size_t length) {
    const Character character{code, rest_.substr(0, length)};
    rest_.remove_prefix(length);
    return character;
  }

  std::string_view rest_;
};

/// Where the first byte stands that is not UTF-8, or is NUL; nothing if all is well.
std::optional<std::size_t> first_not_utf8(std::string_view bytes);

}  // namespace engine::cap
