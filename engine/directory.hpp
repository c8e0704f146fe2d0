#pragma once
// Organisations, the secrets they sign in with, where they are and whom of them to reach. Asking
// who a secret belongs to, or whom a bulletin concerns, looks into memory and is for any thread;
// changes are durable before they count, and made by one thread at a time (the folder's owner: see
// ops/admin and POST /v1/session). Whom to reach lies on the disk alone, sealed under a key of each
// organisation that is wrapped by one outside the data folder.
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/bytes.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "engine/filter.hpp"
#include "engine/grouping.hpp"
#include "engine/member.hpp"
#include "engine/profile.hpp"

namespace engine {

/// One organisation, without its secrets.
struct Organisation {
  std::string key;                              // [a-z0-9_-]{1,64}: it is a NATS token too
  std::string name;                             // for people
  std::vector<std::string> groups;              // sorted, each once
  std::vector<Filter::Parameter> subscription;  // of streams that name no filter of their own
  Time since;
  bool operator==(const Organisation&) const = default;
};

/// An organisation with its profile.
struct Registration {
  Organisation organisation;
  Profile profile;
};

/// Whether one may be kept, as far as it can be said of it alone; the sentence holds no contact.
Result<void> check(const Registration& registration);

/// Overwrites what somebody is reached by, where it is not needed any more.
void wipe(Profile& profile) noexcept;

/// One that a bulletin concerns.
struct OrganisationConcerned {
  std::string organisation;  // its key
  float km =
      0;  // from its nearest site to the middle of what is named or drawn; 0 where it is named
};

/// What an organisation says of itself. What is not there stays as it was; what is there takes the
/// place of all that was.
struct OwnWords {
  std::optional<Profile> profile;
  std::optional<std::vector<Filter::Parameter>> subscription;
  /// Asked of what there is, while nobody else changes it: with a no nothing is changed. Null: it
  /// is changed whatever it was.
  std::function<bool(const Organisation&, const Profile&)> still = nullptr;
};

/// A secret, as far as it is kept: never its text.
struct Credential {
  std::uint64_t number = 0;  // its name in lists; never used again
  enum class Kind : std::uint8_t { token, invitation } kind = Kind::token;
  Time since;
  // Invitations: 24 h; used once. Tokens that came by one: limits::kSessionMax unless renewed.
  std::optional<Time> expires;
  bool operator==(const Credential&) const = default;
};

/// A secret, shown once: 256 random bits in base64url behind a prefix that scanners know.
struct Secret {
  using Kind = Credential::Kind;
  Kind kind = Kind::token;
  std::string text;  // "tocsin_t_…" or "tocsin_i_…"
  std::optional<Time> expires;
  std::uint64_t number = 0;
};

/// What has become of a member since it signed in.
enum class Membership : std::uint8_t {
  holds,
  changed,  // its groups or its subscription are others now
  ended,    // its secret was revoked, or the organisation erased
};

/// What became of a code that somebody typed.
enum class CodeTried : std::uint8_t {
  right,
  wrong,
  over,  // none was sent there, it is too old, was used, or was wrong too often: ask for another
};

/// What an erased organisation has left in the folder's files.
enum class Erased : std::uint8_t {
  cleanly,        // nothing
  until_restart,  // the disk did not clean up; the next start does
};

struct StoreTrial;  // engine/store/trial.hpp: what tests put beneath a store

struct DirectoryOptions {
  std::filesystem::path directory;                           // made where it is not there
  enum class Medium { disk, memory } medium = Medium::disk;  // memory: for tests
  // Left free for others by what adds to the directory. What takes away may use it.
  std::uint64_t working_bytes = 24UL << 20;
  // With the key that wraps the others: one line, of mode 0600, outside the data folder, which is
  // the parent of `directory`. Made with the first profile. Empty: where it was, or beside the data
  // folder with its name and .key.
  std::filesystem::path key_file = {};
  cap::Status default_status = cap::Status::actual;  // of subscriptions that name none
  std::shared_ptr<const StoreTrial> trial = nullptr;
};

class Directory {
 public:
  static Result<std::unique_ptr<Directory>> open(const DirectoryOptions& options,
                                                 const Clock& clock);
  ~Directory();

  // Any thread, no I/O.

