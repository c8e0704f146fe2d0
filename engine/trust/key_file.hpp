#pragma once
// An officer's key at rest: the 32-byte seed, encrypted under a passphrase (Argon2id, then
// XChaCha20-Poly1305), in a JSON file of mode 0600 (schemas/key-file.md). In memory it is locked,
// kept out of core dumps, and wiped.
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"
#include "engine/bulletin.hpp"
#include "engine/trust/signature.hpp"

namespace engine::trust {

/// Memory that is locked, not dumped, and wiped when released. Move-only.
class SecretBytes {
 public:
  explicit SecretBytes(std::size_t size);
  SecretBytes(SecretBytes&& other) noexcept;
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  ~SecretBytes();
  std::uint8_t* data() noexcept { return data_; }
  const std::uint8_t* data() const noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }
  void shrink(std::size_t size) noexcept;  // forgets what is behind it
  BytesView view() const noexcept { return {reinterpret_cast<const char*>(data_), size_}; }

 private:
  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

class SigningKey {
 public:
  static SigningKey generate();

  const PublicKey& public_key() const noexcept { return public_key_; }
  KeyId keyid() const { return key_id(public_key_); }

  /// Signs DSSE's encoding of that payload.
  SignatureBlock sign(std::string_view payload_type, BytesView payload) const;

 private:
  friend class KeyFile;
  SigningKey(SecretBytes seed, PublicKey public_key);
  SecretBytes seed_;
  PublicKey public_key_{};
};

/// How hard a passphrase is to guess. Interactive is for tests and demos only.
enum class KeyStrength { sensitive, interactive };

class KeyFile {
 public:
  /// What may be read without the passphrase.
  struct Label {
    std::string holder;
    PublicKey public_key{};
  };

  /// Writes a new file of mode 0600; refuses to overwrite one.
  static Result<void> write(const std::filesystem::path& file, const SigningKey& key,
                            std::string_view holder, const SecretBytes& passphrase,
                            KeyStrength strength = KeyStrength::sensitive);
  static Result<Label> read_label(const std::filesystem::path& file);
  /// Refuses a file that group or others may read, a wrong passphrase, and one whose public key is
  /// not that of its seed.
  static Result<SigningKey> open(const std::filesystem::path& file, const SecretBytes& passphrase);
};

}  // namespace engine::trust
