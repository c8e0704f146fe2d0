#include "connectors/email/return_path.hpp"

#include "engine/trust/keyed_hash.hpp"

namespace connectors::email {

using engine::Bytes;
using engine::BytesView;
using engine::DeliveryId;

namespace {

// Crockford's letters again, in lower case: nothing that a person would type wrongly.
constexpr std::string_view kLetters = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::size_t kIdLetters = 26;   // 130 bits for 128; the last two are zero
constexpr std::size_t kHashOctets = 10;  // 80 bits: 2^79 bounces to forge one
constexpr std::size_t kHashLetters = 16;
constexpr std::string_view kPurpose = "tocsin e-mail return path v1 ";

std::string letters_of(BytesView octets) {
  std::string text;
  unsigned held = 0, bits = 0;
  for (const char octet : octets) {
    held = (held << 8U | static_cast<std::uint8_t>(octet)) & 0xfffU;
    for (bits += 8; bits >= 5; bits -= 5) text += kLetters[held >> (bits - 5) & 31U];
  }
  if (bits > 0) text += kLetters[held << (5 - bits) & 31U];
  return text;
}

std::string hash_of(const DeliveryId& id, BytesView key) {
  const Bytes message = Bytes(kPurpose) + Bytes(engine::view(id));
  const auto hash = engine::trust::hmac_sha256(key, message);
  return letters_of(engine::view(hash).substr(0, kHashOctets));
}

std::optional<DeliveryId> id_in(std::string_view letters) {
  DeliveryId id{};
  unsigned held = 0, bits = 0;
  std::size_t octets = 0;
  for (const char letter : letters) {
    const std::size_t value = kLetters.find(letter);
    if (value == std::string_view::npos) return std::nullopt;
    held = (held << 5U | static_cast<unsigned>(value)) & 0xfffU;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    id[octets++] = static_cast<std::uint8_t>(held >> bits);
  }
  if ((held & ((1U << bits) - 1)) != 0) return std::nullopt;  // one text, one id
  return id;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

}  // namespace

std::string return_path(const DeliveryId& id, std::string_view domain, BytesView key) {
  std::string address = "b." + letters_of(engine::view(id)) + "." + hash_of(id, key) + "@";
  address += domain;
  return address;
}

std::optional<DeliveryId> delivery_of(std::string_view address, BytesView key) {
  const std::string local = lower(address.substr(0, address.find('@')));
  constexpr std::size_t kDot = 2 + kIdLetters;
  if (local.size() != kDot + 1 + kHashLetters || !local.starts_with("b.") || local[kDot] != '.') {
    return std::nullopt;
  }
  const auto id = id_in(std::string_view(local).substr(2, kIdLetters));
  if (!id || !engine::trust::same(hash_of(*id, key), std::string_view(local).substr(kDot + 1))) {
    return std::nullopt;
  }
  return id;
}

}  // namespace connectors::email
