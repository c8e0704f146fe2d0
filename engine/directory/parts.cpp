#include "engine/directory/parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "engine/base/octet_io.hpp"
#include "engine/base/trace.hpp"
#include "engine/limits.hpp"

namespace engine {
namespace {

constexpr std::string_view kFormatKey = "format";
constexpr std::string_view kFormat = "2";
constexpr std::string_view kFormatBefore = "1";               // had no profiles
constexpr std::string_view kLastNumberKey = "last_number";    // of a secret, there still or not
constexpr std::string_view kLastContactKey = "last_contact";  // of a contact, there still or not

template <class T>
void sort_unique(std::vector<T>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

}  // namespace

Directory::Parts::Parts(const DirectoryOptions& options, const Clock& the_clock)
    : clock(the_clock),
      working_bytes(options.working_bytes),
      vault({options.medium == DirectoryOptions::Medium::memory
                 ? std::filesystem::path()
                 : options.directory.parent_path() / ".",
             options.key_file}),
      default_status(options.default_status) {}

namespace {

/// What a folder holds, read whole before any of it counts.
class Loading {
 public:
  Loading(const Store& store, const Vault& vault, Whereabouts& where)
      : store_(store), vault_(vault), where_(where) {}

  /// Whose revisions stay where nothing of theirs has changed: who is signed in stays so.
  Result<Contents> read(const Contents* before, std::uint64_t& last_change) {
    all(DirectoryTable::organisations, [&](BytesView key, BytesView value) {
      auto organisation = decode_organisation(key, value);
      if (!organisation) return fail("an organisation's entry is damaged");
      entries_[std::string(key)] = {std::move(*organisation), ++last_change, {}, {}};
      return true;
    });
    all(DirectoryTable::secrets,
        [&](BytesView hash, BytesView value) { return take_secret(hash, value); });
    all(DirectoryTable::profiles,
        [&](BytesView key, BytesView value) { return take_profile(key, value); });
    if (fault_) return Failure{*fault_};
    std::vector<EntryPtr> located;
    for (auto& [key, entry] : entries_) {
      locate(entry);
      const EntryPtr* known = before != nullptr ? before->organisations.find(key) : nullptr;
      if (known != nullptr && (*known)->organisation == entry.organisation &&
          where_.areas_of((*known)->located) == where_.areas_of(entry.located)) {
        entry.revision = (*known)->revision;
      }
      located.push_back(std::make_shared<const Entry>(std::move(entry)));
      loaded_.organisations.set(key, located.back());
    }
    std::vector<const Located*> all;
    for (const auto& entry : located) all.push_back(&entry->located);
    where_.load(all);
    return std::move(loaded_);
  }

  std::uint64_t last_secret() const { return last_secret_; }

 private:
  bool fail(std::string what) {
    fault_ = std::move(what);
    return false;
  }

  void all(Table table, const Store::Visit& visit) {
    if (fault_) return;
    const auto scanned = store_.scan(table, {}, Bytes(65, '\xff'), visit);
    if (!scanned) fault_ = scanned.error().what;
  }

  bool take_secret(BytesView hash, BytesView value) {
    auto secret = decode_secret(value);
    const auto whose = secret ? entries_.find(secret->organisation) : entries_.end();
    if (whose == entries_.end()) return fail("a secret's entry is damaged");
    last_secret_ = std::max(last_secret_, secret->credential.number);
    whose->second.held.push_back({Bytes(hash), secret->credential});
    loaded_.secrets.set(Bytes(hash), std::move(*secret));
    return true;
  }

  bool take_profile(BytesView key, BytesView value) {
    const auto row = decode_profile_row(value);
    if (!row || !entries_.contains(std::string(key))) return fail("a profile's entry is damaged");
    auto profile = vault_.open(key, *row, Vault::Part::whereabouts);
    if (!profile) return fail(profile.error().what);
    profiles_[std::string(key)] = *std::move(profile);
    return true;
  }

  /// A place that this version does not know any more keeps nobody from being warned elsewhere.
  void locate(Entry& entry) {
    const std::string& key = entry.organisation.key;
    const std::uint32_t number = where_.number(key);
    Profile& profile = profiles_[key];
    auto located = where_.locate(entry.organisation, profile, number);
    if (!located) {
      trace(Level::warning, "organisation_without_place", {{"organisation", key}});
      located = where_.locate(entry.organisation, {}, number);
    }
    entry.located = *std::move(located);
    profile = {};
  }

