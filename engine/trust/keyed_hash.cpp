#include "engine/trust/keyed_hash.hpp"

#include <sodium.h>

#include "engine/base/ensure.hpp"
#include "engine/trust/key_file.hpp"

namespace engine::trust {

namespace {

const unsigned char* octets_of(BytesView bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace

Octets<32> hmac_sha256(BytesView key, BytesView message) {
  Octets<32> hash{};
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, octets_of(key), key.size());
  crypto_auth_hmacsha256_update(&state, octets_of(message), message.size());
  crypto_auth_hmacsha256_final(&state, hash.data());
  sodium_memzero(&state, sizeof state);
  return hash;
}

bool same(BytesView one, BytesView other) noexcept {
  return one.size() == other.size() && sodium_memcmp(one.data(), other.data(), one.size()) == 0;
}

Signature sign_plainly(const Octets<32>& seed, BytesView message) {
  SecretBytes expanded(crypto_sign_SECRETKEYBYTES);
  PublicKey public_key{};
  ENSURE(crypto_sign_seed_keypair(public_key.data(), expanded.data(), seed.data()) == 0);
  Signature signature{};
  ENSURE(crypto_sign_detached(signature.data(), nullptr, octets_of(message), message.size(),
                              expanded.data()) == 0);
  return signature;
}

}  // namespace engine::trust
