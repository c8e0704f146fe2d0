#include "engine/directory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>

#include "engine/base/folders.hpp"
#include "engine/base/octet_io.hpp"
#include "engine/base/snapshot.hpp"
#include "engine/base/trace.hpp"
#include "engine/directory/entries.hpp"
#include "engine/directory/shelf.hpp"
#include "engine/limits.hpp"
#include "engine/secrets.hpp"

namespace engine {
namespace {

constexpr std::string_view kTokenPrefix = "tocsin_t_";
constexpr std::string_view kInvitationPrefix = "tocsin_i_";
constexpr std::size_t kSecretBytes = kTokenPrefix.size() + 43;
constexpr std::string_view kFormatKey = "format";
constexpr std::string_view kFormat = "1";
constexpr std::string_view kLastNumberKey = "last_number";  // of a secret, there still or not

/// What readers see: everything, as of one change.
struct Contents {
  Shelf<EntryPtr> organisations;  // by key
  Shelf<KeptSecret> secrets;      // by hash
};

Bytes hash_of(std::string_view secret) { return Bytes(view(hash_of_secret(secret))); }

bool over(const Credential& credential, Time now) {
  return credential.expires && *credential.expires <= now;
}

template <class T>
void sort_unique(std::vector<T>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

Failure unknown(std::string_view key) {
  return Failure{"there is no organisation ", key.substr(0, 80)};
}

}  // namespace

struct Directory::Parts {
  Parts(const Clock& the_clock, std::uint64_t left_free)
      : clock(the_clock), working_bytes(left_free) {}

  const Clock& clock;
  const std::uint64_t working_bytes;
  std::unique_ptr<Store> store;
  Snapshot<Contents> contents;
  std::atomic<std::uint64_t> revision{1};
  std::atomic<bool> writable{true};
  std::atomic<bool> full{false};
  std::mutex changing;            // held by the one change at a time, and while it waits for disk
  std::uint64_t last_number = 0;  // of the secrets
  std::uint64_t last_change = 0;  // of what organisations may read