  /// Whose token this is; nothing for invitations, the erased, the unknown and what ran out. Takes
  /// as long for a wrong one as for a right one.
  std::optional<Member> member_of(std::string_view token) const;
  /// When a token that came by an invitation runs out; nothing for every other.
  std::optional<Time> expiry_of(std::string_view token) const;
  std::optional<Organisation> find(std::string_view key) const;
  std::vector<Organisation> all() const;  // by key
  std::size_t size() const;
  std::vector<Credential> credentials_of(std::string_view key) const;  // by number
  /// Its subscription with the places of its profile, as its streams are filtered.
  std::vector<Filter::Parameter> subscription_of(std::string_view key) const;
  /// Whom these reaches, which are complete, concern: each organisation once, in no order. Public
  /// ones by the places of profiles and subscriptions; Restricted and Private ones whom they name,
  /// as is_for() has it, and of those the ones they concern where they have a place. `sectors`:
  /// only organisations of one of these, where there are any.
  std::vector<OrganisationConcerned> concerned(std::span<const cap::Reach> reaches,
                                               std::span<const std::string> sectors = {}) const;
  /// By what one that these reaches concern is counted: the authority of the first of its places
  /// that they concern, or else of its first place; and its sectors. Nothing where there is no such
  /// organisation.
  std::optional<Grouping> grouping_of(std::string_view key,
                                      std::span<const cap::Reach> reaches) const;
  /// Whether they concern anybody: cheaper than a list of all.
  bool concerns_anybody(std::span<const cap::Reach> reaches) const;
  /// Grows with every change: who was signed in then may not be now.
  std::uint64_t revision() const noexcept;
  /// Anonymous readers hold for ever.
  Membership membership(const Member& member) const;
  /// False after a failed write: changes are refused until a restart.
  bool writable() const noexcept;
  /// The last change found no room on the disk. The next one looks again.
  bool full() const noexcept;
  /// The last change was not made since the disk was slow just then: it can be asked for again.
  bool busy() const noexcept;

  /// A hash under a key that lies outside the data folder, of its own for each purpose: by it an
  /// address is found again where it may not be kept, and a word is known that came from here.
  /// Nothing before somebody's contacts were kept.
  std::optional<Octets<32>> keyed_hash(std::string_view purpose, std::string_view text) const;

  // Any thread that may wait for the disk.

  /// Where it is and whom to reach; nothing where there is no such organisation, or nothing was
  /// said of it. Nothing of it stays in memory.
  Result<std::optional<Profile>> profile(std::string_view key) const;

  // Changes: durable when they return; any thread, one after the other; each waits for the disk.

  /// New organisations, or new values for those there are; all of them or none. Refuses keys and
  /// texts out of form.
  Result<void> put(std::span<const Organisation> organisations);
  Result<void> put(const Organisation& organisation);
  /// The same with profiles, in place of those there are. A contact without a number that has the
  /// way and address of one that is there stays that one, consent and all; any other gets a number
  /// that no contact ever had. A webhook without a secret gets one.
  Result<void> put(std::span<const Registration> registrations);
  /// Nothing will ever arrive at those contacts: organisation and number of each. One write for
  /// all; one that is there no more is no failure, and one that cannot be read keeps no others from
  /// it. Waits for no other change: while one is being made it says no.
  Result<void> mark_dead(std::span<const std::pair<std::string, std::uint32_t>> contacts);
  /// What an organisation changes by itself. An address that is new, or that nothing may be sent
  /// to, is sent nothing until confirm(). A webhook that is new is refused, and a sector that no
  /// organisation has.
  Result<void> put_own(std::string_view key, OwnWords own);
  /// A code of six digits for whoever reads what is sent to this address; it is kept as a hash.
  /// Nothing where limits::kCodesAnHour were drawn within the hour. The address need not be a
  /// contact yet.
  Result<std::optional<std::string>> draw_code(std::string_view key, Way way,
                                               std::string_view address);
  /// The code came back. Where it is right the address is a contact that is confirmed, consents and
  /// is alive; a new one is the last.
  Result<CodeTried> confirm(std::string_view key, Way way, std::string_view address,
                            std::string_view code);
  /// Nothing is sent to that contact any more. One that is there no more is no failure.
  Result<void> leave(std::string_view key, std::uint32_t contact);
  /// A new secret for an organisation there is. Only its hash is kept.
  Result<Secret> issue(std::string_view key, Secret::Kind kind);
  /// An invitation becomes a token, once and in time.
  Result<Secret> accept(std::string_view invitation);
  /// A token that came by an invitation counts limits::kSessionMax from now on.
  Result<void> renew(std::string_view token);
  /// Ends one secret, by its text or by its number, or (erase) the organisation and everything of
  /// it: its key is destroyed, and no octet of what it said is left in the folder's files. Where
  /// the disk does not do the latter, that is said, and done at the next start.
  Result<void> revoke(std::string_view secret);
  Result<void> revoke(std::string_view key, std::uint64_t number);
  Result<Erased> erase(std::string_view key);

 private:
  struct Parts;
  explicit Directory(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace engine
