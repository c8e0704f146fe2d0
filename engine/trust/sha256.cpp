// SHA-256 by libcrypto, which has the processor's own instructions for it and takes a third of
// libsodium's time or less. Where libcrypto was set up to do without SHA-256, libsodium does it.
#include <openssl/evp.h>
#include <sodium.h>

#include <memory>

#include "engine/trust/signature.hpp"

namespace engine::trust {
namespace {

struct Free {
  void operator()(EVP_MD* method) const noexcept { EVP_MD_free(method); }
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};

bool by_libcrypto(BytesView bytes, Octets<32>& digest) {
  // Looked for once and kept: looking costs more than a digest, and takes a lock.
  static const std::unique_ptr<EVP_MD, Free> method(EVP_MD_fetch(nullptr, "SHA256", nullptr));
  thread_local const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
  if (method == nullptr || context == nullptr) return false;
  unsigned int size = 0;
  return EVP_DigestInit_ex2(context.get(), method.get(), nullptr) == 1 &&
         EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) == 1 &&
         EVP_DigestFinal_ex(context.get(), digest.data(), &size) == 1 && size == digest.size();
}

}  // namespace

Octets<32> sha256(BytesView bytes) {
  Octets<32> digest{};
  if (by_libcrypto(bytes, digest)) return digest;
  static_assert(crypto_hash_sha256_BYTES == digest.size());
  crypto_hash_sha256(digest.data(), reinterpret_cast<const unsigned char*>(bytes.data()),
                     bytes.size());
  return digest;
}

}  // namespace engine::trust
