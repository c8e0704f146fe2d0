#pragma once
// The inside of the Directory: what is in memory, and the way of a change to the disk. Changes on
// one thread at a time, under `changing`.
#include <atomic>
#include <functional>
#include <mutex>

#include "engine/base/snapshot.hpp"
#include "engine/directory/entries.hpp"
#include "engine/directory/shelf.hpp"
#include "engine/directory/vault.hpp"
#include "engine/directory/whereabouts.hpp"
#include "engine/secrets.hpp"

namespace engine {

inline constexpr std::string_view kTokenPrefix = "tocsin_t_";
inline constexpr std::string_view kInvitationPrefix = "tocsin_i_";
inline constexpr std::size_t kSecretBytes = kTokenPrefix.size() + 43;
/// In the table of all: something that was erased is in the files still.
inline constexpr std::string_view kPurgeKey = "purge";

/// What readers see: everything, as of one change.
struct Contents {
  Shelf<EntryPtr> organisations;  // by key
  Shelf<KeptSecret> secrets;      // by hash
};

inline Bytes hash_of(std::string_view secret) { return Bytes(view(hash_of_secret(secret))); }

inline bool over(const Credential& credential, Time now) {
  return credential.expires && *credential.expires <= now;
}

struct Directory::Parts {
  Parts(const DirectoryOptions& options, const Clock& the_clock);

  const Clock& clock;
  const std::uint64_t working_bytes;
  std::unique_ptr<Store> store;
  Vault vault;
  const cap::Status default_status;
  Snapshot<Contents> contents;
  std::shared_ptr<Whereabouts> where;  // of what is in contents; changed by `changing`
  Snapshot<Whereabouts> shown;         // the same, for those who ask
  std::atomic<std::uint64_t> revision{1};
  std::atomic<bool> writable{true};
  std::atomic<bool> full{false};
  std::atomic<bool> busy{false};
  std::mutex changing;            // held by the one change at a time, and while it waits for disk
  std::uint64_t last_number = 0;  // of the secrets
  std::uint64_t last_change = 0;  // of what organisations may read
  std::uint32_t last_contact = 0;

  Result<void> load();
  /// What is there, to be changed.
  Contents copy() const {
    const auto now = contents.get();
    return {now->organisations.copy(), now->secrets.copy()};
  }
  EntryPtr entry(std::string_view key) const {
    const auto now = contents.get();
    const EntryPtr* found = now->organisations.find(std::string(key));
    return found == nullptr ? nullptr : *found;
  }
  /// Whether the disk takes a change, before it is made: the rules of the log.
  enum class Effect : std::uint8_t { adds, takes_away };
  Result<void> ready_for(Effect effect);
  Failure closed();
  /// Durable first; then it counts.
  Result<void> commit(Store::Change change, Contents next);
  /// The same where nothing that is in memory changes.
  Result<void> commit(Store::Change change);
  /// New values of an organisation, and of its profile where there is one.
  struct Item {
    const Organisation* organisation = nullptr;
    const Profile* profile = nullptr;
  };
  Result<void> put(std::span<const Item> items);
  Result<void> put_all(std::span<const Item> items);
  /// The row of a profile as it will be, and what is in it.
  Result<std::optional<ProfileRow>> row_of(const Store::Change& change, std::string_view key) const;
  Result<Profile> whereabouts_of(const Store::Change& change, std::string_view key) const;
  Result<Profile> put_profile(Store::Change& change, std::string_view key, const Profile& wanted);
  /// Changes one contact, where there is one of that number.
  /// What `change_it` makes of an organisation's contacts, into `change`; nothing where it is none.
  Result<void> put_changed(Store::Change& change, std::string_view key,
                           const std::function<void(Contact&)>& change_it);
  Result<void> change_contact(std::string_view key, std::uint32_t number,
                              const std::function<void(Contact&)>& change_it);
  /// The address becomes a contact that is confirmed now.
  Result<void> add_confirmed(Store::Change& change, std::string_view key, Way way,
                             std::string_view address);
  void put_last_contact(Store::Change& change) const;
  /// Cleans the folder's files of what was erased in these stretches.
  Erased clean(std::span<const Store::Stretch> stretches);
  /// What a stop of the program left to be cleaned.
  void clean_rest();
  void drop_secret(Store::Change& change, Contents& next, const Bytes& hash) const;
  Result<Secret> issue(Store::Change change, Contents next, const EntryPtr& entry,
                       Secret::Kind kind, std::optional<Time> expires);
  void keep_secret(Store::Change& change, Contents& next, const Bytes& hash,
                   const KeptSecret& secret) const;
  /// The token's entry; nothing for what is no token, is unknown or ran out.
  const KeptSecret* token(const Contents& among, std::string_view text) const;
};

}  // namespace engine
