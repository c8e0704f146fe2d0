#pragma once
// What the disk may hold but nobody may read from it: octets sealed under a key
// (XChaCha20-Poly1305, with where they belong as associated data), the key itself wrapped by one
// that lies in a file outside the data folder. Any thread, once start_crypto() said yes.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "engine/base/result.hpp"
#include "engine/trust/key_file.hpp"

namespace engine::trust {

/// What was sealed, readable until it goes out of scope: then it is wiped. Move-only.
class Opened {
 public:
  explicit Opened(std::size_t size);
  Opened(Opened&& other) noexcept;
  Opened& operator=(Opened&& other) noexcept;
  ~Opened();
  char* data() noexcept { return octets_.get(); }
  BytesView view() const noexcept { return {octets_.get(), size_}; }

 private:
  std::unique_ptr<char[]> octets_;
  std::size_t size_ = 0;
};

/// Overwrites a text that nobody needs any more, what it had room for included.
void wipe(std::string& text) noexcept;

/// A key that seals: drawn once for each owner, on the stack for as long as it is used, wiped then.
/// It is not locked: that would cost six system calls for each of a hundred thousand.
class SealingKey {
 public:
  static SealingKey draw();
  SealingKey(const SealingKey&) = delete;
  SealingKey(SealingKey&& other) noexcept;
  SealingKey& operator=(const SealingKey&) = delete;
  ~SealingKey();

  /// `context` says what it is and whose: what is moved elsewhere does not open there.
  Bytes seal(BytesView plain, BytesView context) const;
  /// Nothing where it was sealed under another key or in another context, or was changed.
  std::optional<Opened> open(BytesView sealed, BytesView context) const;

 private:
  friend class WrappingKey;
  SealingKey() = default;
  Octets<32> octets_{};
};

/// The key that wraps all the others. In memory it is locked, kept out of core dumps, and wiped.
class WrappingKey {
 public:
  static WrappingKey draw();

  /// Reads one line, "tocsin-directory-key-1 " and base64 of 32 octets. Refuses a file that group
  /// or others may read.
  static Result<WrappingKey> read(const std::filesystem::path& file);
  /// Writes a new file of mode 0600; refuses to overwrite one.
  Result<void> write(const std::filesystem::path& file) const;

  Bytes wrap(const SealingKey& key, BytesView context) const;
  std::optional<SealingKey> unwrap(BytesView wrapped, BytesView context) const;

  /// BLAKE2b under a key that is made of this one for that purpose alone: the same text has the
  /// same hash, and nobody without the key can try texts until one fits.
  Octets<32> keyed_hash(BytesView purpose, BytesView text) const;

  /// Kept beside what was wrapped: tells whether a key is the one it was wrapped by.
  Bytes mark() const;
  bool made(BytesView mark) const;

 private:
  explicit WrappingKey(SecretBytes octets) : octets_(std::move(octets)) {}
  SecretBytes octets_;
};

/// A key that several machines hold, for what they tell each other through others. In memory it is
/// as the wrapping key is.
class SharedKey {
 public:
  /// Reads base64 of 32 octets, as `openssl rand -base64 32` writes them. Refuses a file that group
  /// or others may read.
  static Result<SharedKey> read(const std::filesystem::path& file);

  Bytes seal(BytesView plain, BytesView context) const;
  /// Nothing where it was sealed under another key or in another context, or was changed.
  std::optional<Opened> open(BytesView sealed, BytesView context) const;

 private:
  explicit SharedKey(SecretBytes octets) : octets_(std::move(octets)) {}
  SecretBytes octets_;
};

}  // namespace engine::trust