  Result<void> load();
  Result<void> load_number();
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
  void drop_secret(Store::Change& change, Contents& next, const Bytes& hash) const;
  Result<Secret> issue(Store::Change change, Contents next, const EntryPtr& entry,
                       Secret::Kind kind, std::optional<Time> expires);
  void keep_secret(Store::Change& change, Contents& next, const Bytes& hash,
                   const KeptSecret& secret) const;
  /// The token's entry; nothing for what is no token, is unknown or ran out.
  const KeptSecret* token(const Contents& among, std::string_view text) const;
};

Result<void> Directory::Parts::load() {
  const auto damaged = [](std::string_view how) {
    return Failure{"the directory cannot be read: ", how, ". Restore its folder from a copy"};
  };
  const auto format = store->get(DirectoryTable::meta, kFormatKey);
  if (!format) return damaged(format.error().what);
  if (*format && **format != kFormat) {
    return damaged("another version of this program wrote it");
  }
  if (!*format) {
    auto change = store->change();
    change.put(DirectoryTable::meta, kFormatKey, kFormat);
    if (store->commit(std::move(change), Durability::synced) != Store::Commit::done) {
      return Failure{"the directory could not be made; is the disk full?"};
    }
  }
  if (auto number = load_number(); !number) return damaged(number.error().what);
  Contents loaded;
  const auto before = contents.get();
  std::optional<std::string> fault;
  const auto all = [&](Table table, const Store::Visit& visit) {
    const auto scanned = store->scan(table, {}, Bytes(64, '\xff'), visit);
    if (!scanned) fault = scanned.error().what;
  };
  std::unordered_map<std::string, Entry> entries;
  all(DirectoryTable::organisations, [&](BytesView key, BytesView value) {
    auto organisation = decode_organisation(key, value);
    if (!organisation) fault = "an organisation's entry is damaged";
    if (organisation) entries[std::string(key)] = {std::move(*organisation), ++last_change, {}};
    return !fault;
  });
  all(DirectoryTable::secrets, [&](BytesView hash, BytesView value) {
    auto secret = decode_secret(value);
    const auto whose = secret ? entries.find(secret->organisation) : entries.end();
    if (whose == entries.end()) {
      fault = "a secret's entry is damaged";
      return false;
    }
    last_number = std::max(last_number, secret->credential.number);
    whose->second.held.push_back({Bytes(hash), secret->credential});
    loaded.secrets.set(Bytes(hash), std::move(*secret));
    return true;
  });
  if (fault) return damaged(*fault);
  for (auto& [key, entry] : entries) {
    // Who is signed in stays so where nothing of theirs has changed.
    const EntryPtr* known = before ? before->organisations.find(key) : nullptr;
    if (known != nullptr && (*known)->organisation == entry.organisation) {
      entry.revision = (*known)->revision;
    }
    loaded.organisations.set(key, std::make_shared<const Entry>(std::move(entry)));
  }
  contents.set(std::make_shared<const Contents>(std::move(loaded)));
  return {};
}

Result<void> Directory::Parts::load_number() {
  const auto kept = store->get(DirectoryTable::meta, kLastNumberKey);
  if (!kept) return kept.error();
  if (!*kept) return {};
  OctetReader in(**kept);
  last_number = std::max(last_number, in.number<std::uint64_t>());
  if (!in.finished()) return Failure{"the number of the last secret is damaged"};
  return {};
}

Failure Directory::Parts::closed() {
  if (writable.exchange(false)) trace(Level::error, "directory_write_failed");
  full.store(false);
  return Failure{
      "the directory could not be written and takes no changes until the engine is restarted. "
      "Check the disk, restart, then look whether this change was made before you make it again"};
}

Result<void> Directory::Parts::ready_for(Effect effect) {
  if (!writable.load()) return closed();
  if (store->renew(working_bytes)) {
    // What was in doubt is decided now, and readers see it as it is.
    if (auto loaded = load(); !loaded) return closed();
    revision.fetch_add(1);
  }
  if (store->state() == Store::State::failed) return closed();
  const Store::Room room = store->room();
  const bool low = room.free_bytes && *room.free_bytes < working_bytes;
  full.store(store->state() == Store::State::no_space || low);
  if (!full.load() || (effect == Effect::takes_away && store->state() == Store::State::open)) {
    return {};
  }
  return Failure{"the disk is full, and nothing was changed. Make room, then try again"};
}

Result<void> Directory::Parts::commit(Store::Change change, Contents next) {
  const auto outcome =
      change.empty() ? Store::Commit::done : store->commit(std::move(change), Durability::synced);
  switch (outcome) {
    case Store::Commit::done:
      break;
    case Store::Commit::busy:
      return Failure{"the disk is too slow at the moment, and nothing was changed. Try again"};
    case Store::Commit::no_space:
      full.store(true);
      return Failure{
          "the disk is full. Make room, then look whether this change was made before you make it "
          "again"};
    case Store::Commit::failed:
      return closed();
  }
  contents.set(std::make_shared<const Contents>(std::move(next)));
  revision.fetch_add(1);
  return {};
}

void Directory::Parts::drop_secret(Store::Change& change, Contents& next, const Bytes& hash) const {
  const KeptSecret* secret = next.secrets.find(hash);
  if (secret == nullptr) return;
  if (const EntryPtr* entry = next.organisations.find(secret->organisation)) {
    Entry without = **entry;
    std::erase_if(without.held, [&](const Entry::Held& held) { return held.hash == hash; });
    const std::string key = secret->organisation;
    next.organisations.set(key, std::make_shared<const Entry>(std::move(without)));
  }
  next.secrets.erase(hash);
  change.erase(DirectoryTable::secrets, hash);
}

void Directory::Parts::keep_secret(Store::Change& change, Contents& next, const Bytes& hash,
                                   const KeptSecret& secret) const {
  Entry with = **next.organisations.find(secret.organisation);
  with.held.push_back({hash, secret.credential});
  change.put(DirectoryTable::secrets, hash, encode(secret));
  next.secrets.set(hash, secret);
  next.organisations.set(secret.organisation, std::make_shared<const Entry>(std::move(with)));
}

const KeptSecret* Directory::Parts::token(const Contents& among, std::string_view text) const {
  if (text.size() != kSecretBytes || !text.starts_with(kTokenPrefix)) return nullptr;
  const KeptSecret* secret = among.secrets.find(hash_of(text));
  if (secret == nullptr || secret->credential.kind != Secret::Kind::token) return nullptr;
  return over(secret->credential, clock.now()) ? nullptr : secret;
}

Result<Secret> Directory::Parts::issue(Store::Change change, Contents next, const EntryPtr& entry,
                                       Secret::Kind kind, std::optional<Time> expires) {
  const Time now = clock.now();
  const std::string key = entry->organisation.key;
  for (const auto& held : entry->held) {
    if (over(held.credential, now)) drop_secret(change, next, held.hash);
  }
  const std::size_t held = (*next.organisations.find(key))->held.size();
  if (held >= limits::kSecrets) {
    return Failure{
        fmt::format("{} holds {} secrets already; revoke those it does not use", key, held)};
  }
  Secret secret;
  secret.kind = kind;
  secret.number = ++last_number;
  secret.text = kind == Secret::Kind::token ? kTokenPrefix : kInvitationPrefix;
  secret.text += draw_secret();
  secret.expires = expires;
  keep_secret(change, next, hash_of(secret.text), {key, {secret.number, kind, now, expires}});
  OctetWriter number;
  number.put(secret.number);
  change.put(DirectoryTable::meta, kLastNumberKey, number.bytes());
  if (auto done = commit(std::move(change), std::move(next)); !done) return done.error();
  return secret;
}

Directory::Directory(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Directory::~Directory() = default;

Result<std::unique_ptr<Directory>> Directory::open(const DirectoryOptions& options,
                                                   const Clock& clock) {
  StoreOptions store_options;
  store_options.tables = DirectoryTable::kNames;
  store_options.directory = "/directory";  // a name in memory
  store_options.medium = StoreOptions::Medium::memory;
  store_options.max_open_files = 32;
  store_options.trial = options.trial;
  if (options.medium == DirectoryOptions::Medium::disk) {
    if (auto made = make_folder(options.directory); !made) return made.error();
    store_options.directory = options.directory;
    store_options.medium = StoreOptions::Medium::disk;
  }
  auto store = Store::open(store_options);
  if (!store) {
    return Failure{"the directory in ", options.directory.string(),
                   " cannot be opened: ", store.error().what};
  }
  auto parts = std::make_unique<Parts>(clock, options.working_bytes);
  parts->store = *std::move(store);
  if (auto loaded = parts->load(); !loaded) return loaded.error();
  return std::unique_ptr<Directory>(new Directory(std::move(parts)));
}

// --- asked by any thread

std::optional<Member> Directory::member_of(std::string_view token) const {
  const auto contents = parts_->contents.get();
  const KeptSecret* secret = parts_->token(*contents, token);
  if (secret == nullptr) return std::nullopt;
  const EntryPtr* entry = contents->organisations.find(secret->organisation);
  if (entry == nullptr) return std::nullopt;
  const Organisation& organisation = (*entry)->organisation;
  return Member{organisation.key, organisation.groups, secret->credential.number,
                (*entry)->revision};
}

std::optional<Time> Directory::expiry_of(std::string_view token) const {
  const auto contents = parts_->contents.get();
  const KeptSecret* secret = parts_->token(*contents, token);
  return secret == nullptr ? std::nullopt : secret->credential.expires;
}

std::optional<Organisation> Directory::find(std::string_view key) const {
  const EntryPtr entry = parts_->entry(key);
  if (!entry) return std::nullopt;
  return entry->organisation;
}

std::vector<Organisation> Directory::all() const {
  const auto contents = parts_->contents.get();
  std::vector<Organisation> all;
  all.reserve(contents->organisations.size());
  contents->organisations.each(
      [&](const std::string&, const EntryPtr& entry) { all.push_back(entry->organisation); });
  std::sort(all.begin(), all.end(),
            [](const Organisation& one, const Organisation& other) { return one.key < other.key; });
  return all;
}

std::size_t Directory::size() const { return parts_->contents.get()->organisations.size(); }

std::vector<Credential> Directory::credentials_of(std::string_view key) const {
  std::vector<Credential> credentials;
  if (const EntryPtr entry = parts_->entry(key)) {
    for (const auto& held : entry->held) credentials.push_back(held.credential);
  }
  std::sort(
      credentials.begin(), credentials.end(),
      [](const Credential& one, const Credential& other) { return one.number < other.number; });
  return credentials;
}

std::uint64_t Directory::revision() const noexcept { return parts_->revision.load(); }

Membership Directory::membership(const Member& member) const {
  if (!member.signed_in()) return Membership::holds;
  const EntryPtr entry = parts_->entry(member.organisation);
  if (!entry) return Membership::ended;
  const bool held = std::any_of(entry->held.begin(), entry->held.end(), [&](const auto& one) {
    return one.credential.number == member.credential && !over(one.credential, parts_->clock.now());
  });
  if (!held) return Membership::ended;
  return entry->revision == member.revision ? Membership::holds : Membership::changed;
}

bool Directory::writable() const noexcept { return parts_->writable.load(); }
bool Directory::full() const noexcept { return parts_->full.load(); }

// --- changes

Result<void> Directory::put(const Organisation& organisation) { return put({&organisation, 1}); }

Result<void> Directory::put(std::span<const Organisation> organisations) {
  const std::lock_guard one_at_a_time(parts_->changing);
  if (auto ready = parts_->ready_for(Parts::Effect::adds); !ready) return ready.error();
  Contents next = parts_->copy();
  auto change = parts_->store->change();
  for (Organisation organisation : organisations) {
    sort_unique(organisation.groups);
    if (auto checked = check(organisation); !checked) return checked.error();
    Entry entry;
    const EntryPtr* before = next.organisations.find(organisation.key);
    if (before != nullptr) entry = **before;
    if (before != nullptr) organisation.since = entry.organisation.since;
    if (before == nullptr || entry.organisation.groups != organisation.groups ||
        entry.organisation.subscription != organisation.subscription) {
      entry.revision = ++parts_->last_change;
    }
    entry.organisation = std::move(organisation);
    const std::string& key = entry.organisation.key;
    change.put(DirectoryTable::organisations, key, encode(entry.organisation));
    next.organisations.set(key, std::make_shared<const Entry>(entry));
  }
  if (next.organisations.size() > limits::kOrganisations) {
    return Failure{fmt::format("the directory takes {} organisations; erase those that are gone",
                               limits::kOrganisations)};
  }
  return parts_->commit(std::move(change), std::move(next));
}

Result<Secret> Directory::issue(std::string_view key, Secret::Kind kind) {
  const std::lock_guard one_at_a_time(parts_->changing);
  if (auto ready = parts_->ready_for(Parts::Effect::adds); !ready) return ready.error();
  const EntryPtr entry = parts_->entry(key);
  if (!entry) return unknown(key);
  std::optional<Time> expires;
  if (kind == Secret::Kind::invitation) expires = parts_->clock.now() + limits::kInvitation;
  return parts_->issue(parts_->store->change(), parts_->copy(), entry, kind, expires);
}

Result<Secret> Directory::accept(std::string_view invitation) {
  const std::lock_guard one_at_a_time(parts_->changing);
  if (auto ready = parts_->ready_for(Parts::Effect::adds); !ready) return ready.error();
  const Failure refused{
      "this invitation is not known, was used already, or is older than a day; ask for another"};
  if (invitation.size() != kSecretBytes || !invitation.starts_with(kInvitationPrefix)) {
    return refused;
  }
  const auto now = parts_->contents.get();
  const Bytes hash = hash_of(invitation);
  const KeptSecret* secret = now->secrets.find(hash);
  if (secret == nullptr || over(secret->credential, parts_->clock.now())) return refused;
  Contents next = parts_->copy();
  auto change = parts_->store->change();
  const EntryPtr entry = parts_->entry(secret->organisation);
  parts_->drop_secret(change, next, hash);
  return parts_->issue(std::move(change), std::move(next), entry, Secret::Kind::token,
                       parts_->clock.now() + limits::kSessionMax);
}

Result<void> Directory::renew(std::string_view token) {
  const std::lock_guard one_at_a_time(parts_->changing);
  const auto now = parts_->contents.get();
  const KeptSecret* before = parts_->token(*now, token);
  if (before == nullptr || !before->credential.expires) {
    return Failure{"this token is not one that runs out"};
  }
  KeptSecret secret = *before;
  secret.credential.expires = parts_->clock.now() + limits::kSessionMax;
  const Bytes hash = hash_of(token);
  Contents next = parts_->copy();
  auto change = parts_->store->change();
  parts_->drop_secret(change, next, hash);
  parts_->keep_secret(change, next, hash, secret);
  return parts_->commit(std::move(change), std::move(next));
}

Result<void> Directory::revoke(std::string_view text) {
  const std::lock_guard one_at_a_time(parts_->changing);
  if (auto ready = parts_->ready_for(Parts::Effect::takes_away); !ready) return ready.error();
  const auto now = parts_->contents.get();
  const Bytes hash = hash_of(text);
  if (now->secrets.find(hash) == nullptr)
    return Failure{"this secret is not known; nothing was revoked"};
  Contents next = parts_->copy();
  auto change = parts_->store->change();
  parts_->drop_secret(change, next, hash);
  return parts_->commit(std::move(change), std::move(next));
}

Result<void> Directory::revoke(std::string_view key, std::uint64_t number) {
  const std::lock_guard one_at_a_time(parts_->changing);
  if (auto ready = parts_->ready_for(Parts::Effect::takes_away); !ready) return ready.error();
  const EntryPtr entry = parts_->entry(key);
  if (!entry) return unknown(key);
  const auto found = std::find_if(entry->held.begin(), entry->held.end(), [&](const auto& held) {
    return held.credential.number == number;
  });
  if (found == entry->held.end()) {
    return Failure{fmt::format("{} has no secret {}; nothing was revoked", key, number)};
  }
  Contents next = parts_->copy();
  auto change = parts_->store->change();
  parts_->drop_secret(change, next, found->hash);
  return parts_->commit(std::move(change), std::move(next));
}

Result<void> Directory::erase(std::string_view key) {
  const std::lock_guard one_at_a_time(parts_->changing);
  if (auto ready = parts_->ready_for(Parts::Effect::takes_away); !ready) return ready.error();
  const EntryPtr entry = parts_->entry(key);
  if (!entry) return unknown(key);
  Contents next = parts_->copy();
  auto change = parts_->store->change();
  for (const auto& held : entry->held) {
    next.secrets.erase(held.hash);
    change.erase(DirectoryTable::secrets, held.hash);
  }
  next.organisations.erase(std::string(key));
  change.erase(DirectoryTable::organisations, key);
  return parts_->commit(std::move(change), std::move(next));
}

}  // namespace engine
