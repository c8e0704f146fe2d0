#include "engine/secrets.hpp"

#include <sodium.h>

#include "engine/trust/signature.hpp"

namespace engine {

std::string draw_secret() {
  Octets<32> drawn{};
  randombytes_buf(drawn.data(), drawn.size());
  std::string text = to_base64(view(drawn));
  sodium_memzero(drawn.data(), drawn.size());
  for (char& character : text) {
    if (character == '+') character = '-';
    if (character == '/') character = '_';
  }
  text.erase(text.find('='));
  return text;
}

Octets<32> hash_of_secret(std::string_view secret) { return trust::sha256(secret); }

}  // namespace engine