  const Store& store_;
  const Vault& vault_;
  Whereabouts& where_;
  std::unordered_map<std::string, Entry> entries_;
  std::unordered_map<std::string, Profile> profiles_;  // where they are
  Contents loaded_;
  std::uint64_t last_secret_ = 0;
  std::optional<std::string> fault_;
};

/// A number that only grows, kept beside what it numbers.
template <class Number>
Result<Number> kept_number(const Store& store, std::string_view key) {
  const auto kept = store.get(DirectoryTable::meta, key);
  if (!kept) return kept.error();
  if (!*kept) return Number{0};
  OctetReader in(**kept);
  const auto number = in.number<Number>();
  if (!in.finished()) return Failure{fmt::format("the number {} is damaged", key)};
  return number;
}

}  // namespace

Result<void> Directory::Parts::load() {
  const auto damaged = [](std::string_view how) {
    return Failure{"the directory cannot be read: ", how, ". Restore its folder from a copy"};
  };
  const auto format = store->get(DirectoryTable::meta, kFormatKey);
  if (!format) return damaged(format.error().what);
  const bool current = *format && **format == kFormat;
  if (*format && !current && **format != kFormatBefore) {
    return damaged("another version of this program wrote it");
  }
  if (current && store->tables_were_added()) return damaged("a table is missing");
  if (!current) {
    auto change = store->change();
    change.put(DirectoryTable::meta, kFormatKey, kFormat);
    if (store->commit(std::move(change), Durability::synced) != Store::Commit::done) {
      return Failure{"the directory could not be made; is the disk full?"};
    }
  }
  const auto secret = kept_number<std::uint64_t>(*store, kLastNumberKey);
  if (!secret) return damaged(secret.error().what);
  const auto contact = kept_number<std::uint32_t>(*store, kLastContactKey);
  if (!contact) return damaged(contact.error().what);
  if (auto opened = vault.open(*store); !opened) return opened.error();
  auto located = std::make_shared<Whereabouts>(Places::builtin(), default_status);
  Loading loading(*store, vault, *located);
  auto loaded = loading.read(contents.get().get(), last_change);
  if (!loaded) return damaged(loaded.error().what);
  last_number = std::max({last_number, *secret, loading.last_secret()});
  last_contact = std::max(last_contact, *contact);
  where = std::move(located);
  contents.set(std::make_shared<const Contents>(*std::move(loaded)));
  shown.set(where);
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
  busy.store(false);
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
  busy.store(outcome == Store::Commit::busy);
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

Result<void> Directory::Parts::commit(Store::Change change) {
  const auto now = contents.get();
  return commit(std::move(change), {now->organisations, now->secrets});
}

Result<std::optional<ProfileRow>> Directory::Parts::row_of(const Store::Change& change,
                                                           std::string_view key) const {
  const auto kept = change.get(DirectoryTable::profiles, key);
  if (!kept) return kept.error();
  if (!*kept) return std::optional<ProfileRow>{};
  auto row = decode_profile_row(**kept);
  if (!row) return Failure{fmt::format("the profile of {} is damaged", key)};
  return row;
}

Result<Profile> Directory::Parts::whereabouts_of(const Store::Change& change,
                                                 std::string_view key) const {
  const auto row = row_of(change, key);
  if (!row) return row.error();
  if (!*row) return Profile{};
  return vault.open(key, **row, Vault::Part::whereabouts);
}

Result<Profile> Directory::Parts::put_profile(Store::Change& change, std::string_view key,
                                              const Profile& wanted) {
  const auto row = row_of(change, key);
  if (!row) return row.error();
  Profile before;
  if (*row) {
    auto opened = vault.open(key, **row, Vault::Part::all);
    if (!opened) return opened.error();
    before = *std::move(opened);
  }
  auto profile = settled(key, wanted, before, last_contact);
  wipe(before);
  if (!profile) return profile;
  const auto sealed = vault.seal(key, *profile, *row ? &**row : nullptr);
  if (!sealed) return sealed.error();
  change.put(DirectoryTable::profiles, key, *sealed);
  return profile;
}

Result<void> Directory::Parts::put(std::span<const Item> items) {
  const auto numbered = where->numbered();
  auto done = put_all(items);
  if (!done) where->forget_after(numbered);
  return done;
}

Result<void> Directory::Parts::put_all(std::span<const Item> items) {
  Contents next = copy();
  auto change = store->change();
  const std::uint32_t contacts = last_contact;
  std::vector<EntryPtr> changed;
  for (const Item& item : items) {
    Organisation organisation = *item.organisation;
    sort_unique(organisation.groups);
    if (auto checked = check(organisation); !checked) return checked.error();
    const std::string key = organisation.key;
    const EntryPtr* before = next.organisations.find(key);
    auto profile = item.profile != nullptr ? put_profile(change, key, *item.profile)
                                           : whereabouts_of(change, key);
    if (!profile) return profile.error();
    if (organisation.subscription.size() + profile->premises.size() > limits::kFilterValues) {
      return Failure{fmt::format("{} has places and a subscription of more than {} values together",
                                 key, limits::kFilterValues)};
    }
    Entry entry;
    if (before != nullptr) entry = **before;
    if (before != nullptr) organisation.since = entry.organisation.since;
    const std::uint32_t number = before != nullptr ? entry.located.number : where->number(key);
    auto located = where->locate(organisation, *profile, number);
    wipe(*profile);
    if (!located) return located.error();
    if (before == nullptr || entry.organisation.groups != organisation.groups ||
        entry.organisation.subscription != organisation.subscription ||
        where->areas_of(entry.located) != where->areas_of(*located)) {
      entry.revision = ++last_change;
    }
    entry.organisation = std::move(organisation);
    entry.located = *std::move(located);
    change.put(DirectoryTable::organisations, key, encode(entry.organisation));
    changed.push_back(std::make_shared<const Entry>(std::move(entry)));
    next.organisations.set(key, changed.back());
  }
  if (next.organisations.size() > limits::kOrganisations) {
    return Failure{fmt::format("the directory takes {} organisations; erase those that are gone",
                               limits::kOrganisations)};
  }
  if (last_contact != contacts) put_last_contact(change);
  if (auto done = commit(std::move(change), std::move(next)); !done) return done;
  std::vector<const Located*> located;
  for (const auto& entry : changed) located.push_back(&entry->located);
  where->put(located);
  return {};
}

void Directory::Parts::put_last_contact(Store::Change& change) const {
  OctetWriter number;
  number.put(last_contact);
  change.put(DirectoryTable::meta, kLastContactKey, number.bytes());
}

Result<void> Directory::Parts::put_changed(Store::Change& change, std::string_view key,
                                           const std::function<void(Contact&)>& change_it) {
  const auto row = row_of(change, key);
  if (!row) return row.error();
  if (!*row) return {};
  auto profile = vault.open(key, **row, Vault::Part::all);
  if (!profile) return profile.error();
  bool changed = false;
  for (Contact& one : profile->contacts) {
    const Contact before = one;
    change_it(one);
    changed = changed || !(one == before);
  }
  Result<void> put;
  if (changed) {
    const auto sealed = vault.seal(key, *profile, &**row);
    if (sealed) change.put(DirectoryTable::profiles, key, *sealed);
    if (!sealed) put = sealed.error();
  }
  wipe(*profile);
  return put;
}

Result<void> Directory::Parts::change_contact(std::string_view key, std::uint32_t number,
                                              const std::function<void(Contact&)>& change_it) {
  auto change = store->change();
  auto put = put_changed(change, key, [&](Contact& one) {
    if (one.number == number) change_it(one);
  });
  if (!put || change.empty()) return put;
  return commit(std::move(change));
}

Result<void> Directory::Parts::add_confirmed(Store::Change& change, std::string_view key, Way way,
                                             std::string_view address) {
  const auto row = row_of(change, key);
  if (!row) return row.error();
  auto profile = vault.open(key, **row, Vault::Part::all);
  if (!profile) return profile.error();
  auto& contacts = profile->contacts;
  auto known = std::find_if(contacts.begin(), contacts.end(), [&](const Contact& one) {
    return one.way == way && one.address == address;
  });
  if (known == contacts.end()) {
    contacts.emplace_back().way = way;
    known = contacts.end() - 1;
    known->address = address;
  }
  known->consents = true;
  known->dead = false;
  known->confirmed = clock.now();
  const auto put = put_profile(change, key, *profile);
  wipe(*profile);
  if (!put) return put.error();
  put_last_contact(change);
  return {};
}

Erased Directory::Parts::clean(std::span<const Store::Stretch> stretches) {
  if (full.load()) return Erased::until_restart;
  if (auto purged = store->purge(stretches); !purged) {
    trace(Level::warning, "directory_not_cleaned", {{"what", purged.error().what}});
    return Erased::until_restart;
  }
  auto change = store->change();
  change.erase(DirectoryTable::meta, kPurgeKey);
  const bool noted = store->commit(std::move(change), Durability::synced) == Store::Commit::done;
  return noted ? Erased::cleanly : Erased::until_restart;
}

void Directory::Parts::clean_rest() {
  const auto rest = store->get(DirectoryTable::meta, kPurgeKey);
  if (!rest || !*rest) return;
  std::vector<Store::Stretch> whole;
  for (const Table table :
       {DirectoryTable::organisations, DirectoryTable::secrets, DirectoryTable::profiles}) {
    whole.push_back({table, {}, Bytes(65, '\xff')});
  }
  clean(whole);
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

}  // namespace engine
