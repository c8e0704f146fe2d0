#pragma once
// Seals profiles for the disk: each organisation's under a key of its own, which is wrapped by the
// one in a file outside the data folder. That file is made with the first profile; a folder that
// holds profiles does not open without it. open() and ready() on the thread that changes the
// directory, everything else on any.
#include <filesystem>
#include <string_view>

#include "engine/base/snapshot.hpp"
#include "engine/directory/codes.hpp"
#include "engine/directory/profiles.hpp"
#include "engine/sealing.hpp"
#include "engine/store/store.hpp"

namespace engine {

struct VaultOptions {
  std::filesystem::path data;  // the data folder; empty: in memory, with a key of its own
  std::filesystem::path file;  // empty: what the folder remembers, or beside it
};

class Vault {
 public:
  explicit Vault(VaultOptions options) : options_(std::move(options)) {}

  /// Reads the key where something was sealed under it; refuses one that is not that key.
  Result<void> open(const Store& store);
  /// Whether something was sealed, so that there is a key.
  bool is_open() const { return key_.get() != nullptr; }
  /// Has a key: makes its file where there is none, and notes in the folder which one it is.
  Result<void> ready(Store& store);

  /// Nothing before there is a key.
  std::optional<Octets<32>> keyed_hash(BytesView purpose, BytesView text) const;

  /// The row of a profile. The organisation's key is that of its row so far, or a new one.
  Result<Bytes> seal(std::string_view organisation, const Profile& profile,
                     const ProfileRow* before) const;
  /// The row with other codes.
  Result<Bytes> seal_codes(std::string_view organisation, ProfileRow row,
                           std::span<const SentCode> codes) const;
  Result<std::vector<SentCode>> open_codes(std::string_view organisation,
                                           const ProfileRow& row) const;
  enum class Part { whereabouts, all };
  Result<Profile> open(std::string_view organisation, const ProfileRow& row, Part part) const;

 private:
  Result<trust::SealingKey> key_of(std::string_view organisation, const ProfileRow& row) const;
  void keep(trust::WrappingKey key);
  Result<std::filesystem::path> file_of(const Store& store) const;
  Result<std::filesystem::path> file_beside() const;

  const VaultOptions options_;
  Snapshot<trust::WrappingKey> key_;  // none before anything was sealed
};

}  // namespace engine
