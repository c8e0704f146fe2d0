#include "engine/directory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "engine/base/folders.hpp"
#include "engine/directory/own_words.hpp"
#include "engine/directory/parts.hpp"
#include "engine/limits.hpp"

namespace engine {
namespace {

Failure unknown(std::string_view key) {
  return Failure{"there is no organisation ", key.substr(0, 80)};
}

}  // namespace

Directory::Directory(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Directory::~Directory() = default;

Result<std::unique_ptr<Directory>> Directory::open(const DirectoryOptions& options,
                                                   const Clock& clock) {
  StoreOptions store_options;
  store_options.tables = DirectoryTable::kNames;
  store_options.added = DirectoryTable::kAdded;
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
  auto parts = std::make_unique<Parts>(options, clock);
  parts->store = *std::move(store);
  if (auto loaded = parts->load(); !loaded) return loaded.error();
  parts->clean_rest();
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

std::vector<Filter::Parameter> Directory::subscription_of(std::string_view key) const {
  const EntryPtr entry = parts_->entry(key);
  if (!entry) return {};
  auto subscription = entry->organisation.subscription;
  for (auto& area : parts_->shown.get()->areas_of(entry->located)) {
    subscription.push_back(std::move(area));
  }
  return subscription;
}

namespace {

/// Whether it wants to hear of this sender at all.
bool wants_sender(const Organisation& organisation, const std::string& sender) {
  bool names = false;
  for (const auto& [name, value] : organisation.subscription) {
    if (name != "sender") continue;
    if (value == sender) return true;
    names = true;
  }
  return !names;
}

bool names_senders(const Organisation& organisation) {
  return std::any_of(organisation.subscription.begin(), organisation.subscription.end(),
                     [](const auto& parameter) { return parameter.first == "sender"; });
}

/// One question, asked of one organisation after the other.
class Asking {
 public:
  Asking(const Whereabouts& where, std::span<const cap::Reach> reaches, std::uint64_t sectors)
      : where_(where), reaches_(reaches), sectors_(sectors) {}

  bool concerns(const Entry& entry, bool by_name) const {
    const Organisation& organisation = entry.organisation;
    const Member member{organisation.key, organisation.groups};
    return std::any_of(reaches_.begin(), reaches_.end(), [&](const cap::Reach& reach) {
      return (reach.audience.scope != cap::Scope::public_) == by_name &&
             is_for(reach.audience, member) && wants_sender(organisation, reach.sender) &&
             where_.concerns(reach, organisation, entry.located, sectors_);
    });
  }

 private:
  const Whereabouts& where_;
  const std::span<const cap::Reach> reaches_;
  const std::uint64_t sectors_;
};

}  // namespace

std::optional<Grouping> Directory::grouping_of(std::string_view key,
                                               std::span<const cap::Reach> reaches) const {
  const auto where = parts_->shown.get();
  const EntryPtr entry = parts_->entry(key);
  if (!entry) return std::nullopt;
  return where->grouping_of(reaches, entry->located);
}

namespace {

/// Whoever may be meant by name: those whom a Private reach lists, and, where there is a Restricted
/// one, whoever is in a group.
void each_named(const Contents& now, std::span<const cap::Reach> reaches,
                const std::function<void(const std::string&, const EntryPtr&)>& ask) {
  bool by_group = false;
  for (const cap::Reach& reach : reaches) {
    by_group = by_group || reach.audience.scope == cap::Scope::restricted;
    if (reach.audience.scope != cap::Scope::private_) continue;
    for (const std::string& key : reach.audience.names) {
      if (const EntryPtr* entry = now.organisations.find(key)) ask(key, *entry);
    }
  }
  if (!by_group) return;
  now.organisations.each([&](const std::string& key, const EntryPtr& entry) {
    if (!entry->organisation.groups.empty()) ask(key, entry);
  });
}

}  // namespace

std::vector<OrganisationConcerned> Directory::concerned(
    std::span<const cap::Reach> reaches, std::span<const std::string> sectors) const {
  const auto where = parts_->shown.get();
  const std::uint64_t bits = where->bits_of(sectors);
  const Asking asking(*where, reaches, bits);
  std::vector<OrganisationConcerned> found;
  auto near = where->near(reaches, bits);
  const auto now = parts_->contents.get();  // later than what was near: nobody is missing in it
  for (auto& one : near) {
    const EntryPtr* entry = now->organisations.find(one.key);
    if (entry == nullptr) continue;  // erased meanwhile
    if (names_senders((*entry)->organisation) && !asking.concerns(**entry, false)) continue;
    found.push_back({std::move(one.key), one.km});
  }
  const std::size_t nearby = found.size();
  each_named(*now, reaches, [&](const std::string& key, const EntryPtr& entry) {
    if (asking.concerns(*entry, true)) found.push_back({key, 0});
  });
  if (found.size() == nearby) return found;
  std::sort(found.begin(), found.end(),
            [](const OrganisationConcerned& one, const OrganisationConcerned& other) {
              return std::tie(one.organisation, one.km) < std::tie(other.organisation, other.km);
            });
  const auto same = [](const OrganisationConcerned& one, const OrganisationConcerned& other) {
    return one.organisation == other.organisation;
  };
  found.erase(std::unique(found.begin(), found.end(), same), found.end());
  return found;
}

bool Directory::concerns_anybody(std::span<const cap::Reach> reaches) const {
  const auto where = parts_->shown.get();
  const Asking asking(*where, reaches, where->bits_of({}));
  const auto near = where->any_near(reaches, [&](const std::string& key) {
    const EntryPtr entry = parts_->entry(key);
    return entry && (!names_senders(entry->organisation) || asking.concerns(*entry, false));
  });
  if (near) return true;
  bool found = false;
  each_named(*parts_->contents.get(), reaches, [&](const std::string&, const EntryPtr& entry) {
    found = found || asking.concerns(*entry, true);
  });
  return found;
}

Result<std::optional<Profile>> Directory::profile(std::string_view key) const {
  const auto row = parts_->row_of(parts_->store->unchanged(), key);
  if (!row) return row.error();
  if (!*row) return std::optional<Profile>{};
  auto profile = parts_->vault.open(key, **row, Vault::Part::all);
  if (!profile) return profile.error();
  return std::optional<Profile>{*std::move(profile)};
}

std::optional<Octets<32>> Directory::keyed_hash(std::string_view purpose,
                                                std::string_view text) const {
  return parts_->vault.keyed_hash(purpose, text);
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
bool Directory::busy() const noexcept { return parts_->busy.load(); }

// --- changes

Result<void> Directory::put(const Organisation& organisation) { return put({&organisation, 1}); }

Result<void> Directory::put(std::span<const Organisation> organisations) {
  const std::lock_guard one_at_a_time(parts_->changing);
  if (auto ready = parts_->ready_for(Parts::Effect::adds); !ready) return ready.error();
  std::vector<Parts::Item> items;
  for (const auto& organisation : organisations) items.push_back({&organisation, nullptr});
  return parts_->put(items);
}

Result<void> Directory::put(std::span<const Registration> registrations) {
  const std::lock_guard one_at_a_time(parts_->changing);
  if (auto ready = parts_->ready_for(Parts::Effect::adds); !ready) return ready.error();
  if (auto ready = parts_->vault.ready(*parts_->store); !ready) return ready.error();
  std::vector<Parts::Item> items;
  for (const auto& one : registrations) items.push_back({&one.organisation, &one.profile});
  return parts_->put(items);
}

Result<void> Directory::mark_dead(std::span<const std::pair<std::string, std::uint32_t>> contacts) {
  // Those who are told of an alert do not wait for an import: it is marked the next time.
  const std::unique_lock one_at_a_time(parts_->changing, std::try_to_lock);
  if (!one_at_a_time.owns_lock()) return Failure{"the directory is being changed; try again"};
  if (auto ready = parts_->ready_for(Parts::Effect::adds); !ready) return ready.error();
  std::map<std::string_view, std::set<std::uint32_t>> dead;  // of each organisation
  for (const auto& [key, number] : contacts) dead[key].insert(number);
  auto change = parts_->store->change();
  Result<void> marked;
  for (const auto& [key, numbers] : dead) {
    auto put = parts_->put_changed(change, key, [&numbers = numbers](Contact& one) {
      one.dead = one.dead || numbers.contains(one.number);
    });
    if (!put) marked = std::move(put);
  }
  if (change.empty()) return marked;
  if (auto committed = parts_->commit(std::move(change)); !committed) return committed;
  return marked;
}

Result<void> Directory::leave(std::string_view key, std::uint32_t contact) {
  const std::lock_guard one_at_a_time(parts_->changing);
  if (auto ready = parts_->ready_for(Parts::Effect::takes_away); !ready) return ready.error();
  return parts_->change_contact(key, contact, [](Contact& one) { one.consents = false; });
}

Result<void> Directory::put_own(std::string_view key, OwnWords own) {
  const std::lock_guard one_at_a_time(parts_->changing);
  if (auto ready = parts_->ready_for(Parts::Effect::adds); !ready) return ready.error();
  if (auto ready = parts_->vault.ready(*parts_->store); !ready) return ready.error();
  const EntryPtr entry = parts_->entry(key);
  if (!entry) return unknown(key);
  Profile before;
  if (own.profile || own.still) {
    const auto row = parts_->row_of(parts_->store->unchanged(), key);
    if (!row) return row.error();
    if (*row) {
      auto opened = parts_->vault.open(key, **row, Vault::Part::all);
      if (!opened) return opened.error();
      before = *std::move(opened);
    }
  }
  if (own.still && !own.still(entry->organisation, before)) {
    wipe(before);
    return Failure{"it was changed meanwhile"};
  }
  Organisation organisation = entry->organisation;
  if (own.subscription) organisation.subscription = *std::move(own.subscription);
  if (!own.profile) {
    wipe(before);
    const Parts::Item item{&organisation, nullptr};
    return parts_->put({&item, 1});
  }
  auto profile = own_words(*std::move(own.profile), before);
  wipe(before);
  if (!profile) return profile.error();
  // There are few, for all of them together.
  for (const auto& sector : profile->sectors) {
    if (parts_->where->bits_of({&sector, 1}) != 0) continue;
    wipe(*profile);
    return Failure{"a sector that no organisation has yet is entered by whoever runs this engine"};
  }
  const Parts::Item item{&organisation, &*profile};
  auto done = parts_->put({&item, 1});
  wipe(*profile);
  return done;
}

Result<std::optional<std::string>> Directory::draw_code(std::string_view key, Way way,
                                                        std::string_view address) {
  const std::lock_guard one_at_a_time(parts_->changing);
  if (auto ready = parts_->ready_for(Parts::Effect::adds); !ready) return ready.error();
  if (!parts_->entry(key)) return unknown(key);
  if (auto ready = parts_->vault.ready(*parts_->store); !ready) return ready.error();
  Profile alone;
  alone.contacts.emplace_back().way = way;
  alone.contacts.front().address = address;
  if (auto checked = check(key, alone); !checked) return checked.error();
  auto change = parts_->store->change();
  auto row = parts_->row_of(change, key);
  if (!row) return row.error();
  if (!*row) {
    const auto made = parts_->vault.seal(key, {}, nullptr);
    if (!made) return made.error();
    *row = decode_profile_row(*made);
  }
  auto codes = parts_->vault.open_codes(key, **row);
  if (!codes) return codes.error();
  const Time now = parts_->clock.now();
  if (!may_send(*codes, now)) return std::optional<std::string>{};
  std::string code = engine::draw_code();
  codes->push_back(sent_code(way, address, code, now));
  const auto sealed = parts_->vault.seal_codes(key, **row, *codes);
  if (!sealed) return sealed.error();
  change.put(DirectoryTable::profiles, key, *sealed);
  if (auto done = parts_->commit(std::move(change)); !done) return done.error();
  return std::optional(std::move(code));
}

Result<CodeTried> Directory::confirm(std::string_view key, Way way, std::string_view address,
                                     std::string_view code) {
  const std::lock_guard one_at_a_time(parts_->changing);
  if (auto ready = parts_->ready_for(Parts::Effect::adds); !ready) return ready.error();
  auto change = parts_->store->change();
  auto row = parts_->row_of(change, key);
  if (!row) return row.error();
  if (!*row) return CodeTried::over;
  auto codes = parts_->vault.open_codes(key, **row);
  if (!codes) return codes.error();
  const Time now = parts_->clock.now();
  const CodeTried tried = try_code(*codes, way, address, code, now);
  if (tried == CodeTried::over) return tried;
  const auto sealed = parts_->vault.seal_codes(key, **row, *codes);
  if (!sealed) return sealed.error();
  change.put(DirectoryTable::profiles, key, *sealed);
  if (tried == CodeTried::right) {
    if (auto added = parts_->add_confirmed(change, key, way, address); !added) return added.error();
  }
  if (auto done = parts_->commit(std::move(change)); !done) return done.error();
  return tried;
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

Result<Erased> Directory::erase(std::string_view key) {
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
  change.erase(DirectoryTable::profiles, key);
  change.put(DirectoryTable::meta, kPurgeKey, "1");
  if (auto done = parts_->commit(std::move(change), std::move(next)); !done) return done.error();
  parts_->where->erase(entry->located.number);
  std::vector<Store::Stretch> stretches;
  for (const Table table : {DirectoryTable::organisations, DirectoryTable::profiles}) {
    stretches.push_back({table, Bytes(key), Bytes(key)});
  }
  for (const auto& held : entry->held) {
    stretches.push_back({DirectoryTable::secrets, held.hash, held.hash});
  }
  return parts_->clean(stretches);
}

}  // namespace engine
