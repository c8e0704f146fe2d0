#include <sodium.h>

#include <utility>

#include "engine/base/ensure.hpp"
#include "engine/trust/key_file.hpp"

namespace engine::trust {

// sodium_malloc locks the pages, keeps them out of core dumps and puts guard pages around them;
// sodium_free wipes them.
SecretBytes::SecretBytes(std::size_t size) : size_(size) {
  ENSURE(sodium_init() >= 0);
  data_ = static_cast<std::uint8_t*>(sodium_malloc(size));
  ENSURE(data_ != nullptr);
  sodium_memzero(data_, size_);
}

SecretBytes::SecretBytes(SecretBytes&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  if (this != &other) {
    sodium_free(data_);
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

SecretBytes::~SecretBytes() { sodium_free(data_); }

void SecretBytes::shrink(std::size_t size) noexcept {
  ENSURE(size <= size_);
  sodium_memzero(data_ + size, size_ - size);
  size_ = size;
}

SigningKey::SigningKey(SecretBytes seed, PublicKey public_key)
    : seed_(std::move(seed)), public_key_(public_key) {}

SigningKey SigningKey::generate() {
  SecretBytes seed(crypto_sign_SEEDBYTES);
  SecretBytes expanded(crypto_sign_SECRETKEYBYTES);
  PublicKey public_key{};
  randombytes_buf(seed.data(), seed.size());
  ENSURE(crypto_sign_seed_keypair(public_key.data(), expanded.data(), seed.data()) == 0);
  return {std::move(seed), public_key};
}

SignatureBlock SigningKey::sign(std::string_view payload_type, BytesView payload) const {
  const Bytes message = pre_authentication_encoding(payload_type, payload);
  SecretBytes expanded(crypto_sign_SECRETKEYBYTES);
  PublicKey public_key{};
  ENSURE(crypto_sign_seed_keypair(public_key.data(), expanded.data(), seed_.data()) == 0);
  SignatureBlock block;
  block.keyid = keyid();
  ENSURE(crypto_sign_detached(block.signature.data(), nullptr,
                              reinterpret_cast<const unsigned char*>(message.data()),
                              message.size(), expanded.data()) == 0);
  return block;
}

}  // namespace engine::trust
